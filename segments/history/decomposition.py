"""Why segments change: every move split into its causes, so that the parts of a change add up to it exactly."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Count
from django.utils.timezone import now

from accounts.models import Store
from lib import sql
from segments.chain import before_in_chain, chain
from segments.models import Cause, CauseFlow, MoveCause, MoveFlow, Refresh
from segments.rules import CutPoints
from segments.stats import WORK_MEM, Basis

_ALWAYS = "-infinity"


@transaction.atomic
def explain_moves(*, refresh: Refresh) -> int:
    """Splits the moves of a refresh into their causes and rolls these up; returns how many parts there are.

    Each mover is scored again after each cause in turn (docs/adr/0005), from the orders as they are known now:
    right after the refresh, when the nightly job runs this, that is what the refresh knew. The parts of a move lead
    from its start to its end, so their sums are the changes of the segments, whatever happened since. Running it
    again replaces the parts by the same ones. A refresh that no longer exists (because a new reconstruction of the
    past replaced it) has no parts.
    """
    locked = Refresh.objects.select_for_update(of=("self",)).select_related("store", "scheme_version")
    found = locked.filter(pk=refresh.pk).first()
    if found is None:
        return 0
    refresh = found
    CauseFlow.objects.filter(refresh=refresh).delete()
    MoveCause.objects.filter(refresh=refresh).delete()
    before = before_in_chain(refresh)
    parts = _walk(refresh, before) if before else 0
    _roll_up(refresh)
    refresh.explained_at = now()
    refresh.save(update_fields=["explained_at"])
    return parts


def explain_outstanding(store: Store) -> int:
    """Explains the refreshes of the store that aren't explained yet; returns how many."""
    outstanding = [refresh for refresh in chain(store) if refresh.explained_at is None]
    for refresh in outstanding:
        explain_moves(refresh=refresh)
    return len(outstanding)


def _walk(refresh: Refresh, before: Refresh) -> int:
    if not refresh.moved:
        return 0
    with sql.planner(work_mem=WORK_MEM):
        return sql.execute("segments", "explain_moves", _conditions(refresh, before))


def _conditions(refresh: Refresh, before: Refresh) -> dict[str, object]:
    """The parameters of sql/explain_moves.sql: by what each refresh scored."""
    same_scheme = refresh.scheme_version_id == before.scheme_version_id
    months = before.scheme_version.window_months
    then = Basis(as_of=before.as_of, window_months=months, timezone=before.timezone)
    today = Basis(as_of=refresh.as_of, window_months=months, timezone=refresh.timezone)
    return {
        "refresh_id": refresh.pk,
        "store_id": refresh.store_id,
        "timezone": refresh.timezone,
        "until_both": max(then.until, today.until),
        "since_both": min(then.until, today.until),
        "last_cause": Cause.CORRECTED_SINCE if same_scheme else Cause.SCHEME,
        **_scored_by(before, then, "then"),
        **_scored_by(refresh if same_scheme else before, today, "now"),
        "day_now": refresh.as_of,
    }


def _scored_by(refresh: Refresh, basis: Basis, when: str) -> dict[str, object]:
    cuts, scheme = CutPoints.from_json(refresh.cut_points), refresh.scheme_version
    window_from: datetime | str = basis.window_from or _ALWAYS
    named = {
        "day": basis.as_of,
        "until": basis.until,
        "from": window_from,
        "recency": list(cuts.recency),
        "frequency": list(cuts.frequency),
        "monetary": list(cuts.monetary),
        "cells": scheme.cube(),
        "prospects": scheme.prospects_id,
    }
    return {f"{name}_{when}": value for name, value in named.items()}


def _roll_up(refresh: Refresh) -> None:
    causes = MoveCause.objects.filter(refresh=refresh).values("cause", "before", "after")
    arrivals = MoveFlow.objects.filter(refresh=refresh, before=None)
    CauseFlow.objects.bulk_create(
        [
            *(
                CauseFlow(
                    refresh=refresh,
                    cause=part["cause"],
                    before_id=part["before"],
                    after_id=part["after"],
                    customers=part["customers"],
                )
                for part in causes.annotate(customers=Count("customer"))
            ),
            *(
                CauseFlow(
                    refresh=refresh, cause=Cause.ARRIVED, after_id=flow.after_id, customers=flow.customers
                )
                for flow in arrivals
            ),
        ]
    )
