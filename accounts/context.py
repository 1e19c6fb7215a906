"""What the page around every page shows: the store, the other stores, the person and their role."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.access import stores_of
from accounts.models import Role, User


def shell(request: HttpRequest) -> dict[str, Any]:
    """Template context of the shell. The list of stores is read only where a template shows it.

    `demo_roles` are those the sign-in page offers a button for; none outside of the demo.
    """
    user = getattr(request, "user", None)
    return {
        "store": getattr(request, "store", None),
        "role": getattr(request, "role", None),
        "own_stores": SimpleLazyObject(lambda: list(stores_of(user)) if isinstance(user, User) else []),
        "demo_roles": Role.choices if settings.DEMO else [],
    }
