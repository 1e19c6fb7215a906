"""One customer's page: who they are, what they are worth, why they are in their segment, what happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from django.db.models import Sum

from accounts.models import Store
from lib.periods import local_day, local_today
from orders.models import Customer, Order, OrderEvent, Refund
from segments.customers.cadence import Cadence, cadence
from segments.history.compare import customer_segment_history
from segments.models import CustomerStats, Segment
from segments.queries import latest_refresh
from segments.rules import CutPoints
from segments.standing import Position, Rise, Scale, Scheme, Slip, rises, scales, slips

ORDERS_SHOWN = 20
MOVES_SHOWN = 60
Entry = Literal["order", "refund", "move", "registered"]


@dataclass(frozen=True)
class TimelineEntry:
    """Something that happened, on the store's `day`; `at` where the moment is known. An order with its `told`."""

    kind: Entry
    day: date
    at: datetime | None = None
    order: Order | None = None
    refund: Refund | None = None
    told: tuple[OrderEvent, ...] = ()
    before: Segment | None = None
    after: Segment | None = None
    because: str = ""  # of a move: its causes


@dataclass(frozen=True)
class Standing:
    """Why the customer is in their segment, by the cut points of the latest refresh, and what would move them."""

    scales: tuple[Scale, Scale, Scale]
    rises: Sequence[Rise[Segment | None]]
    slips: Sequence[Slip[Segment | None]]
    as_of: date
    window_months: int | None


@dataclass(frozen=True)
class CustomerDetail:
    """What the page shows. `stats` None: known, but not looked at by a refresh yet. Money in minor units."""

    customer: Customer
    stats: CustomerStats | None
    segment: Segment | None
    refunded: int
    standing: Standing | None
    timeline: Sequence[TimelineEntry]
    more_orders: bool
    last_contact: OrderEvent | None
    cadence: Cadence | None = None

    @property
    def average_order(self) -> int | None:
        """What an order came to on average over the customer's life; None without orders."""
        stats = self.stats
        return round(stats.lifetime_net / stats.lifetime_orders) if stats and stats.lifetime_orders else None


def customer_detail(store: Store, customer: Customer) -> CustomerDetail:
    """The page's figures. Ten queries, whatever the customer's history; of long ones the newest orders."""
    stats = CustomerStats.objects.filter(store=store, customer=customer).first()
    segments = {segment.pk: segment for segment in Segment.objects.filter(store=store)}
    orders = list(customer.orders.filter(store=store).order_by("-placed_at", "-id")[: ORDERS_SHOWN + 1])
    more, orders = len(orders) > ORDERS_SHOWN, orders[:ORDERS_SHOWN]
    refunded = customer.orders.filter(store=store).aggregate(total=Sum("refunded"))["total"] or 0
    timeline = _timeline(store, customer, orders, segments)
    if more:  # what lies between older orders would stand there as if they weren't
        oldest = local_day(orders[-1].placed_at, store.timezone)
        timeline = [entry for entry in timeline if entry.day >= oldest]
    return CustomerDetail(
        customer=customer,
        stats=stats,
        segment=segments.get(stats.segment_id or 0) if stats else None,
        refunded=refunded,
        standing=_standing(store, stats, segments) if stats else None,
        timeline=timeline,
        more_orders=more,
        last_contact=_last_contact(store, customer),
        cadence=cadence(stats.gap_days, stats.due_on, local_today(store.timezone)) if stats else None,
    )


def _last_contact(store: Store, customer: Customer) -> OrderEvent | None:
    """The last thing they were told, with its order; None for nothing."""
    told = OrderEvent.objects.filter(order__store=store, order__customer=customer)
    return told.select_related("order").order_by("-at", "-id").first()


def _standing(store: Store, stats: CustomerStats, segments: dict[int, Segment]) -> Standing | None:
    refresh = latest_refresh(store)
    if refresh is None or not refresh.customers:
        return None
    scheme_version, today = refresh.scheme_version, max(refresh.as_of, local_today(refresh.timezone))
    scheme: Scheme[Segment | None] = Scheme(
        cuts=CutPoints.from_json(refresh.cut_points),
        cells=[segments.get(segment_id) for segment_id in scheme_version.cells],
        bins=scheme_version.bins,
        prospects=segments.get(scheme_version.prospects_id or 0),
    )
    recency = (today - stats.last_on).days if stats.last_on else None
    at = Position(recency, stats.frequency, stats.monetary)
    typical = stats.monetary // stats.frequency if stats.frequency else 0
    return Standing(
        scales=scales(at, scheme.cuts),
        rises=rises(at, scheme, typical_order=typical),
        slips=slips(at, scheme, as_of=today),
        as_of=today,
        window_months=scheme_version.window_months,
    )


def _timeline(
    store: Store, customer: Customer, orders: Sequence[Order], segments: dict[int, Segment]
) -> list[TimelineEntry]:
    """What happened, newest first: orders with what was told of them, refunds, moves, registration."""
    by_id = {order.pk: order for order in orders}
    told: dict[int, list[OrderEvent]] = {}
    for event in OrderEvent.objects.filter(order__in=by_id).order_by("at", "id"):
        told.setdefault(event.order_id, []).append(event)
    entries = []
    for order in orders:
        day = local_day(order.placed_at, store.timezone)
        events = tuple(told.get(order.pk, ()))
        entries.append(TimelineEntry("order", day, order.placed_at, order=order, told=events))
    for refund in Refund.objects.filter(order__in=by_id):
        order, at = by_id[refund.order_id], refund.refunded_at
        day = local_day(at or order.placed_at, store.timezone)
        entries.append(TimelineEntry("refund", day, at, order=order, refund=refund))
    entries += [
        TimelineEntry("move", stay.as_of, before=stay.before, after=stay.after, because=stay.because)
        for stay in customer_segment_history(store, customer, segments=segments, limit=MOVES_SHOWN)
    ]
    if registered_at := customer.registered_at:
        day = local_day(registered_at, store.timezone)
        entries.append(TimelineEntry("registered", day, registered_at))
    return sorted(entries, key=_newest_first)


def _newest_first(entry: TimelineEntry) -> tuple[int, float]:
    """By day, then by moment; what has none (a refresh's move) ended its day."""
    return -entry.day.toordinal(), -entry.at.timestamp() if entry.at else float("-inf")
