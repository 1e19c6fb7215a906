"""What the page around every page shows: the store, the other stores, the person and their role."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.access import stores_of
from accounts.models import User


def shell(request: HttpRequest) -> dict[str, Any]:
    """Template context of the shell. The list of stores is read only where a template shows it."""
    user = request.user
    return {
        "store": getattr(request, "store", None),
        "role": getattr(request, "role", None),
        "own_stores": SimpleLazyObject(lambda: list(stores_of(user)) if isinstance(user, User) else []),
    }
