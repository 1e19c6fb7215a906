"""What runs by the clock. The code says what there is; the broker's schedule table is made to agree with it.

The scheduler reads the whole table in one go, and one row it can't read stops all the others; so nothing but
`ensure_schedules` writes to that table, and every start of the task cluster calls it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db import transaction
from django.utils.module_loading import autodiscover_modules
from django_q.models import Schedule

from lib import sql

Task = TypeVar("Task", bound=Callable[[], object])

_minutes: dict[str, int] = {}

# Results aren't kept: one row per minute would push out those worth reading.
_KWARGS = "{'q_options': {'save': False}}"


def every(*, minutes: int) -> Callable[[Task], Task]:
    """Has the function, which takes nothing, called by the task cluster at this interval, in minutes.

    For functions in the apps' `tasks` modules and in loyalty_site.pipeline. It may be called late, twice, or by
    two clusters at once.
    """

    def register(function: Task) -> Task:
        _minutes[f"{function.__module__}.{function.__qualname__}"] = minutes
        return function

    return register


def ensure_schedules() -> list[str]:
    """Makes the schedule table say what the code says: adds, repairs, removes. Returns the names it touched."""
    autodiscover_modules("tasks")
    touched, right = [], set()
    with transaction.atomic():
        sql.execute("jobs", "lock_schedules")
        for schedule in Schedule.objects.order_by("id"):
            if schedule.name not in right and _says(schedule, schedule.name):
                right.add(schedule.name)
            else:
                touched.append(schedule.name or f"schedule {schedule.id}")
                schedule.delete()
        for name in _minutes.keys() - right:
            Schedule.objects.create(name=name, **_columns(name))
            touched.append(name)
    return sorted(set(touched))


def _says(schedule: Schedule, name: str) -> bool:
    if name not in _minutes or schedule.next_run is None:
        return False
    return all(getattr(schedule, field) == value for field, value in _columns(name).items())


def _columns(name: str) -> dict[str, object]:
    return {
        "func": name,
        "hook": None,
        "args": None,
        "kwargs": _KWARGS,
        "schedule_type": Schedule.MINUTES,
        "minutes": _minutes[name],
        "repeats": -1,
        "cron": None,
        "cluster": None,
        "intended_date_kwarg": None,
    }
