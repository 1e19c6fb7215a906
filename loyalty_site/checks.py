"""System checks of the site as a whole; `migrate` runs those of the database before anything else."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

OLDEST_POSTGRESQL = 18  # RETURNING old/new, the builtin locale and MAINTAIN are relied on


@register(Tags.database)
def check_postgresql_version(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """One clear sentence instead of a syntax error halfway through a refresh."""
    problems: list[CheckMessage] = []
    for alias in databases or ():
        version = connections[alias].get_database_version()
        if version[0] < OLDEST_POSTGRESQL:
            problems.append(
                Error(
                    f"Regulars needs PostgreSQL {OLDEST_POSTGRESQL} or newer; "
                    f"the server that DATABASE_URL names is {'.'.join(map(str, version))}.",
                    hint="Name a newer server, or leave DATABASE_URL out to use the embedded one.",
                    id="regulars.E001",
                )
            )
    return problems
