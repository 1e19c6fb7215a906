"""The moves page: who went from which segment to which since a day, as a chart, a grid, and a list of people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from accounts.models import Store
from lib.charts import Chart
from lib.keyset import Page, page_of
from lib.wording import day_text
from segments import charts, findings, move_queries, queries
from segments.addresses import Ends, ends_named, moves_url
from segments.models import Move, Refresh, Segment
from segments.queries import SegmentFlow


@dataclass(frozen=True)
class Cell:
    """A cell of the grid: how many went, and where to see them; 0 where nobody did."""

    customers: int
    url: str
    way: move_queries.Direction

    @property
    def word(self) -> str:
        return move_queries.VERBS[self.way]


@dataclass(frozen=True)
class Chosen:
    """The moves whose people are listed: from one segment (or from anywhere) to another."""

    before: Segment | None
    after: Segment | None
    from_anywhere: bool
    customers: int


@dataclass(frozen=True)
class MovesPage:
    """What the page shows. `chosen` and the page of its people: None where no moves are chosen."""

    refresh: Refresh
    since: date
    finding: str
    chart: Chart | None
    columns: Sequence[Segment | None]
    grid: Sequence[tuple[Segment | None, Sequence[Cell | None]]]
    chosen: Chosen | None
    people: Page[Move] | None


def moves_page(
    store: Store, *, since: date | None, days: int, before: str, after: str, cursor: str
) -> MovesPage | None:
    """The moves since a day (default: the last refresh `days` or more ago), and the people of one flow.

    `before` and `after` are keys of segments, NOBODY for none, ANYWHERE for any; "" where no flow is chosen.
    None before there is anything to compare.
    """
    refresh = queries.latest_refresh(store)
    since = since or (_default_since(refresh, days) if refresh else None)
    if refresh is None or since is None:
        return None
    stretch = move_queries.stretch_since(store, refresh, since)
    segments = {segment.pk: segment for segment in Segment.objects.filter(store=store)}
    flows = move_queries.flows(stretch, segments)
    ends = ends_named(segments.values(), before, after)
    chosen = _chosen(flows, ends) if ends else None
    people = None
    if chosen:
        moved = move_queries.moves(
            stretch, before=chosen.before, after=chosen.after, from_anywhere=chosen.from_anywhere
        )
        people = page_of(moved, move_queries.BY_VALUE, cursor)
    columns = _ordered({flow.after for flow in flows})
    return MovesPage(
        refresh=refresh,
        since=stretch.since,
        finding=f"{findings.moves_finding(flows)} since {day_text(stretch.since)}.",
        chart=moves_chart(store, flows, stretch.since) if flows and not chosen else None,
        columns=columns,
        grid=_grid(store, flows, stretch.since, columns),
        chosen=chosen,
        people=people,
    )


def _default_since(refresh: Refresh, days: int) -> date | None:
    day = refresh.as_of - timedelta(days=days)
    earlier = move_queries.look_back(refresh, day) if days else queries.refresh_before(refresh)
    return earlier.as_of if earlier else None


def _chosen(flows: Sequence[SegmentFlow], ends: Ends) -> Chosen:
    """The moves between the ends, of 0 customers where nobody went."""
    customers = sum(
        flow.customers
        for flow in flows
        if flow.after == ends.after and (ends.from_anywhere or flow.before == ends.before)
    )
    return Chosen(ends.before, ends.after, ends.from_anywhere, customers)


def moves_chart(store: Store, flows: Sequence[SegmentFlow], since: date) -> Chart:
    """The flows since a day as a Sankey diagram, each of whose bands opens its people."""
    return charts.moves_sankey(
        flows,
        subtitle=f"Customers who moved since {day_text(since)}: teal bands up, ochre bands down; press one to see them",
        link=lambda flow: moves_url(store, since, flow.before, flow.after),
    )


def _grid(
    store: Store, flows: Sequence[SegmentFlow], since: date, columns: Sequence[Segment | None]
) -> list[tuple[Segment | None, list[Cell | None]]]:
    """A row for each segment that was left, a column for each that was reached."""
    cells = {
        (flow.before, flow.after): Cell(
            flow.customers, moves_url(store, since, flow.before, flow.after), move_queries.direction(flow)
        )
        for flow in flows
    }
    rows = _ordered({flow.before for flow in flows})
    return [(before, [cells.get((before, after)) for after in columns]) for before in rows]


def _ordered(segments: set[Segment | None]) -> list[Segment | None]:
    """The healthiest first, nobody last."""
    return sorted(segments, key=lambda one: (one is None, one.health if one else 0, one.pk if one else 0))
