"""The schedule table against the scheduler that reads it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.timezone import now
from django_q.models import OrmQ, Schedule
from django_q.scheduler import scheduler

from jobs.schedules import ensure_schedules

pytestmark = pytest.mark.django_db(transaction=True)  # the scheduler closes idle connections

BEAT, SWEEP = "jobs.tasks.beat", "jobs.tasks.sweep_jobs"


def sent() -> set[str]:
    return {message.func() for message in OrmQ.objects.all()}


def test_ensure_schedules_makes_them_once() -> None:
    made = ensure_schedules()
    assert {BEAT, SWEEP} <= set(made)
    assert ensure_schedules() == []
    assert sorted(Schedule.objects.values_list("name", flat=True)) == made


def test_scheduler_sends_what_is_due() -> None:
    ensure_schedules()
    scheduler()
    assert {BEAT, SWEEP} <= sent()
    due = Schedule.objects.get(name=BEAT).next_run - now()
    assert timedelta(0) < due <= timedelta(minutes=1)


def test_ensure_schedules_removes_the_malformed_one_that_blocks_the_others() -> None:
    Schedule.objects.create(name="by hand", func="jobs.tasks.beat", args="not(a literal", schedule_type="I")
    ensure_schedules()
    Schedule.objects.create(name="another", func="jobs.tasks.beat", args="not(a literal", schedule_type="I")
    scheduler()
    assert sent() == set()  # one bad row, and nothing is sent
    assert ensure_schedules() == ["another"]
    scheduler()
    assert {BEAT, SWEEP} <= sent()


@pytest.mark.parametrize(
    "damage",
    [{"func": "jobs.tasks.gone"}, {"minutes": 0}, {"repeats": 0}, {"next_run": None}, {"cluster": "x"}],
)
def test_ensure_schedules_repairs(damage: dict[str, object]) -> None:
    ensure_schedules()
    Schedule.objects.filter(name=BEAT).update(**damage)
    assert ensure_schedules() == [BEAT]
    scheduler()
    assert BEAT in sent()


def test_ensure_schedules_removes_doubles_and_strangers() -> None:
    ensure_schedules()
    double = Schedule.objects.get(name=BEAT)
    double.pk = None
    double.save()
    Schedule.objects.create(name="of an earlier version", func="jobs.tasks.gone")
    assert ensure_schedules() == [BEAT, "of an earlier version"]
    assert Schedule.objects.filter(name=BEAT).count() == 1
