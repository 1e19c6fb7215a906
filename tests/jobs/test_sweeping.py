"""What is left lying is found; what is at work is left alone."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from django.utils.timezone import now
from django_q.conf import Conf
from django_q.models import OrmQ

from jobs.models import Job
from jobs.running import enqueue, run
from jobs.schedules import ensure_schedules
from jobs.session import JobSession, working_processes
from jobs.sweeping import sweep
from tests.factories.accounts import make_store
from tests.jobs import kinds  # noqa: F401  # registers them

pytestmark = pytest.mark.django_db


def waiting_job() -> Job:
    return enqueue(store=make_store(), kind="tests.rename", key="a", arguments={"name": "New"})


def messages() -> list[int]:
    return [message.task["args"][0] for message in OrmQ.objects.order_by("id")]


def taken(*, ago: timedelta) -> None:
    """A cluster took all messages some time ago."""
    OrmQ.objects.update(lock=now() - ago + timedelta(seconds=Conf.RETRY))


def test_sweep_requeues_a_running_job_that_nobody_is_at() -> None:
    job = waiting_job()
    taken(ago=timedelta(hours=1))
    Job.objects.filter(id=job.id).update(state="running", attempts=1)
    assert sweep().orphaned == (job.id,)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("queued", 1)
    assert messages() == [job.id]
    assert not OrmQ.objects.filter(lock__gt=now()).exists()


def test_sweep_leaves_a_running_job_that_somebody_is_at() -> None:
    job = waiting_job()
    Job.objects.filter(id=job.id).update(state="running", attempts=1)
    with JobSession(job.id):
        assert sweep().orphaned == ()
    job.refresh_from_db()
    assert job.state == "running"


def test_sweep_sends_a_message_for_a_waiting_job_that_has_none() -> None:
    job = waiting_job()
    OrmQ.objects.all().delete()
    assert sweep().unheard == (job.id,)
    assert messages() == [job.id]


def test_sweep_trusts_a_message_nobody_has_taken() -> None:
    job = waiting_job()
    assert sweep(unheard_after=timedelta(0)).unheard == ()
    assert messages() == [job.id]


def test_sweep_trusts_a_cluster_for_ten_minutes() -> None:
    waiting_job()
    taken(ago=timedelta(minutes=9))
    assert sweep().unheard == ()


def test_sweep_replaces_a_message_taken_long_ago() -> None:
    job = waiting_job()
    taken(ago=timedelta(minutes=11))
    assert sweep().unheard == (job.id,)
    assert messages() == [job.id]
    assert not OrmQ.objects.filter(lock__gt=now()).exists()


def test_sweep_at_a_start_replaces_every_taken_message() -> None:
    job = waiting_job()
    taken(ago=timedelta(seconds=1))
    assert sweep(unheard_after=timedelta(0)).unheard == (job.id,)


def test_sweep_leaves_finished_jobs() -> None:
    run(waiting_job().id)
    OrmQ.objects.all().delete()
    swept = sweep(unheard_after=timedelta(0))
    assert (swept.orphaned, swept.unheard) == ((), ())
    assert messages() == []


def test_the_rights_of_the_running_site_are_enough(app_role: None) -> None:
    ensure_schedules()
    job = waiting_job()
    Job.objects.filter(id=job.id).update(state="running", attempts=1)
    assert sweep().orphaned == (job.id,)
    assert run(job.id) == "succeeded"
    assert working_processes() <= {os.getpid()}  # the server may still be closing our own session
