"""The pages on how a store's segments changed between two of its refreshes: compared, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet
from django.http import QueryDict

from accounts.models import Store
from lib.charts import Chart
from lib.wording import day_text, number_text, signed_text
from segments import charts, findings
from segments.addresses import Ends, day_named, ends_named, page_url, segment_key
from segments.chain import Span, chain, picture_of, pictures, span_between
from segments.history import cause_queries
from segments.history.cause_queries import CauseGroup, Part, SegmentCauses, Way
from segments.history.charts import change_waterfall
from segments.history.compare import Comparison, SegmentChange, comparison, people_between
from segments.models import CustomerStats, Move, MoveCause, Refresh, Segment
from segments.move_queries import VERBS, between_segments, direction
from segments.moves import flows_of
from segments.queries import SegmentFlow

DEFAULT_DAYS = timedelta(days=7)


@dataclass(frozen=True)
class Chosen:
    """The two pictures compared, and those there are to choose from, newest first."""

    span: Span
    shown: Sequence[Refresh]

    @property
    def query(self) -> dict[str, str]:
        return {"from": self.span.earlier.as_of.isoformat(), "to": self.span.later.as_of.isoformat()}

    @property
    def days(self) -> str:
        return f"between {day_text(self.span.earlier.as_of)} and {day_text(self.span.later.as_of)}"


def chosen_span(store: Store, query: QueryDict) -> Chosen | None:
    """The span that an address names by its days (default: the latest picture and the one a week before).

    A day without a picture means the last before it. None where there are no two pictures.
    """
    links = chain(store)
    shown = pictures(links)
    if len(shown) < 2:
        return None
    later = _picture(shown, day_named(query.get("to", "")) or shown[-1].as_of)
    earlier = _picture(shown, day_named(query.get("from", "")) or later.as_of - DEFAULT_DAYS)
    if earlier.pk == later.pk:
        place = shown.index(later)
        earlier, later = (shown[place - 1], later) if place else (later, shown[1])
    return Chosen(span_between(store, earlier, later, links), shown[::-1])


def read_ahead(store: Store) -> None:
    """Reads who went where in the span that the pages open with, so that it is cached before anybody asks."""
    if chosen := chosen_span(store, QueryDict()):
        flows_of(chosen.span)


def _picture(shown: Sequence[Refresh], day: date) -> Refresh:
    return picture_of(shown, day) or shown[0]


@dataclass(frozen=True)
class Cell:
    """A cell of the matrix: customers, their share of the row's segment then, and the page of them."""

    customers: int
    share: float | None
    url: str
    stayed: bool
    word: str


@dataclass(frozen=True)
class ComparePage:
    """What the page shows of a comparison."""

    chosen: Chosen
    found: Comparison
    finding: str
    chart: Chart | None
    rows: Sequence[tuple[Segment | None, int, Sequence[Cell | None]]]


def compare_page(store: Store, chosen: Chosen) -> ComparePage:
    """Sizes then and now, the matrix of who went where, and the flows between two pictures."""
    found = comparison(chosen.span)
    flows = between_segments(found.flows, found.segments)
    chart = None
    if flows:
        chart = charts.moves_sankey(
            flows,
            subtitle=f"Customers in another segment {chosen.days}; press a band to see them",
            link=lambda flow: compare_url(store, chosen, flow.before, flow.after),
        )
    finding = f"{findings.moves_finding(flows)} {chosen.days}."
    return ComparePage(chosen, found, finding, chart, _matrix(store, chosen, found.changes, flows))


def _matrix(
    store: Store, chosen: Chosen, changes: Sequence[SegmentChange], flows: Sequence[SegmentFlow]
) -> list[tuple[Segment | None, int, list[Cell | None]]]:
    """A row for each segment then, and one for no segment; a column for each segment now, and one for none."""
    count = {(flow.before, flow.after): flow for flow in flows}
    size = {change.segment: change for change in changes}
    places: list[Segment | None] = [*size, None]

    def cell(before: Segment | None, after: Segment | None) -> Cell | None:
        then = size[before].then if before else 0
        if before and before == after:
            stayed = size[before].stayed
            return Cell(stayed, stayed / then if then else None, "", True, "stayed") if stayed else None
        flow = count.get((before, after))
        if flow is None:
            return None
        word = VERBS[direction(flow)]
        url = compare_url(store, chosen, before, after)
        return Cell(flow.customers, flow.customers / then if then else None, url, False, word)

    rows = [
        (place, size[place].then if place else 0, [cell(place, end) for end in places]) for place in places
    ]
    return [row for row in rows if row[0] or any(row[2])]


@dataclass(frozen=True)
class ComparedPeople:
    """Who went from one segment to another between two pictures, unsorted."""

    chosen: Chosen
    ends: Ends
    people: QuerySet[CustomerStats]


def compared_people(store: Store, chosen: Chosen, query: QueryDict) -> ComparedPeople | None:
    """The people that an address names by `before` and `after`; None where it names no segments. One query."""
    ends = ends_named(Segment.objects.filter(store=store), query.get("before", ""), query.get("after", ""))
    if ends is None:
        return None
    return ComparedPeople(chosen, ends, people_between(chosen.span, ends))


@dataclass(frozen=True)
class PartCell:
    """What a cause did to a segment, with the pages of those it brought and took."""

    group: CauseGroup
    part: Part
    in_url: str
    out_url: str


@dataclass(frozen=True)
class WhyPage:
    """What the page shows: every segment's change by its causes, and one segment's as a chart."""

    chosen: Chosen
    groups: Sequence[CauseGroup]
    rows: Sequence[tuple[SegmentCauses, str, Sequence[PartCell]]]
    change: SegmentCauses | None
    finding: str
    chart: Chart | None


def why_page(store: Store, chosen: Chosen, segment_name: str) -> WhyPage:
    """The causes of every segment's change; the chart is of the named segment, else of the one that changed most."""
    changes = cause_queries.causes_of_change(chosen.span)
    groups = cause_queries.shown_groups(changes)
    rows = [_causes_row(store, chosen, change, groups) for change in changes]
    named = next((one for one in changes if one.segment.key == segment_name), None)
    change = named or max(changes, key=lambda one: abs(one.change), default=None)
    if change is None:
        return WhyPage(chosen, groups, rows, None, "Nobody is in a segment yet.", None)
    if not named and not any(part.came or part.left for one in changes for part in one.parts.values()):
        since = day_text(chosen.span.earlier.as_of)
        finding = f"Nobody came into a segment or left one since {since}. Compare with an earlier day."
        return WhyPage(chosen, groups, rows, None, finding, None)
    finding = change_finding(change, chosen)
    return WhyPage(
        chosen, groups, rows, change, finding, _causes_chart(store, chosen, change, groups, finding)
    )


def _causes_row(
    store: Store, chosen: Chosen, change: SegmentCauses, groups: Sequence[CauseGroup]
) -> tuple[SegmentCauses, str, Sequence[PartCell]]:
    """A segment's change, the page with its chart, and what each cause did to it."""
    segment = change.segment
    cells = [
        PartCell(
            group,
            change.parts[group],
            part_url(store, chosen, segment, group, "in"),
            part_url(store, chosen, segment, group, "out"),
        )
        for group in groups
    ]
    return change, page_url(store, "why", {**chosen.query, "segment": segment.key}), cells


def _causes_chart(
    store: Store, chosen: Chosen, change: SegmentCauses, groups: Sequence[CauseGroup], finding: str
) -> Chart:
    """A bar opens the people its cause brought, or, if it took more than it brought, those it took."""

    def link(group: CauseGroup) -> str:
        way: Way = "in" if change.parts[group].net >= 0 else "out"
        return part_url(store, chosen, change.segment, group, way)

    return change_waterfall(chosen.span, change, groups, title=finding.rstrip("."), link=link)


def change_finding(change: SegmentCauses, chosen: Chosen) -> str:
    """At risk grew by 1,204 since 1 Nov: +910 by going quiet, +350 by moved cut points and −56 by buying."""
    name, since = change.segment.name, day_text(chosen.span.earlier.as_of)
    moved = [(part.net, group.phrase) for group, part in change.parts.items() if part.net]
    moved.sort(key=lambda one: one[0], reverse=change.change >= 0)
    parts = findings.joined([f"{signed_text(net)} {phrase}" for net, phrase in moved])
    if not change.change:
        return f"{name} is as large as on {since}" + (f": {parts}." if parts else ".")
    way = "grew" if change.change > 0 else "shrank"
    return f"{name} {way} by {number_text(abs(change.change))} since {since}: {parts}."


@dataclass(frozen=True)
class PartPeople:
    """The moves by which a cause brought people into a segment or took them from it, unsorted."""

    chosen: Chosen
    segment: Segment
    group: CauseGroup
    way: Way
    moves: QuerySet[Move] | QuerySet[MoveCause]


def part_people(store: Store, chosen: Chosen, query: QueryDict) -> PartPeople | None:
    """The people that an address names by `segment`, `cause` and `way`; None where it names no part. One query."""
    group = cause_queries.BY_KEY.get(query.get("cause", ""))
    by_key = {one.key: one for one in Segment.objects.filter(store=store)}
    segment = by_key.get(query.get("segment", ""))
    if group is None or segment is None:
        return None
    way: Way = "out" if query.get("way") == "out" else "in"
    moves = cause_queries.people_of_part(chosen.span, segment, group, way)
    return PartPeople(chosen, segment, group, way, moves)


def compare_url(store: Store, chosen: Chosen, before: Segment | None, after: Segment | None) -> str:
    """The people who stood in one segment then and in another now."""
    ends = {"before": segment_key(before), "after": segment_key(after)}
    return page_url(store, "compare", {**chosen.query, **ends})


def part_url(store: Store, chosen: Chosen, segment: Segment, group: CauseGroup, way: Way) -> str:
    """The people of one part of a segment's change; "" where nothing is left of them to show."""
    if group is cause_queries.REMOVED:
        return ""
    part = {"segment": segment.key, "cause": group.key, "way": way}
    return page_url(store, "why", {**chosen.query, **part})
