"""What pages read of why segments changed: the parts of each change over a span, and the people behind a part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from django.db.models import Q, QuerySet, Sum

from segments.chain import Span
from segments.models import Cause, CauseFlow, Move, MoveCause, MoveFlow, Segment
from segments.queries import SegmentFlow, sizes_at

Way = Literal["in", "out"]


@dataclass(frozen=True)
class CauseGroup:
    """A cause as pages show it: `key` names it in addresses, `phrase` completes "grew by 12: +12 ..."."""

    key: str
    title: str
    phrase: str
    causes: tuple[Cause, ...]
    explanation: str


BOUGHT = CauseGroup(
    "bought", "Bought", "by buying", (Cause.BOUGHT,), "They ordered, and that alone moved them."
)
AGED = CauseGroup(
    "quiet", "Went quiet", "by going quiet", (Cause.AGED,), "They didn't order, and the days since grew."
)
NOT_RENEWED = CauseGroup(
    "window",
    "Left the window",
    "as orders left the window",
    (Cause.NOT_RENEWED,),
    "Orders grew too old to count and weren't replaced by new ones.",
)
CUT_POINTS = CauseGroup(
    "cuts",
    "Cut points",
    "by moved cut points",
    (Cause.CUT_POINTS,),
    "They stood still while the others, and the cut points with them, moved.",
)
CORRECTED = CauseGroup(
    "corrections",
    "Corrections",
    "by refunds and corrections",
    (Cause.CORRECTED, Cause.CORRECTED_SINCE),
    "Orders from before were refunded, cancelled, changed or came in late.",
)
ARRIVED = CauseGroup(
    "arrived",
    "Arrived",
    "new",
    (Cause.ARRIVED,),
    "They were in no segment before: most ordered for the first time.",
)
SCHEME = CauseGroup(
    "scheme", "New scheme", "by the new scheme", (Cause.SCHEME,), "The segments were drawn anew in Settings."
)
UNEXPLAINED = CauseGroup(
    "unexplained", "Not yet known", "not yet explained", (), "These moves are still being split into causes."
)
REMOVED = CauseGroup(
    "removed",
    "Merged",
    "merged with another account",
    (),
    "A guest's orders went to the account they registered.",
)
ALWAYS_SHOWN = (BOUGHT, AGED, CUT_POINTS, CORRECTED, ARRIVED)
GROUPS = (BOUGHT, AGED, NOT_RENEWED, CUT_POINTS, CORRECTED, ARRIVED, SCHEME, UNEXPLAINED, REMOVED)
SEVERAL = "Several causes, none of them half of the time."
BY_KEY = {group.key: group for group in GROUPS}


@dataclass
class Part:
    """What a cause did to a segment over the span: customers it brought, and customers it took away."""

    came: int = 0
    left: int = 0

    @property
    def net(self) -> int:
        return self.came - self.left


@dataclass(frozen=True)
class SegmentCauses:
    """The change of a segment and its parts, which add up to it."""

    segment: Segment
    then: int
    now: int
    parts: Mapping[CauseGroup, Part] = field(hash=False)

    @property
    def change(self) -> int:
        return self.now - self.then


def causes_of_change(span: Span) -> list[SegmentCauses]:
    """Every segment's change over the span, the healthiest first, split into its causes. Five queries on roll-ups.

    The parts of each segment add up to its change. Moves that aren't explained yet are a part of their own, and so
    are customers whose rows are gone (a guest merged into a registered customer) and who left no moves.
    """
    segments = {segment.pk: segment for segment in Segment.objects.filter(store=span.store)}
    then, now = sizes_at(span.earlier), sizes_at(span.later)
    parts: dict[int, dict[CauseGroup, Part]] = {pk: {group: Part() for group in GROUPS} for pk in segments}
    for group, before, after, customers in _flows(span.refresh_ids):
        if before is not None:
            parts[before][group].left += customers
        if after is not None:
            parts[after][group].came += customers
    for pk, own in parts.items():
        rest = now.get(pk, 0) - then.get(pk, 0) - sum(part.net for part in own.values())
        own[REMOVED].came, own[REMOVED].left = max(rest, 0), max(-rest, 0)
    used = [
        pk
        for pk, own in parts.items()
        if pk in then or pk in now or any(part.came or part.left for part in own.values())
    ]
    used.sort(key=lambda pk: (segments[pk].health, pk))
    return [SegmentCauses(segments[pk], then.get(pk, 0), now.get(pk, 0), parts[pk]) for pk in used]


def shown_groups(changes: Sequence[SegmentCauses]) -> list[CauseGroup]:
    """The causes to show: those that are always named, and others that moved somebody."""
    return [
        group
        for group in GROUPS
        if group in ALWAYS_SHOWN or any(one.parts[group].came or one.parts[group].left for one in changes)
    ]


def people_of_part(
    span: Span, segment: Segment, group: CauseGroup, way: Way
) -> QuerySet[MoveCause] | QuerySet[Move]:
    """The moves of the span by which a cause brought people into a segment ("in") or took them out of it.

    A customer whom it moved twice is in it twice. Empty for REMOVED, as nothing is left of those customers.
    """
    end = Q(after=segment) if way == "in" else Q(before=segment)
    people = ("refresh", "customer", "customer__stats", "customer__stats__segment", "before", "after")
    moves = Move.objects.filter(end, refresh__in=span.refresh_ids)
    if group is ARRIVED:
        return moves.filter(before=None, refresh__explained_at__isnull=False).select_related(*people)
    if group is UNEXPLAINED:
        return moves.filter(refresh__explained_at=None).select_related(*people)
    parts = MoveCause.objects.filter(end, refresh__in=span.refresh_ids, cause__in=group.causes)
    return parts.select_related(*people)


def usual_causes(refresh_ids: Sequence[int], flows: Sequence[SegmentFlow]) -> list[str]:
    """The cause that took most people of each flow of these refreshes the whole way between its two segments.

    It is named if it moved at least half of them; otherwise it is “several”, which includes people whom one cause
    took to a segment in between and another cause further. Two queries on roll-ups.
    """
    led: Counter[tuple[int | None, int | None, CauseGroup]] = Counter()
    for group, before, after, customers in _flows(refresh_ids):
        led[before, after, group] += customers
    return [_usual_cause(flow, led) for flow in flows]


def _usual_cause(flow: SegmentFlow, led: Counter[tuple[int | None, int | None, CauseGroup]]) -> str:
    ends = (flow.before.pk if flow.before else None, flow.after.pk if flow.after else None)
    largest = max(GROUPS, key=lambda group: led[*ends, group])
    return largest.explanation if 2 * led[*ends, largest] >= flow.customers else SEVERAL


def _flows(refresh_ids: Sequence[int]) -> list[tuple[CauseGroup, int | None, int | None, int]]:
    """The parts of the moves of these refreshes: cause, from, to, customers."""
    group_of = {cause: group for group in GROUPS for cause in group.causes}
    summed = CauseFlow.objects.filter(refresh__in=refresh_ids, refresh__explained_at__isnull=False)
    rows = summed.values_list("cause", "before", "after").annotate(people=Sum("customers"))
    flows = [(group_of[Cause(cause)], before, after, people) for cause, before, after, people in rows]
    unknown = MoveFlow.objects.filter(refresh__in=refresh_ids, refresh__explained_at=None)
    rest = unknown.values_list("before", "after").annotate(people=Sum("customers"))
    return flows + [(UNEXPLAINED, before, after, people) for before, after, people in rest]
