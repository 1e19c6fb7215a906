"""Figures, shares, days and durations as people read them. Plain text; no HTML."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.utils.timezone import is_aware, localdate, localtime

MINUS = "−"
NOTHING = "–"


def number_text(value: float | Decimal | None, digits: int | None = None) -> str:
    """A figure with thousands separated: 1,204; whole numbers whole, others to `digits` places (default 1)."""
    if value is None:
        return NOTHING
    if digits is None:
        digits = 0 if value == int(value) else 1
    return _signless(f"{value:,.{digits}f}")


def count_text(count: int, one: str, many: str = "") -> str:
    """So many of something: 1 customer; 1,204 customers. `many` where it isn't `one` with an s."""
    return f"{number_text(count)} {one if count == 1 else many or one + 's'}"


def percent_text(share: float | Decimal | None) -> str:
    """A share from 0 to 1 in per cent to one place: 12.3%; a share too small to show is <0.1%."""
    if share is None:
        return NOTHING
    percent = float(share) * 100
    if 0 < abs(percent) < 0.05:
        return "<0.1%" if percent > 0 else f">{MINUS}0.1%"
    return _signless(f"{percent:,.1f}%")


def times_text(before: int, now: int) -> str:
    """A growth that per cent would overstate: 3.3 times; "" below a doubling, where per cent says it better."""
    if before <= 0 or now < 2 * before:
        return ""
    return f"{now / before:,.{0 if now >= 10 * before else 1}f} times".replace(".0 ", " ")


def signed_text(value: float | Decimal | None) -> str:
    """A change with its sign: +12, −3, 0."""
    if value is None:
        return NOTHING
    return f"+{number_text(value)}" if value > 0 else number_text(value)


def day_text(day: date, today: date | None = None) -> str:
    """12 Nov, with the year where it isn't this one: 12 Nov 2024. A moment's day is the active zone's."""
    day = _local_day(day)
    text = f"{day.day} {day:%b}"
    return text if day.year == (today or localdate()).year else f"{text} {day.year}"


def exact_text(moment: date) -> str:
    """The whole of it, for a hover: 12 Nov 2024, 14:03 in the active zone; a plain date without the time."""
    day = _local_day(moment)
    text = f"{day.day} {day:%b %Y}"
    return f"{text}, {_local(moment):%H:%M}" if isinstance(moment, datetime) else text


def ago_text(moment: date, now: datetime | None = None) -> str:
    """How long ago: just now, 5 minutes ago, yesterday, 3 days ago; from 60 days on the day itself."""
    now = now or localtime()
    if isinstance(moment, datetime):
        seconds = (now - _local(moment)).total_seconds()
        if abs(seconds) < 60:
            return "just now"
        if abs(seconds) < 22 * 3600:
            return _apart(_duration(abs(seconds)), seconds)
    days = (now.date() - _local_day(moment)).days
    if abs(days) >= 60:
        return day_text(moment, now.date())
    near = {0: "today", 1: "yesterday", -1: "tomorrow"}
    return near.get(days) or _apart(f"{abs(days)} days", days)


def duration_text(seconds: float) -> str:
    """About how long: less than a second, 12 seconds, 3 minutes, 2 hours."""
    return "less than a second" if seconds < 1 else _duration(seconds)


def size_text(size: int) -> str:
    """A file's size in bytes: 1.25 GB, 12 MB, 340 kB, 7 bytes."""
    if size >= 1_000_000_000:
        return f"{size / 1_000_000_000:.3g} GB"
    for unit, name in ((1_000_000, "MB"), (1_000, "kB")):
        if size >= unit:
            return f"{size / unit:,.0f} {name}"
    return count_text(size, "byte")


def _duration(seconds: float) -> str:
    for size, name in ((3600, "hour"), (60, "minute")):
        if seconds >= size * 0.995:
            return count_text(round(seconds / size), name)
    return count_text(round(seconds), "second")


def _apart(length: str, elapsed: float) -> str:
    return f"{length} ago" if elapsed > 0 else f"in {length}"


def _signless(text: str) -> str:
    """With a real minus sign, and without a sign where the figure rounds to 0."""
    if not text.startswith("-"):
        return text
    return MINUS + text[1:] if text.strip("-0.,%") else text[1:]


def _local(moment: datetime) -> datetime:
    return localtime(moment) if is_aware(moment) else moment


def _local_day(moment: date) -> date:
    return _local(moment).date() if isinstance(moment, datetime) else moment
