"""Which figures a page shows, so that a page left open can be told of newer ones.

A version is the store's latest refresh and its newest value fit, written "12-7"; 0 stands for none yet.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Subquery

from accounts.models import Store
from lib.numbers import whole_number
from segments.models import ValueFit
from segments.queries import refreshes


def figures_version(store: Store) -> str:
    """The version of the store's figures as of now. One query."""
    refresh = Subquery(refreshes(store).values("id")[:1])
    fit = Subquery(ValueFit.objects.filter(store=store).order_by("-id").values("id")[:1])
    return "-".join(str(newest or 0) for newest in Store.objects.values_list(refresh, fit).get(pk=store.pk))


def newer_than(store: Store, seen: str) -> datetime | None:
    """When the store's figures were finished, if they are others than those of the version `seen`.

    None where they are the same, where there are none, and for what is no version. At most three queries.
    """
    refresh, _, fit = seen.partition("-")
    if whole_number(refresh) is None or whole_number(fit) is None or figures_version(store) == seen:
        return None
    finished = [
        refreshes(store).values_list("finished_at", flat=True).first(),
        ValueFit.objects.filter(store=store).order_by("-id").values_list("finished_at", flat=True).first(),
    ]
    return max((at for at in finished if at), default=None)
