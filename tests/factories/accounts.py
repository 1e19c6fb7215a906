"""Stores and people, with the least said."""

from __future__ import annotations

from itertools import count
from typing import Any

from django.test import Client

from accounts.models import Role, Store, StoreRole, User

PASSWORD = "correct horse battery"
_number = count(1)


def make_store(slug: str = "", **fields: Any) -> Store:
    """A store in pounds and London time unless said otherwise."""
    slug = slug or f"store-{next(_number)}"
    defaults = {"name": slug.replace("-", " ").capitalize(), "currency": "GBP", "timezone": "Europe/London"}
    return Store.objects.create(slug=slug, **(defaults | fields))


def make_user(
    email: str = "", *, store: Store | None = None, role: Role = Role.MANAGER, **fields: Any
) -> User:
    """A person who signs in with PASSWORD; with a role in the store where one is given."""
    email = email or f"person-{next(_number)}@example.com"
    user = User.objects.create_user(email, PASSWORD, **fields)
    if store is not None:
        StoreRole.objects.create(store=store, user=user, role=role)
    return user


def signed_in(store: Store, role: Role = Role.MANAGER) -> Client:
    """A browser in which somebody with the role in the store is signed in."""
    client = Client()
    client.force_login(make_user(store=store, role=role))
    return client
