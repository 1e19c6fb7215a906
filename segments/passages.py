"""The moves page: who went from which segment to which since a day, as a chart and a grid, and the people behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet
from django.http import QueryDict

from accounts.models import Store
from lib.charts import Chart
from lib.keyset import PARAMETER, page_of
from lib.wording import day_text, number_text
from segments import charts, findings, move_queries, queries
from segments.addresses import Ends, day_named, ends_named, export_query, moves_url, page_url
from segments.models import Move, Refresh, Segment
from segments.people import PeopleList
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
class MovesPage:
    """What the page shows. `chart` None: nobody moved."""

    refresh: Refresh
    since: date
    finding: str
    chart: Chart | None
    columns: Sequence[Segment | None]
    grid: Sequence[tuple[Segment | None, Sequence[Cell | None]]]


@dataclass(frozen=True)
class MovedPeople:
    """The moves of a stretch between two ends, unsorted."""

    stretch: move_queries.Stretch
    ends: Ends
    moves: QuerySet[Move]


def moves_page(store: Store, *, since: date | None, days: int) -> MovesPage | None:
    """The moves since a day (default: the last refresh `days` or more ago).

    None before there is anything to compare.
    """
    refresh = queries.latest_refresh(store)
    since = since or (_default_since(refresh, days) if refresh else None)
    if refresh is None or since is None:
        return None
    stretch = move_queries.stretch_since(store, refresh, since)
    segments = {segment.pk: segment for segment in Segment.objects.filter(store=store)}
    flows = move_queries.flows(stretch, segments)
    columns = _ordered({flow.after for flow in flows})
    return MovesPage(
        refresh=refresh,
        since=stretch.since,
        finding=f"{findings.moves_finding(flows)} since {day_text(stretch.since)}.",
        chart=moves_chart(store, flows, stretch.since) if flows else None,
        columns=columns,
        grid=_grid(store, flows, stretch.since, columns),
    )


def moved_people(store: Store, query: QueryDict) -> MovedPeople | None:
    """The moves that an address names by `since`, `before` and `after`; None where it names none. Two queries."""
    since, refresh = day_named(query.get("since", "")), queries.latest_refresh(store)
    ends = ends_named(Segment.objects.filter(store=store), query.get("before", ""), query.get("after", ""))
    if since is None or refresh is None or ends is None:
        return None
    stretch = move_queries.stretch_since(store, refresh, since)
    return MovedPeople(stretch, ends, move_queries.moves(stretch, ends))


def moved_list(store: Store, moved: MovedPeople, query: QueryDict) -> PeopleList:
    """The page of the people who moved so, at the cursor of the address. Three queries."""
    since = moved.stretch.since
    customers = number_text(move_queries.moves_counted(moved.stretch, moved.ends))
    return PeopleList(
        title=moved.ends.title,
        finding=f"{customers} moved this way since {day_text(since)}. The best customers first.",
        people=page_of(moved.moves, move_queries.BY_VALUE, query.get(PARAMETER, "")),
        back=page_url(store, "moves", {"since": since.isoformat()}),
        back_label="All moves",
        export_query=export_query("moves", query),
        nobody="Nobody went from the one segment to the other in this stretch.",
        tab="moves",
        dated=True,
    )


def _default_since(refresh: Refresh, days: int) -> date | None:
    day = refresh.as_of - timedelta(days=days)
    earlier = move_queries.look_back(refresh, day) if days else queries.refresh_before(refresh)
    return earlier.as_of if earlier else None


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
