"""One segment's page: its size over time, who came and who left, and its people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from accounts.models import Store
from lib.charts import Chart
from lib.wording import day_text
from segments import charts, findings, move_queries, queries
from segments.addresses import moves_url
from segments.models import Refresh, Segment
from segments.overview import flows_since, good_way
from segments.queries import SegmentFlow, SizedSegment

LOOK_BACK = timedelta(days=7)
TREND = timedelta(days=731)  # as far as reconstructed: 24 months, thinned by segments.history


@dataclass(frozen=True)
class Passage:
    """How many came from, or went to, another segment (None: no segment); `url` opens them."""

    segment: Segment | None
    customers: int
    url: str


@dataclass(frozen=True)
class SegmentDetail:
    """What the page shows. `sized` None: the scheme in force doesn't use the segment, or nothing is scored yet."""

    segment: Segment
    refresh: Refresh | None
    sized: SizedSegment | None
    good: str
    trend: Chart | None
    since: date | None
    arrivals: Sequence[Passage]
    departures: Sequence[Passage]
    finding: str

    @property
    def since_text(self) -> str:
        return f"since {day_text(self.since)}" if self.since else ""


def segment_detail(store: Store, segment: Segment) -> SegmentDetail:
    """The page's figures. A fixed number of queries, all on roll-ups."""
    refresh = queries.latest_refresh(store)
    if refresh is None:
        return SegmentDetail(segment, None, None, "", None, None, (), (), segment.meaning)
    earlier = move_queries.look_back(refresh, refresh.as_of - LOOK_BACK)
    since = earlier.as_of if earlier else None
    sized = queries.segment_sizes(store, refresh, earlier=earlier)
    flows = flows_since(store, refresh, earlier, sized) if earlier else []
    history = queries.size_history(store, segment, since=refresh.as_of - TREND)
    own = next((one for one in sized if one.segment.pk == segment.pk), None)
    return SegmentDetail(
        segment=segment,
        refresh=refresh,
        sized=own,
        good=good_way(own, sized) if own else "",
        trend=charts.segment_trend(segment, history) if len(history) > 1 else None,
        since=since,
        arrivals=_passages(store, since, flows, segment, arriving=True),
        departures=_passages(store, since, flows, segment, arriving=False),
        finding=findings.passage_finding(segment, flows, since),
    )


def _passages(
    store: Store, since: date | None, flows: Sequence[SegmentFlow], segment: Segment, *, arriving: bool
) -> list[Passage]:
    if since is None:
        return []
    here = [flow for flow in flows if (flow.after if arriving else flow.before) == segment]
    return [
        Passage(
            flow.before if arriving else flow.after,
            flow.customers,
            moves_url(store, since, flow.before, flow.after),
        )
        for flow in here
    ]
