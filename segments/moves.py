"""Moves between segments: the roll-up of one refresh, and what they come to over several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Sum

from accounts.models import Store
from lib import sql
from segments.chain import Span, span_between
from segments.models import Move, MoveFlow, Refresh

KEPT_SECONDS = 30 * 24 * 3600  # of net flows: the moves between two refreshes are never changed


@dataclass(frozen=True)
class Flow:
    """How many customers went from one segment to another; None: from, or to, no segment."""

    before_id: int | None
    after_id: int | None
    customers: int


def roll_up(refresh: Refresh) -> None:
    """Writes the flows of a refresh from its moves, inside the refresh's transaction."""
    pairs = Move.objects.filter(refresh=refresh).values("before", "after").annotate(customers=Count("*"))
    MoveFlow.objects.bulk_create(
        MoveFlow(
            refresh=refresh, before_id=pair["before"], after_id=pair["after"], customers=pair["customers"]
        )
        for pair in pairs
    )


def gross_flows(refresh_ids: Sequence[int]) -> list[Flow]:
    """Every move of these refreshes by pair of segments, the largest first; somebody who went and came back is in
    two. One query on the roll-up.
    """
    pairs = MoveFlow.objects.filter(refresh__in=refresh_ids).values_list("before", "after")
    return [
        Flow(*row) for row in pairs.annotate(moves=Sum("customers")).order_by("-moves", "before", "after")
    ]


def flows_between(store: Store, earlier: Refresh, later: Refresh) -> list[Flow]:
    """Net flows after `earlier` up to and including `later`, in whichever order they are given: each customer from
    where they first left to where they last arrived, without those who came back. Read from the moves.
    """
    return flows_of(span_between(store, earlier, later))


def flows_of(span: Span) -> list[Flow]:
    """The net flows of a span, the largest first. Read from its moves the first time, cached from then on."""
    key = f"net-flows:{span.earlier.pk}:{span.later.pk}"
    kept: list[list[Any]] | None = cache.get(key)
    if kept is None:
        rows = sql.rows("segments", "flows_between", {"refresh_ids": span.refresh_ids})
        kept = [list(row) for row in rows]  # plain values, which any version of the program can read
        cache.set(key, kept, KEPT_SECONDS)
    return [Flow(*row) for row in kept]
