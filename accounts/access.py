"""The gate: the one place that reads roles and decides who may see or do what.

A store view is decorated with `store_page(...)`. It gets the loaded store on `request.store` and the person's
role on `request.role`; dates on the page are the store's. Somebody without a role in the store gets the same 404
as for a store that doesn't exist; somebody whose role may not open the page gets 403.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django_htmx.middleware import HtmxDetails

from accounts.models import Role, Store, StoreRole, User

P = ParamSpec("P")

EVERYONE = frozenset(Role)
MANAGERS = frozenset({Role.MANAGER, Role.ADMIN})
ADMINS = frozenset({Role.ADMIN})


class StoreRequest(HttpRequest):
    """A request that has passed the gate."""

    user: User
    store: Store
    role: Role
    htmx: HtmxDetails


StoreView = Callable[Concatenate[StoreRequest, P], HttpResponseBase]


def store_page(roles: frozenset[Role]) -> Callable[[StoreView[P]], Callable[..., HttpResponseBase]]:
    """Lets the given roles through to a view under /s/<store>/; the view is told its store by the request."""

    def decorate(view: StoreView[P]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def gated(request: HttpRequest, store: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(_way_back(request, store))
            loaded = role_in_store(request.user, store)
            if loaded is None:
                raise Http404("No such store.")
            passed = cast(StoreRequest, request)
            passed.store, passed.role = loaded.store, Role(loaded.role)
            if passed.role not in roles:
                raise PermissionDenied
            with timezone.override(loaded.store.timezone):
                response = view(passed, *args, **kwargs)
            patch_cache_control(response, private=True)
            return response

        gated.allowed_roles = roles  # type: ignore[attr-defined]  # read by tests/test_isolation.py
        return gated

    return decorate


def _way_back(request: HttpRequest, slug: str) -> str:
    """Where the sign-in leads: the page asked for. What was sent isn't sent again, so that an address which only
    takes what is sent would show nothing: it is the store's first page then.
    """
    return request.get_full_path() if request.method in ("GET", "HEAD") else reverse("today", args=[slug])


def role_in_store(user: User, slug: str) -> StoreRole | None:
    """The person's role in the store, with the store loaded; None where they have none."""
    return StoreRole.objects.select_related("store").filter(user=user, store__slug=slug).first()


def stores_of(user: User) -> QuerySet[Store]:
    """The stores in which the person has a role."""
    return Store.objects.filter(id__in=StoreRole.objects.filter(user=user).values("store_id"))
