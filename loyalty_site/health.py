"""Two questions of whoever watches the site: is the process alive, and can it serve?"""

from functools import cache

from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process answers; asks nothing of the database."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when the database answers and has every migration of this release, else 503 with the reason."""
    try:
        missing = _newest_migrations() - MigrationRecorder(connection).applied_migrations().keys()
    except DatabaseError:
        return _not_ready("the database can't be reached")
    if missing:
        app, name = min(missing)
        return _not_ready(
            f"{len(missing)} migrations to apply, {app}.{name} among them: run manage.py prepare"
        )
    return HttpResponse("ready\n", content_type="text/plain")


def _not_ready(reason: str) -> HttpResponse:
    return HttpResponse(f"not ready: {reason}\n", status=503, content_type="text/plain")


@cache
def _newest_migrations() -> frozenset[tuple[str, str]]:
    """The last migration of each app, which has all of that app's others behind it; read from disk once."""
    return frozenset(MigrationLoader(None).graph.leaf_nodes())
