"""Days and months as a store lives them: the store's time zone decides the day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# Days whose moments, and their neighbours', every time zone and the database can hold.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(9000, 1, 1)


def local_today(timezone: str, now: datetime | None = None) -> date:
    """Today's date in the time zone."""
    return (now or datetime.now(UTC)).astimezone(ZoneInfo(timezone)).date()


def local_day(moment: datetime, timezone: str) -> date:
    """The date of an aware moment in the time zone."""
    return moment.astimezone(ZoneInfo(timezone)).date()


def start_of_day(day: date, timezone: str) -> datetime:
    """The first moment of the day in the time zone."""
    return datetime.combine(day, time.min, ZoneInfo(timezone))


def start_of_next_day(day: date, timezone: str) -> datetime:
    """The first moment after the day in the time zone: the exclusive end of the day."""
    return start_of_day(day + timedelta(days=1), timezone)


def month_start(day: date) -> date:
    """The first day of the day's month."""
    return day.replace(day=1)


def add_months(day: date, months: int) -> date:
    """The same day of a later (or, negative, earlier) month; the month's last day where it is shorter."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def months_between(earlier: date, later: date) -> int:
    """Calendar months from the earlier day's month to the later day's month."""
    return (later.year - earlier.year) * 12 + later.month - earlier.month
