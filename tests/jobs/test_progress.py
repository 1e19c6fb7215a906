"""What a job reports reaches its row, but not with every report."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils.timezone import now

from jobs.models import Job
from jobs.progress import JobCancelled, JobProgress, Progress
from jobs.session import JobSession
from tests.factories.accounts import make_store

pytestmark = pytest.mark.django_db(transaction=True)


class Clock:
    """Seconds that pass when told to."""

    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def job() -> Job:
    return Job.objects.create(store=make_store(), kind="tests.any", key="a", state="running", attempts=1)


def row(job: Job) -> tuple[Any, ...]:
    return Job.objects.values_list("done", "total", "unit", "note").get(id=job.id)


def test_report_keeps_what_is_left_out(job: Job) -> None:
    clock = Clock()
    with JobSession(job.id) as session:
        progress = JobProgress(session, clock)
        progress.report(done=5, total=10, note="Reading", unit="orders")
        assert row(job) == (5, 10, "orders", "Reading")
        clock.seconds += 1
        progress.report(done=6)
        assert row(job) == (6, 10, "orders", "Reading")


def test_report_writes_four_times_a_second_at_most(job: Job) -> None:
    clock, seen = Clock(), set()
    with JobSession(job.id) as session:
        progress = JobProgress(session, clock)
        for done in range(1, 41):
            progress.report(done=done)
            seen.add(row(job)[0])
            clock.seconds += 0.0625
    assert seen == {1, 5, 9, 13, 17, 21, 25, 29, 33, 37}


def test_finish_writes_what_was_held_back(job: Job) -> None:
    with JobSession(job.id) as session:
        progress = JobProgress(session, Clock())
        progress.report(done=1)
        progress.report(done=2)
        assert row(job)[0] == 1
        progress.finish()
        assert row(job)[0] == 2


def test_report_beyond_the_total_moves_the_total(job: Job) -> None:
    with JobSession(job.id) as session:
        JobProgress(session).report(done=12, total=10)
    assert row(job)[:2] == (12, 12)


def test_report_shortens_a_long_note(job: Job) -> None:
    with JobSession(job.id) as session:
        JobProgress(session).report(note="x" * 500)
    assert row(job)[3] == "x" * 300


def test_report_raises_when_cancelled(job: Job) -> None:
    with JobSession(job.id) as session:
        Job.objects.filter(id=job.id).update(cancel_asked_at=now())
        with pytest.raises(JobCancelled):
            JobProgress(session).report(done=1)


def test_progress_nobody_watches_takes_any_report() -> None:
    Progress().report(done=1, total=2, note="Reading", unit="rows")
