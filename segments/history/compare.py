"""Any two refreshes of a store compared: sizes then and now, who went where between them, and who they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import (
    BigIntegerField,
    BooleanField,
    ExpressionWrapper,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce

from accounts.models import Store
from orders.models import Customer
from segments.addresses import Ends
from segments.chain import Span
from segments.models import (
    Cause,
    CustomerStats,
    Move,
    MoveCause,
    Refresh,
    Segment,
)
from segments.moves import Flow, flows_of, gross_flows
from segments.queries import sizes_at

# Which of a customer's moves come later: those of refreshes that don't reconstruct, as segments.chain has it.
_REAL = ExpressionWrapper(~Q(refresh__reason=Refresh.Reason.RECONSTRUCTED), output_field=BooleanField())
_NOWHERE = 0  # stands for "no segment" where values are compared


@dataclass(frozen=True)
class SegmentChange:
    """A segment at two refreshes. `came` and `left` are net: customers who are elsewhere at the other refresh;
    `moves_in` and `moves_out` are gross: every move between the two, also of those who came back.
    """

    segment: Segment
    then: int
    now: int
    came: int
    left: int
    moves_in: int
    moves_out: int

    @property
    def change(self) -> int:
        return self.now - self.then

    @property
    def stayed(self) -> int:
        """Customers who were in it at both."""
        return self.now - self.came


@dataclass(frozen=True)
class Comparison:
    """Two refreshes: the change of each segment, the healthiest first, and the net flows between them."""

    span: Span
    segments: dict[int, Segment]
    changes: Sequence[SegmentChange]
    flows: Sequence[Flow]

    @cached_property
    def moved(self) -> int:
        """Customers who are in a different segment than then, arrivals included."""
        return sum(flow.customers for flow in self.flows)


def comparison(span: Span) -> Comparison:
    """The comparison of a span's ends. Five queries; one of them, over several refreshes, reads their moves."""
    segments = {segment.pk: segment for segment in Segment.objects.filter(store=span.store)}
    then, now = sizes_at(span.earlier), sizes_at(span.later)
    gross = gross_flows(span.refresh_ids)
    flows = gross if len(span.steps) == 1 else flows_of(span)
    used = then.keys() | now.keys() | {flow.after_id for flow in flows} | {flow.before_id for flow in flows}
    changes = [
        SegmentChange(
            segment=segment,
            then=then.get(segment.pk, 0),
            now=now.get(segment.pk, 0),
            came=sum(flow.customers for flow in flows if flow.after_id == segment.pk),
            left=sum(flow.customers for flow in flows if flow.before_id == segment.pk),
            moves_in=sum(flow.customers for flow in gross if flow.after_id == segment.pk),
            moves_out=sum(flow.customers for flow in gross if flow.before_id == segment.pk),
        )
        for segment in sorted(segments.values(), key=lambda one: (one.health, one.pk))
        if segment.pk in used
    ]
    return Comparison(span, segments, changes, flows)


def people_between(span: Span, ends: Ends) -> QuerySet[CustomerStats]:
    """The customers who stood in the one segment at the earlier refresh and in the other at the later, for segments
    that differ; from anywhere: wherever else they stood before.
    """
    moves = Move.objects.filter(refresh__in=span.refresh_ids)
    # Whoever ends in another segment moved there; only for these do we check where their path began.
    candidates = moves.filter(after=ends.after)
    of_customer = moves.filter(customer=OuterRef("customer"))
    first = _station(of_customer.order_by(_REAL, "refresh_id").values("before_id")[:1])
    last = _station(of_customer.order_by(_REAL.desc(), "-refresh_id").values("after_id")[:1])
    people = CustomerStats.objects.filter(store=span.store, customer__in=candidates.values("customer"))
    people = people.annotate(started=first, ended=last)
    ended = people.filter(ended=_id(ends.after)).select_related("customer", "segment")
    if ends.from_anywhere:
        return ended.exclude(started=_id(ends.after))
    return ended.filter(started=_id(ends.before))


@dataclass(frozen=True)
class SegmentStay:
    """A change of a customer's segment, as of a day, with what led to it (segments.models.Cause)."""

    as_of: date
    before: Segment | None
    after: Segment | None
    causes: tuple[Cause, ...]
    reconstructed: bool

    @property
    def because(self) -> str:
        """The causes in words; "" for an arrival and for what isn't explained yet."""
        return ", ".join(str(cause.label) for cause in self.causes)


def customer_segment_history(
    store: Store, customer: Customer, *, segments: dict[int, Segment] | None = None, limit: int | None = None
) -> list[SegmentStay]:
    """The segments a customer has been in, newest first; `limit` moves at most. Two queries, a third for the
    store's segments where the caller doesn't have them.
    """
    if segments is None:
        segments = {segment.pk: segment for segment in Segment.objects.filter(store=store)}
    moves = Move.objects.filter(
        customer=customer, refresh__store=store, refresh__finished_at__isnull=False
    ).select_related("refresh")
    causes: dict[int, list[Cause]] = {}
    parts = MoveCause.objects.filter(customer=customer, refresh__store=store).order_by("cause")
    for refresh_id, cause in parts.values_list("refresh_id", "cause"):
        causes.setdefault(refresh_id, []).append(Cause(cause))
    return [
        SegmentStay(
            as_of=move.refresh.as_of,
            before=segments.get(move.before_id or _NOWHERE),
            after=segments.get(move.after_id or _NOWHERE),
            causes=tuple(causes.get(move.refresh_id, ())),
            reconstructed=move.refresh.reason == Refresh.Reason.RECONSTRUCTED,
        )
        for move in moves.order_by(_REAL.desc(), "-refresh_id")[:limit]
    ]


def _station(moves: QuerySet[Move, Any]) -> Coalesce:
    return Coalesce(Subquery(moves, output_field=BigIntegerField()), _NOWHERE)


def _id(segment: Segment | None) -> int:
    return segment.pk if segment else _NOWHERE
