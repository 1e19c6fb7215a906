"""Scoring a store: cut points, scores, segments and moves, nightly for everybody and live for one customer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from time import perf_counter
from typing import Any, Protocol

from django.db import connection, transaction
from django.utils.timezone import now

from accounts.models import Store
from jobs.models import Job
from jobs.progress import Progress
from lib import sql
from lib.periods import local_today
from orders.models import DirtyCustomer
from segments import moves
from segments.chain import last_link
from segments.models import Refresh, SchemeVersion, ScoreCell, SegmentSize
from segments.queries import latest_refresh
from segments.rules import CutPoints, bands_passed
from segments.schemes.versions import current_scheme
from segments.stats import (
    Basis,
    Recomputed,
    planned_for_everybody,
    recompute,
    recompute_customers,
)

STEPS = ("Statistics of customers", "Cut points", "Scores, segments and moves", "Figures for the pages")


class Cutting(Protocol):
    """How scores are cut: a version of a scheme, or a draft of one. `thresholds` as in SchemeVersion."""

    @property
    def bins(self) -> int: ...

    @property
    def thresholds(self) -> Mapping[str, Sequence[int]]: ...


# Up to this many changed customers are scored as soon as an import is done; if more changed, the refresh scores them.
RESCORED = 1_000

# Up to this share of the customers are looked up to be scored; of more, everybody is read in one go.
LOOKED_UP_SHARE = 0.15

# The first key of the advisory locks that let one refresh or re-scoring of a store run at a time.
_SCORING_LOCK = 7_365


@transaction.atomic
def refresh_store(
    *,
    store: Store,
    as_of: date | None = None,
    rebuild: bool = False,
    reason: str = Refresh.Reason.DEMAND,
    job: Job | None = None,
    progress: Progress | None = None,
) -> Refresh:
    """Scores the store as of a day (default: its today) and records cut points, moves and roll-ups.

    One transaction: until it ends everybody reads the previous refresh, and a crash leaves that. Writes only
    rows that differ. `rebuild` computes all statistics from the orders instead of those that changed; the
    result is the same. A job that already made its refresh gets that one. `progress` hears of each of STEPS.
    Raises ValueError for a reconstruction of the past after a store's first refresh, which it would overwrite.
    """
    clock = perf_counter()
    lock_scoring(store)
    if job and (made := Refresh.objects.filter(job=job).first()):
        return made
    if reason == Refresh.Reason.RECONSTRUCTED and latest_refresh(store):
        raise ValueError("The past can be reconstructed before a store's first refresh only.")
    refresh = Refresh(
        store=store,
        as_of=as_of or local_today(store.timezone),
        scheme_version=current_scheme(store),
        reason=reason,
        timezone=store.timezone,
        job=job,
    )
    _take_steps(refresh, progress or Progress(), rebuild=rebuild)
    refresh.finished_at, refresh.seconds = now(), perf_counter() - clock
    refresh.save(update_fields=["moved", "finished_at", "seconds"])
    return refresh


def _take_steps(refresh: Refresh, progress: Progress, *, rebuild: bool) -> None:
    """Each of STEPS in turn; leaves `moved` to be saved."""
    store, scheme, as_of = refresh.store, refresh.scheme_version, refresh.as_of
    progress.report(done=0, total=len(STEPS), unit="steps", note=STEPS[0])
    previous = last_link(store)
    done = _bring_statistics(refresh, previous, rebuild=rebuild)
    progress.report(done=1, note=STEPS[1])
    cuts, refresh.customers = find_cut_points(store, scheme, as_of)
    refresh.cut_points = cuts.as_json()
    refresh.save()
    progress.report(done=2, note=STEPS[2])
    customer_ids = _may_differ(refresh, previous, done)
    refresh.moved = _score(store, scheme, cuts, as_of, refresh=refresh, customer_ids=customer_ids)
    progress.report(done=3, note=STEPS[3])
    _roll_up(refresh)
    progress.report(done=len(STEPS), note="")


@transaction.atomic
def rescore_customers(*, store: Store, customer_ids: Sequence[int]) -> None:
    """Scores some customers at once, as of the store's today, against the latest refresh's cut points.

    Their segment changes; the move is recorded by the next refresh. Nothing to do before the first one.
    """
    lock_scoring(store)
    refresh = latest_refresh(store)
    if refresh is None or not customer_ids:
        return
    # Their figures are of another day than everybody else's now, so the next refresh must look at them again.
    DirtyCustomer.objects.bulk_create(
        DirtyCustomer(store_id=store.pk, customer_id=customer_id) for customer_id in customer_ids
    )
    scheme, today = refresh.scheme_version, local_today(refresh.timezone)
    basis = Basis(as_of=today, window_months=scheme.window_months, timezone=refresh.timezone)
    recompute_customers(store=store, basis=basis, customer_ids=customer_ids)
    cuts = CutPoints.from_json(refresh.cut_points)
    _score(store, scheme, cuts, today, customer_ids=customer_ids)


def rescore_changed(*, store: Store) -> int:
    """Scores at once the customers whose orders changed since the latest refresh; returns how many.

    Scores nobody if there are more than RESCORED: then a refresh is as quick. They stay in the log of changes, for
    the next refresh.
    """
    if latest_refresh(store) is None:
        return 0
    changed = DirtyCustomer.objects.filter(store_id=store.pk).values_list("customer_id", flat=True)
    customer_ids = sorted(changed.order_by().distinct()[: RESCORED + 1])
    if len(customer_ids) > RESCORED:
        return 0
    rescore_customers(store=store, customer_ids=customer_ids)
    return len(customer_ids)


def find_cut_points(store: Store, scheme: SchemeVersion, as_of: date) -> tuple[CutPoints, int]:
    """The cut points of the statistics as kept, and how many customers are scored.

    By share of the scored customers (product definition: 1 + floor(bins * share strictly worse)), except
    where the scheme fixes them by hand. Shares give the value of the last customer below a cut; the cut point is the
    next possible value (one order, minor unit or day more), since bins are lower <= value < upper.
    """
    with planned_for_everybody():
        found = sql.one("segments", "cut_points", {"store_id": store.pk, "shares": shares_of(scheme)})
    return cut_points_from(found, scheme, as_of), found.customers


def shares_of(scheme: Cutting) -> list[float]:
    """The shares at which a scheme cuts: 1/bins .. (bins-1)/bins."""
    return [k / scheme.bins for k in range(1, scheme.bins)]


def cut_points_from(found: Any, scheme: Cutting, as_of: date) -> CutPoints:
    """The cut points that follow from the values at the scheme's shares (sql/cut_points.sql)."""
    by_share = {
        "recency": [(as_of - last_on).days for last_on in reversed(found.last_on or [])],
        "frequency": [orders + 1 for orders in found.frequency or []],
        "monetary": [minor + 1 for minor in found.monetary or []],
    }
    return CutPoints.from_json({**by_share, **scheme.thresholds})


def lock_scoring(store: Store) -> None:
    """Holds a lock until the transaction ends, so that only one at a time scores the store or changes its chain."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, %s)", [_SCORING_LOCK, store.pk])


def _bring_statistics(refresh: Refresh, previous: Refresh | None, *, rebuild: bool) -> Recomputed:
    done = recompute(
        store=refresh.store,
        basis=_basis(refresh),
        previous=_basis(previous) if previous else None,
        rebuild=rebuild,
    )
    refresh.recomputed, refresh.rebuilt = done.customers, done.rebuilt
    return done


def _may_differ(refresh: Refresh, previous: Refresh | None, done: Recomputed) -> Sequence[int] | None:
    """The customers whose scores may differ from those kept, which are of `previous`; None for everybody, also where
    so many may differ that reading everybody is quicker.
    """
    if previous is None or done.rebuilt or previous.scheme_version_id != refresh.scheme_version_id:
        return None
    before, after = (CutPoints.from_json(one.cut_points).bounds(one.as_of) for one in (previous, refresh))
    parameters: dict[str, Any] = {"store_id": refresh.store_id, "customer_ids": list(done.customer_ids)}
    for name, cuts in after.items():
        if len(cuts) != len(before[name]):  # there was nobody to find cut points from
            return None
        parameters[f"{name}_from"], parameters[f"{name}_to"] = bands_passed(before[name], cuts)
    customer_ids: list[int] = sql.one("segments", "passed_customers", parameters).customer_ids
    return customer_ids if len(customer_ids) <= LOOKED_UP_SHARE * refresh.customers else None


def _basis(refresh: Refresh) -> Basis:
    return Basis(
        as_of=refresh.as_of,
        window_months=refresh.scheme_version.window_months,
        timezone=refresh.timezone,
    )


def _score(
    store: Store,
    scheme: SchemeVersion,
    cuts: CutPoints,
    as_of: date,
    *,
    refresh: Refresh | None = None,
    customer_ids: Sequence[int] | None = None,
) -> int:
    """Scores everybody for a refresh, or some between refreshes; returns how many moves were recorded."""
    parameters = {
        "store_id": store.pk,
        "customer_ids": None if customer_ids is None else list(customer_ids),
        **cuts.bounds(as_of),
        "cells": scheme.cube(),
        "prospects": scheme.prospects_id,
        "refresh_id": refresh.pk if refresh else None,
    }
    with planned_for_everybody():
        return int(sql.one("segments", "score_customers", parameters).moved)


def _roll_up(refresh: Refresh) -> None:
    parameters = {"store_id": refresh.store_id, "day": refresh.as_of.toordinal()}
    write_figures(refresh, sql.rows("segments", "roll_up", parameters))
    moves.roll_up(refresh)


def write_figures(refresh: Refresh, rows: Iterable[Any]) -> None:
    """Writes sizes and score cells (rows of sql/roll_up.sql); every segment of the scheme has a size, even if it
    is 0.
    """
    rows = list(rows)
    sizes = {
        segment_id: SegmentSize(
            refresh=refresh, segment_id=segment_id, customers=0, orders=0, revenue=0, recency_days=0
        )
        for segment_id in refresh.scheme_version.segment_ids()
    }
    for row in rows:
        if not row.cell and row.segment_id is not None:
            size = sizes[row.segment_id]
            size.customers, size.orders = row.customers, row.orders
            size.revenue, size.recency_days = row.revenue, row.recency_days
    SegmentSize.objects.bulk_create(sizes.values())
    ScoreCell.objects.bulk_create(
        ScoreCell(refresh=refresh, r=row.r, f=row.f, customers=row.customers, revenue=row.revenue)
        for row in rows
        if row.cell and row.r > 0
    )
