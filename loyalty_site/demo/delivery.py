"""How a parcel travels, and what its shopper is told on the way."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random

from loyalty_site.demo.calendar import ZONE, add_working_days, at_hour
from loyalty_site.demo.sales import Notice, Parcel
from loyalty_site.demo.shop import CARRIERS, LETTER_POST

_LOST = 0.0018
_BAD_SPELL = "Northway"  # its depot moved: one in four late for two months, half a year before the end


def travel(
    draw: Random, placed_at: datetime, *, abroad: bool, small: bool, promises: bool, end: date
) -> Parcel:
    """The whole way of a parcel, as if the future were known; `as_known_at` cuts it off at a day.

    `promises`: the shop already names a day of delivery. `end` is the day the story is told.
    """
    placed_on = placed_at.astimezone(ZONE).date()
    after_two = placed_at.astimezone(ZONE).hour >= 14
    shipped_at = at_hour(draw, add_working_days(placed_on, draw.choices((1, 2, 3), (82, 14, 4))[0]), 9, 17)
    if small and not abroad and draw.random() < 0.4:
        return Parcel(carrier=LETTER_POST, shipped_at=shipped_at)
    carrier = draw.choices(CARRIERS, [each.share for each in CARRIERS])[0]
    express = draw.random() < 0.12
    due = add_working_days(placed_on, (1 if express else 3) + after_two + (3 if abroad else 0))
    days_late = _days_late(draw, _share_late(carrier.name, carrier.late, placed_on, end))
    if draw.random() < _LOST:
        return Parcel(carrier.name, due if promises else None, shipped_at, None, days_late=30)
    arrives = due + timedelta(days=days_late) if days_late else _early(draw, due)
    delivered_at = at_hour(draw, arrives, 8, 20)
    if delivered_at <= shipped_at:
        shipped_at = max(placed_at + timedelta(minutes=40), delivered_at - timedelta(hours=14))
        delivered_at = max(delivered_at, shipped_at + timedelta(hours=5))
    return Parcel(carrier.name, due if promises else None, shipped_at, delivered_at, days_late)


def _share_late(carrier: str, usual: float, day: date, end: date) -> float:
    share = usual
    if (day.month, day.day) >= (11, 24):
        share *= 2.4
    if carrier == _BAD_SPELL and 120 <= (end - day).days < 185:
        share = max(share, 0.26)
    return share


def _days_late(draw: Random, share: float) -> int:
    if draw.random() >= share:
        return 0
    return draw.choices((1, 2, 3, 4, 5, 7, 9, 12), (38, 24, 14, 9, 6, 5, 3, 1))[0]


def _early(draw: Random, due: date) -> date:
    """On the day or up to two days before it, but never on a Sunday."""
    day = due - timedelta(days=draw.choices((0, 1, 2), (58, 32, 10))[0])
    return day + timedelta(days=1) if day.weekday() == 6 else day


def notices(draw: Random, placed_at: datetime, parcel: Parcel, *, texts: bool) -> list[Notice]:
    """What the shopper is told: confirmed, on its way, late (not always), delivered."""
    channel = "sms" if texts else "email"
    told = [Notice(placed_at + timedelta(minutes=1), "confirmed", "email")]
    if parcel.shipped_at:
        told.append(Notice(parcel.shipped_at + timedelta(minutes=5), "shipped", channel))
    if parcel.days_late and parcel.promised_on and draw.random() < 0.5:
        text = f"Your parcel is held up at {parcel.carrier}. We are sorry; we will write when it moves."
        told.append(Notice(at_hour(draw, parcel.promised_on, 9, 18), "delayed", channel, text))
    if parcel.delivered_at:
        told.append(Notice(parcel.delivered_at + timedelta(minutes=10), "delivered", channel))
    return told


def as_known_at(parcel: Parcel, end: datetime) -> Parcel:
    """The parcel without what happens at or after the end."""
    return Parcel(
        carrier=parcel.carrier if _until(parcel.shipped_at, end) else "",
        promised_on=parcel.promised_on,
        shipped_at=_until(parcel.shipped_at, end),
        delivered_at=_until(parcel.delivered_at, end),
        days_late=parcel.days_late,
    )


def _until(moment: datetime | None, end: datetime) -> datetime | None:
    return moment if moment and moment < end.astimezone(UTC) else None
