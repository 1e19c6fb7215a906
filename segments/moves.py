"""Moves between segments: the roll-up of one refresh, and what they come to over several."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from accounts.models import Store
from lib import sql
from segments.models import Move, MoveFlow, Refresh


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


def flows_between(store: Store, earlier: Refresh, later: Refresh) -> list[Flow]:
    """Net flows after `earlier` up to and with `later`: a customer who went and came back isn't in them.

    Both are refreshes that ran one after the other (by id), whatever days they looked at; those that
    reconstruct the past stand apart and don't count. Read from the moves: use `queries.move_flows` for one.
    """
    parameters = {"store_id": store.pk, "after_id": earlier.pk, "until_id": later.pk}
    return [Flow(*row) for row in sql.rows("segments", "flows_between", parameters)]
