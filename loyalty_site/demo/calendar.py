"""When people buy from the shop: the season, the weekday, the hour, and working days."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from loyalty_site.demo.shop import TIMEZONE

ZONE = ZoneInfo(TIMEZONE)

# Demand of a month against an ordinary one. December stands for its first three weeks.
_MONTHS = (0.86, 0.88, 0.96, 0.95, 0.95, 0.86, 0.76, 0.78, 0.97, 1.12, 1.55, 1.85)
_WEEKDAYS = (1.1, 1.0, 0.98, 1.02, 0.92, 0.82, 1.16)
_HOURS = (1, 0, 0, 0, 0, 1, 3, 6, 9, 11, 11, 12, 15, 13, 10, 9, 9, 10, 11, 14, 18, 17, 10, 4)
_COUNTER_HOURS = (0, 0, 0, 0, 0, 0, 0, 0, 2, 8, 12, 15, 16, 14, 12, 11, 10, 6, 0, 0, 0, 0, 0, 0)


def season(day: date) -> float:
    """Demand of the day against an ordinary one (about 1); after 20 December hardly anybody orders."""
    if day.month == 12 and day.day > 20:
        return 0.6
    return _MONTHS[day.month - 1]


def moment_near(draw: Random, day: date, *, before: date, counter: bool) -> datetime:
    """A moment within three days of the day, before another: weekday and hour by their weights."""
    around = [each for shift in range(-3, 4) if (each := day + timedelta(days=shift)) < before]
    chosen = draw.choices(around, [_WEEKDAYS[each.weekday()] for each in around])[0]
    hour = draw.choices(range(24), _COUNTER_HOURS if counter else _HOURS)[0]
    local = datetime.combine(chosen, time(hour, draw.randrange(60), draw.randrange(60)), ZONE)
    return local.astimezone(UTC)


def add_working_days(day: date, count: int) -> date:
    """The working day (Monday to Friday) that comes this many after the day."""
    while count > 0:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


def at_hour(draw: Random, day: date, first: int, last: int) -> datetime:
    """A moment on the day between the two hours of the shop's clock."""
    local = datetime.combine(day, time(draw.randrange(first, last), draw.randrange(60)), ZONE)
    return local.astimezone(UTC)
