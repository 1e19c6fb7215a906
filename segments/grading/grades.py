"""Grading a scheme on outcomes: people scored as of a past day, compared with what they did since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction

from accounts.models import Store
from jobs.progress import Progress
from lib import sql
from lib.periods import local_today, start_of_next_day
from segments.grading.rules import Outcome, Separation, separation
from segments.models import Grading, SchemeVersion, Segment, SegmentGrade
from segments.past_scores import read_past, score_past
from segments.queries import latest_refresh
from segments.scoring import lock_scoring
from segments.stats import Basis, planned_for_everybody

HORIZONS = (30, 90, 180)  # days
PREVIEW_HORIZON = 90  # the one whose statistics are kept, so that drafts are graded on them


@dataclass(frozen=True)
class Past:
    """A day people are scored as of, and the last day of what they did since, by the clock of a zone."""

    store: Store
    as_of: date
    until_on: date
    timezone: str


@dataclass(frozen=True)
class Grades:
    """How a scheme did: by segment id, for everybody, and how well the order of the segments foretold who would buy.

    Rows of sql/grade_segments.sql; money in minor units.
    """

    segments: dict[int, Any]
    everybody: Any
    separation: Separation | None


@transaction.atomic
def grade_store(
    *, store: Store, until_on: date | None = None, progress: Progress | None = None
) -> list[Grading]:
    """Grades the scheme of the latest refresh over each of HORIZONS; returns the gradings, shortest first.

    `until_on`: the last day looked at (default: the last whole day up to the latest refresh). Graded again,
    a day's gradings are replaced. Nothing to grade, and no gradings, before the first refresh.
    """
    progress = progress or Progress()
    lock_scoring(store)
    refresh = latest_refresh(store)
    if refresh is None:
        return []
    until_on = until_on or last_whole_day(refresh.as_of, refresh.timezone)
    made = []
    for place, days in enumerate(HORIZONS):
        progress.report(done=place, total=len(HORIZONS), unit="stretches", note=f"{days} days")
        past = Past(store, until_on - timedelta(days=days), until_on, refresh.timezone)
        made.append(_record(past, refresh.scheme_version, days))
    progress.report(done=len(HORIZONS), note="")
    return made


def last_whole_day(as_of: date, timezone: str) -> date:
    """The day, or the one before where it isn't over yet by the zone's clock."""
    return min(as_of, local_today(timezone) - timedelta(days=1))


def grade_on_orders(past: Past, scheme: SchemeVersion, *, keep: bool = False) -> Grades:
    """The grades of a scheme, saved or not, from the orders. Needs a transaction.

    `keep` keeps the statistics it read, for drafts to be graded on (segments.schemes.score_cubes).
    """
    basis = Basis(as_of=past.as_of, window_months=scheme.window_months, timezone=past.timezone)
    since, until = basis.until, start_of_next_day(past.until_on, past.timezone)
    store_id = past.store.pk
    with planned_for_everybody():
        read_past(store_id=store_id, basis=basis)
        sql.execute("segments", "outcomes", {"store_id": store_id, "since": since, "until": until})
        if keep:
            sql.execute("segments", "draft_past_window")
            sql.execute("segments", "keep_as_of", {"store_id": store_id})
        return _graded(past, scheme)


def _graded(past: Past, scheme: SchemeVersion) -> Grades:
    score_past(scheme=scheme, as_of=past.as_of)
    rows = sql.rows("segments", "grade_segments")
    sql.execute("segments", "drop_outcomes")
    by_segment = {row.segment_id: row for row in rows if not row.everybody}
    everybody = next(row for row in rows if row.everybody)
    healths = dict(Segment.objects.filter(pk__in=by_segment).values_list("pk", "health"))
    outcomes = [
        Outcome(healths[segment_id], row.buyers, row.customers - row.buyers)
        for segment_id, row in by_segment.items()
    ]
    return Grades(by_segment, everybody, separation(outcomes))


def _record(past: Past, scheme: SchemeVersion, days: int) -> Grading:
    grades = grade_on_orders(past, scheme, keep=days == PREVIEW_HORIZON)
    everybody, found = grades.everybody, grades.separation
    Grading.objects.filter(scheme_version=scheme, horizon_days=days, as_of=past.as_of).delete()
    grading = Grading.objects.create(
        store=past.store,
        scheme_version=scheme,
        horizon_days=days,
        as_of=past.as_of,
        until_on=past.until_on,
        timezone=past.timezone,
        customers=everybody.customers,
        buyers=everybody.buyers,
        spend=everybody.spend,
        median_spend=everybody.median_spend,
        separation=found.value if found else None,
        separation_low=found.low if found else None,
        separation_high=found.high if found else None,
    )
    SegmentGrade.objects.bulk_create(_grades(grading, sorted(set(scheme.cells)), grades))
    return grading


def _grades(grading: Grading, segment_ids: Sequence[int], grades: Grades) -> list[SegmentGrade]:
    made = []
    for segment_id in segment_ids:
        row = grades.segments.get(segment_id)
        made.append(
            SegmentGrade(
                grading=grading,
                segment_id=segment_id,
                customers=row.customers if row else 0,
                buyers=row.buyers if row else 0,
                spend=row.spend if row else 0,
                median_spend=row.median_spend if row else 0,
            )
        )
    return made
