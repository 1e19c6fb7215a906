"""The Segments page: every segment of the latest refresh, where people stand, and who moved since an earlier one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from django.db.models import QuerySet

from accounts.models import Store
from lib.charts import Chart
from segments import charts, findings, move_queries, queries
from segments.addresses import customers_url, segment_url
from segments.models import Refresh
from segments.passages import moves_chart
from segments.queries import SegmentFlow, SizedSegment
from segments.rules import CutPoints

Measure = Literal["customers", "revenue"]
REFRESHES_SHOWN = 6

# How far back to compare, as the address says it; 0 days: with the refresh of the day before.
PERIODS = {"last": 0, "7d": 7, "4w": 28, "12w": 84}


@dataclass(frozen=True)
class SegmentRow:
    """A row of the table: `good` is the way in which a change is good news, as components/delta.html takes it."""

    sized: SizedSegment
    good: str
    url: str


@dataclass(frozen=True)
class Overview:
    """What the page shows. `since` is the day from which changes and moves are counted; None at first.

    `new_scheme` says that some of the moves come from a change of scheme; else empty.
    """

    refresh: Refresh
    since: date | None
    finding: str
    new_scheme: str
    rows: Sequence[SegmentRow]
    sizes: Chart
    cells: Chart
    cells_note: str
    moves: Chart | None
    refreshes: QuerySet[Refresh]


def overview(store: Store, *, measure: Measure, days: int) -> Overview | None:
    """The page's figures; None before the first refresh. `days`: one of PERIODS.

    A fixed number of queries, all on roll-ups.
    """
    refresh = queries.latest_refresh(store)
    if refresh is None:
        return None
    earlier = _compared_with(refresh, days)
    sized = queries.segment_sizes(store, refresh, earlier=earlier)
    flows = flows_since(store, refresh, earlier, sized) if earlier else []
    since = earlier.as_of if earlier else None
    cells = list(queries.score_cells(store, refresh))
    new_scheme = findings.new_scheme_text(refresh, earlier)
    cuts = CutPoints.from_json(refresh.cut_points)
    return Overview(
        refresh=refresh,
        since=since,
        finding=findings.overview_finding(sized, [] if new_scheme else flows, since, cuts),
        new_scheme=new_scheme,
        rows=segment_rows(store, sized),
        sizes=charts.segment_treemap(
            sized, measure=measure, currency=store.currency, link=lambda one: segment_url(store, one)
        ),
        cells=charts.score_heatmap(
            cells,
            bins=refresh.scheme_version.bins,
            title=findings.cells_finding(cells),
            link=lambda r, f: customers_url(store, r=r, f=f),
        ),
        cells_note=findings.skipped_finding(cuts),
        moves=moves_chart(store, flows, since) if since and flows else None,
        refreshes=queries.refreshes(store)[:REFRESHES_SHOWN],
    )


def segment_rows(store: Store, sized: Sequence[SizedSegment]) -> list[SegmentRow]:
    return [SegmentRow(one, good_way(one, sized), segment_url(store, one.segment)) for one in sized]


def good_way(one: SizedSegment, sized: Sequence[SizedSegment]) -> str:
    """More people is good news in the healthier half of the segments, bad news in the other: "up" or "down"."""
    return "up" if sized.index(one) < len(sized) / 2 else "down"


def _compared_with(refresh: Refresh, days: int) -> Refresh | None:
    if days == 0:
        return queries.refresh_before(refresh)
    return move_queries.look_back(refresh, refresh.as_of - timedelta(days=days))


def flows_since(
    store: Store, refresh: Refresh, earlier: Refresh, sized: Sequence[SizedSegment]
) -> list[SegmentFlow]:
    """The moves from the earlier refresh to the latest, between the segments given. Two queries."""
    stretch = move_queries.stretch_since(store, refresh, earlier.as_of)
    return move_queries.flows(stretch, {one.segment.pk: one.segment for one in sized})
