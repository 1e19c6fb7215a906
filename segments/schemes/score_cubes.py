"""A store's people counted by scores, so that any grid over the same cut points is a sum of at most 125 cells.

Reading a million customers takes a second; painting a cell shouldn't. Counts are cached for a while under what they
depend on: the refresh or grading, the number of scores, the cut points and the window. Customers who have ordered
since stay where they were when they were counted.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any, NamedTuple

from django.core.cache import cache
from django.db import transaction

from lib import sql
from lib.periods import start_of_next_day
from segments.models import Grading, Refresh
from segments.past_scores import read_past
from segments.schemes.drafts import Draft
from segments.scoring import cut_points_from, shares_of
from segments.stats import Basis, planned_for_everybody

KEPT_SECONDS = 3600


class Standing(NamedTuple):
    """Customers of one segment (None: of none), one triple of scores, and one third of all ids.

    Scores are 0 without a counted order. `best`: the most revenue of one of them in minor units, and their id.
    """

    segment_id: int | None
    r: int
    f: int
    m: int
    customers: int
    best: list[int]


class Outcomes(NamedTuple):
    """Customers of one triple of scores, how many of them bought since, and for how much net in minor units."""

    r: int
    f: int
    m: int
    customers: int
    buyers: int
    spend: int


class Shares(NamedTuple):
    """The values at which people fall into equal shares, as sql/draft_cut_points.sql finds them; None if there is
    nobody.
    """

    last_on: list[date] | None
    frequency: list[int] | None
    monetary: list[int] | None


@dataclass(frozen=True)
class _Source:
    """People to count: a name for them, the day they are scored as of, and what makes draft_people."""

    name: str
    as_of: date
    read: Callable[[], None]


def standing(refresh: Refresh, draft: Draft) -> list[Standing]:
    """Everybody as of the refresh, where they are now and by the draft's scores."""
    basis = Basis(refresh.as_of, draft.window_months, refresh.timezone)

    def read() -> None:
        if draft.window_months == refresh.scheme_version.window_months:
            sql.execute("segments", "draft_present", {"store_id": refresh.store_id})
        else:
            read_past(store_id=refresh.store_id, basis=basis)
            sql.execute("segments", "draft_present_window", {"store_id": refresh.store_id})

    source = _Source(f"refresh:{refresh.pk}:{draft.window_months}", refresh.as_of, read)
    return [Standing(*row) for row in _counted(source, draft, "draft_standing")]


def outcomes(grading: Grading, draft: Draft) -> list[Outcomes]:
    """Everybody scored by the draft as of a grading's past day, and what they did since."""
    basis = Basis(grading.as_of, draft.window_months, grading.timezone)

    def read() -> None:
        store = {"store_id": grading.store_id}
        if draft.window_months == grading.scheme_version.window_months:
            sql.execute("segments", "draft_past", store)
        else:
            read_past(store_id=grading.store_id, basis=basis)
            stretch = {
                "since": basis.until,
                "until": start_of_next_day(grading.until_on, grading.timezone),
            }
            sql.execute("segments", "outcomes", {**store, **stretch})
            sql.execute("segments", "draft_past_window")

    source = _Source(f"grading:{grading.pk}:{draft.window_months}", grading.as_of, read)
    return [Outcomes(*row) for row in _counted(source, draft, "draft_outcomes")]


def _counted(source: _Source, draft: Draft, statement: str) -> list[list[Any]]:
    """The rows of the statement over the source, by the draft's cut points; read only if they aren't cached."""
    cuts = json.dumps([draft.bins, draft.thresholds], sort_keys=True)
    key = f"scheme:{source.name}:{sha256(cuts.encode()).hexdigest()}"
    rows: list[list[Any]] | None = cache.get(key)
    if rows is None:
        shares_key = f"scheme:{source.name}:{draft.bins}"
        kept = cache.get(shares_key)
        with transaction.atomic():
            shares, rows = _read(source, draft, statement, Shares(*kept) if kept else None)
            transaction.set_rollback(True)  # drops the temporary tables and views
        # Plain values, so that any version of the program can read what another has cached.
        cache.set_many({key: rows, shares_key: tuple(shares)}, KEPT_SECONDS)
    return rows


def _read(
    source: _Source, draft: Draft, statement: str, shares: Shares | None
) -> tuple[Shares, list[list[Any]]]:
    """The values at equal shares, found where they aren't given, and the rows."""
    with planned_for_everybody():
        source.read()
        if shares is None:
            found = sql.one("segments", "draft_cut_points", {"shares": shares_of(draft)})
            shares = Shares(found.last_on, found.frequency, found.monetary)
        cuts = cut_points_from(shares, draft, source.as_of)
        rows = sql.rows("segments", statement, cuts.bounds(source.as_of))
        return shares, [list(row) for row in rows]
