"""Keeping filters of the customer list under a name."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.http import QueryDict

from accounts.models import Store, User
from lib.keyset import PARAMETER
from segments.customers.models import LONGEST_QUERY
from segments.models import SavedFilter

MOST_KEPT = 50  # of a person in a store: the list shows them all at once


class FilterError(Exception):
    """Why a filter can't be kept so, in a sentence for the person."""


def saved_filters(store: Store, person: User) -> QuerySet[SavedFilter]:
    """The filters that a person sees in a store and may change: their own and the shared ones, by name."""
    seen = Q(saved_by=person) | Q(shared=True)
    return SavedFilter.objects.filter(seen, store=store).order_by("name", "id")


def save_filter(
    *, store: Store, person: User, name: str, query: str, shared: bool
) -> tuple[SavedFilter, bool]:
    """Keeps a list's query string, and says whether under a new name; a person's filter of the same name becomes this
    one. Raises FilterError.
    """
    name, query = _checked(name), essence(query)
    if not query:
        raise FilterError("There is no filter to save: choose one, press Show, then save it.")
    if len(query) > LONGEST_QUERY:
        raise FilterError("These filters are too long to be saved.")
    own = SavedFilter.objects.filter(store=store, saved_by=person)
    if own.exclude(name=name).count() >= MOST_KEPT:
        raise FilterError(
            f"You keep {MOST_KEPT} filters, as many as there can be. Delete one you don’t need first."
        )
    return own.update_or_create(
        store=store, saved_by=person, name=name, defaults={"query": query, "shared": shared}
    )


def change_filter(*, kept: SavedFilter, name: str, shared: bool) -> None:
    """Gives a saved filter a name, and shares it or not; one that is gone stays gone. Raises FilterError."""
    kept.name, kept.shared = _checked(name), shared
    try:
        with transaction.atomic():
            SavedFilter.objects.filter(pk=kept.pk).update(name=kept.name, shared=kept.shared)
    except IntegrityError:
        raise FilterError(f"There is another filter named {kept.name}. Take another name.") from None


def delete_filter(*, kept: SavedFilter) -> None:
    """Forgets a saved filter."""
    kept.delete()


def essence(query: str) -> str:
    """A list's query string without what is empty, and without its page."""
    given = QueryDict(query.replace("\x00", ""), mutable=True)
    for name in list(given):
        if name == PARAMETER or not given[name]:
            del given[name]
    return given.urlencode()


def _checked(name: str) -> str:
    name = " ".join(name.replace("\x00", "").split())
    if not name:
        raise FilterError("Give the filter a name.")
    if len(name) > 60:
        raise FilterError("Take a name of 60 letters at most.")
    return name
