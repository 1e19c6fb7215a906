"""What pages read of moves over a stretch of refreshes: the flows, and the people behind them.

A flow counts moves: somebody who went and came back within the stretch is in two flows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Literal

from django.db.models import Q, QuerySet, Sum

from accounts.models import Store
from lib.keyset import Sort
from segments.addresses import Ends
from segments.models import Move, MoveFlow, Refresh, Segment
from segments.moves import Flow, gross_flows
from segments.queries import SegmentFlow, pictures_before

LONGEST = timedelta(days=92)  # of a stretch: its flows are summed from the roll-ups of each of its refreshes

BY_VALUE = Sort((("customer__stats__monetary", int), ("customer_id", int), ("refresh_id", int)))

Direction = Literal["up", "down", "arrived", "left"]
VERBS: dict[Direction, str] = {"up": "moved up", "down": "slipped", "arrived": "arrived", "left": "left"}


def direction(flow: SegmentFlow) -> Direction:
    """The way people went: to a healthier segment, to one less so, into the segments or out of them."""
    if flow.before is None:
        return "arrived"
    if flow.after is None:
        return "left"
    return "up" if flow.after.health < flow.before.health else "down"


@dataclass(frozen=True)
class Stretch:
    """The refreshes of the days after `since`, up to and including the latest."""

    store: Store
    since: date
    until: date

    @cached_property
    def refresh_ids(self) -> list[int]:
        """The refreshes that recorded moves in it; a refresh without movers changes nothing."""
        inside = Refresh.objects.filter(
            store=self.store,
            finished_at__isnull=False,
            as_of__gt=self.since,
            as_of__lte=self.until,
            moved__gt=0,
        )
        return list(inside.order_by("id").values_list("id", flat=True))


def stretch_since(store: Store, latest: Refresh, since: date) -> Stretch:
    """The stretch that begins after the refresh of `since`, at most LONGEST ago."""
    return Stretch(store, max(since, latest.as_of - LONGEST), latest.as_of)


def look_back(refresh: Refresh, day: date) -> Refresh | None:
    """The refresh that a change "since `day`" is counted from: the last one as of that day or earlier.

    If the history doesn't reach back that far, its first one. None if no earlier day was scored. One query.
    """
    earlier = pictures_before(refresh).filter(as_of__lt=refresh.as_of)
    before = earlier.filter(as_of__lte=day).order_by("-as_of", "-id")[:1]
    first = earlier.order_by("as_of", "-id")[:1]
    return max(before.union(first), key=lambda one: one.as_of if one.as_of <= day else date.min, default=None)


def flows(stretch: Stretch, segments: dict[int, Segment]) -> list[SegmentFlow]:
    """The moves of the stretch summed by pair of segments, the largest first. Two queries."""
    return between_segments(gross_flows(stretch.refresh_ids), segments)


def between_segments(flows: Iterable[Flow], segments: Mapping[int, Segment]) -> list[SegmentFlow]:
    """The flows with their segments, given by id."""
    return [
        SegmentFlow(segments.get(flow.before_id or 0), segments.get(flow.after_id or 0), flow.customers)
        for flow in flows
    ]


def moves(stretch: Stretch, ends: Ends) -> QuerySet[Move]:
    """The moves of the stretch from one segment to another, with their people."""
    found = Move.objects.filter(_between(ends), refresh__in=stretch.refresh_ids)
    return found.select_related("refresh", "customer", "customer__stats", "customer__stats__segment")


def moves_counted(stretch: Stretch, ends: Ends) -> int:
    """How many moves those are, from the roll-ups. One query, and one for the stretch."""
    found = MoveFlow.objects.filter(_between(ends), refresh__in=stretch.refresh_ids)
    return found.aggregate(moves=Sum("customers"))["moves"] or 0


def _between(ends: Ends) -> Q:
    """Of moves and of their roll-ups: those from one end to the other."""
    to = Q(after=ends.after)
    return to if ends.from_anywhere else to & Q(before=ends.before)
