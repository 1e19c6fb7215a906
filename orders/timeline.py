"""What happened to an order, in order: facts and what the customer was told. Pure; no database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from lib.money import format_money
from lib.periods import local_day, start_of_next_day
from lib.wording import day_text
from orders.models import Order, OrderEvent, Refund

# A message this soon before or after the event it is about is shown with it instead of on a line of its own.
_TOGETHER = timedelta(hours=12)
_CHANNELS = {"email": "e-mail", "sms": "text message", "phone": "phone"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: when (None: not known), what, details, and "good", "bad" or "warning" where it is that."""

    at: datetime | None
    title: str
    details: list[str] = field(default_factory=list)
    tone: str = ""
    ahead: bool = False


def timeline(
    order: Order,
    events: Iterable[OrderEvent],
    refunds: Iterable[Refund],
    *,
    timezone: str,
    currency: str,
    now: datetime,
) -> list[Entry]:
    """The order's story, oldest first; what still lies ahead comes last."""
    left = list(events)
    entries = [
        Entry(order.placed_at, _placed(order), _told(left, "confirmed", order.placed_at)),
        *_way(order, left, timezone, now),
        *_given_back(order, refunds, left, currency),
    ]
    entries += [Entry(event.at, event.get_kind_display(), _message(event), _tone(event)) for event in left]
    return sorted(entries, key=lambda entry: (entry.ahead, entry.at or _END))


_END = datetime.max.replace(tzinfo=UTC)


def lateness(days: int | None) -> str:
    """2 days late, on the promised day, 1 day early; empty where it isn't known."""
    if days is None:
        return ""
    if days == 0:
        return "on the promised day"
    count = abs(days)
    return f"{count} day{'s' if count != 1 else ''} {'late' if days > 0 else 'early'}"


def _placed(order: Order) -> str:
    what = "Credit note written" if order.is_credit_note else "Order placed"
    return f"{what} ({order.channel})" if order.channel else what


def _way(order: Order, left: list[OrderEvent], timezone: str, now: datetime) -> Iterable[Entry]:
    if order.shipped_at:
        carrier = f"Shipped with {order.carrier}" if order.carrier else "Shipped"
        yield Entry(order.shipped_at, carrier, _told(left, "shipped", order.shipped_at))
    if order.delivered_at:
        late = lateness(order.days_late)
        promised = (
            f"promised by {day_text(order.promised_on)}" if order.promised_on else "no day was promised"
        )
        title = f"Delivered, {late}" if late else "Delivered"
        tone = "" if order.days_late is None else "bad" if order.days_late > 0 else "good"
        details = [promised[0].upper() + promised[1:], *_told(left, "delivered", order.delivered_at)]
        yield Entry(order.delivered_at, title, details, tone)
    elif order.promised_on and order.status in (Order.Status.PENDING, Order.Status.PAID):
        yield _still_open(order.promised_on, timezone, now)


def _still_open(promised_on: date, timezone: str, now: datetime) -> Entry:
    """The promise that hasn't been kept yet."""
    overdue = (local_day(now, timezone) - promised_on).days
    due = start_of_next_day(promised_on, timezone) - timedelta(seconds=1)
    if overdue <= 0:
        return Entry(due, f"To be delivered by {day_text(promised_on)}", ahead=True)
    return Entry(
        due, f"Promised for {day_text(promised_on)}", [f"No delivery recorded, {lateness(overdue)}"], "bad"
    )


def _given_back(
    order: Order, refunds: Iterable[Refund], left: list[OrderEvent], currency: str
) -> Iterable[Entry]:
    for refund in refunds:
        whole = refund.amount >= order.total > 0
        title = f"Refunded {'in full, ' if whole else ''}{format_money(refund.amount, currency)}"
        reason = [refund.reason] if refund.reason else []
        if refund.refunded_at is None:
            yield Entry(None, title, [*reason, "The source doesn't say when"], "warning")
            continue
        told = [line for line in _told(left, "refunded", refund.refunded_at) if line not in reason]
        yield Entry(refund.refunded_at, title, [*reason, *told], "warning")


def _told(left: list[OrderEvent], kind: str, at: datetime) -> list[str]:
    """How the customer was told of what happened then; takes the messages out of those that are left."""
    near = [event for event in left if event.kind == kind and abs(event.at - at) <= _TOGETHER]
    for event in near:
        left.remove(event)
    return [
        f"Customer told by {_CHANNELS.get(event.channel, event.channel)}" for event in near if event.channel
    ]


def _message(event: OrderEvent) -> list[str]:
    told = f"Customer told by {_CHANNELS.get(event.channel, event.channel)}" if event.channel else ""
    return [line for line in (event.text, told) if line]


def _tone(event: OrderEvent) -> str:
    return {"delayed": "warning", "cancelled": "bad", "refunded": "warning"}.get(event.kind, "")
