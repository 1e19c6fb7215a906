"""Reads of a store's people."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.models import Invitation, Store, StoreRole


def team(store: Store) -> QuerySet[StoreRole]:
    """Who works in the store, by name; with the person."""
    return (
        StoreRole.objects.filter(store=store)
        .select_related("user")
        .order_by("user__name", "user__email", "id")
    )


def open_invitations(store: Store) -> QuerySet[Invitation]:
    """Invitations nobody has accepted, newest first, expired ones included; with who invited."""
    return (
        Invitation.objects.filter(store=store, accepted_at=None)
        .select_related("invited_by")
        .order_by("-created_at", "-id")
    )
