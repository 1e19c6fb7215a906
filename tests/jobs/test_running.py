"""Jobs from asking to the end, with the broker's table but without its processes."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from subprocess import TimeoutExpired
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django_q.models import OrmQ

from jobs import running
from jobs.kinds import JobFailed
from jobs.models import Job
from jobs.running import cancel, enqueue, retry, run
from jobs.session import JobSession, held_job_ids, working_processes
from jobs.sweeping import sweep
from tests.factories.accounts import make_store, make_user
from tests.jobs import kinds  # noqa: F401  # registers them
from tests.jobs.processes import (
    Process,
    await_line,
    endless_job,
    kill,
    session_waiting_for_us,
    start,
    wait_until_free,
)

committed = pytest.mark.django_db(transaction=True)


def messages() -> list[int]:
    """The job ids the broker knows of, in the order they were sent."""
    return [message.task["args"][0] for message in OrmQ.objects.order_by("id")]


@pytest.fixture
def at_work() -> Iterator[tuple[Process, Job]]:
    """A process that has begun an endless job, and the job. It doesn't outlive the test."""
    job = endless_job()
    worker = start(str(job.id))
    try:
        await_line(worker, "begun")
        yield worker, job
    finally:
        kill(worker)


@pytest.mark.django_db
class TestEnqueue:
    def test_makes_a_job_and_one_message(self) -> None:
        store, person = make_store(), make_user()
        job = enqueue(
            store=store, kind="tests.rename", key="a", arguments={"name": "New"}, requested_by=person
        )
        job.refresh_from_db()
        assert (job.state, job.attempts, job.requested_by) == ("queued", 0, person)
        assert messages() == [job.id]

    def test_returns_the_unfinished_job_of_the_key(self) -> None:
        store = make_store()
        first = enqueue(store=store, kind="tests.rename", key="a", arguments={"name": "One"})
        assert enqueue(store=store, kind="tests.rename", key="a", arguments={"name": "Two"}) == first
        assert messages() == [first.id]

    def test_tells_stores_kinds_and_keys_apart(self) -> None:
        store = make_store()
        jobs = {
            enqueue(store=store, kind="tests.rename", key="a").id,
            enqueue(store=store, kind="tests.rename", key="b").id,
            enqueue(store=store, kind="tests.crash", key="a").id,
            enqueue(store=make_store(), kind="tests.rename", key="a").id,
        }
        assert len(jobs) == 4

    def test_starts_anew_after_the_last_one_finished(self) -> None:
        store = make_store()
        first = enqueue(store=store, kind="tests.rename", key="a", arguments={"name": "One"})
        run(first.id)
        assert enqueue(store=store, kind="tests.rename", key="a", arguments={"name": "Two"}) != first

    def test_leaves_nothing_when_the_transaction_rolls_back(self) -> None:
        store = make_store()
        with transaction.atomic():
            enqueue(store=store, kind="tests.rename", key="a")
            transaction.set_rollback(True)
        assert not Job.objects.exists()
        assert messages() == []

    def test_database_refuses_a_second_unfinished_job_of_a_key(self) -> None:
        job = enqueue(store=make_store(), kind="tests.rename", key="a")
        with pytest.raises(IntegrityError):
            Job.objects.create(store=job.store, kind=job.kind, key=job.key)


@committed
def test_enqueue_by_two_at_once_makes_one_job() -> None:
    store = make_store()
    asked: list[int] = []

    def ask() -> None:
        asked.append(enqueue(store=store, kind="tests.rename", key="a").id)
        connection.close()

    other = threading.Thread(target=ask)
    with transaction.atomic():
        mine = enqueue(store=store, kind="tests.rename", key="a")
        other.start()  # waits for our row, which it can't see yet, and then finds it
        other.join(timeout=0.2)
        assert asked == []
    other.join()
    assert asked == [mine.id]
    assert messages() == [mine.id]


@pytest.mark.django_db
class TestRun:
    def test_keeps_the_result(self) -> None:
        store = make_store()
        job = enqueue(store=store, kind="tests.rename", key="a", arguments={"name": "New"})
        assert run(job.id) == "succeeded"
        job.refresh_from_db()
        store.refresh_from_db()
        assert store.name == "New"
        assert (job.result, job.attempts, job.error) == ({"name": "New"}, 1, "")
        assert job.finished_at is not None

    def test_of_a_finished_job_does_nothing(self) -> None:
        job = enqueue(store=make_store(), kind="tests.rename", key="a", arguments={"name": "New"})
        run(job.id)
        assert run(job.id) == "nothing to do"
        job.refresh_from_db()
        assert job.attempts == 1

    def test_of_a_job_that_is_gone_does_nothing(self) -> None:
        assert run(123_456) == "nothing to do"

    def test_shows_the_sentence_of_a_failure(self) -> None:
        job = enqueue(store=make_store(), kind="tests.refuse", key="a")
        assert run(job.id) == "failed"
        job.refresh_from_db()
        assert job.error == "The file is empty. Choose another one."

    def test_keeps_the_inside_of_a_crash_in_the_log(self, caplog: pytest.LogCaptureFixture) -> None:
        job = enqueue(store=make_store(), kind="tests.crash", key="a")
        run(job.id)
        job.refresh_from_db()
        assert (job.state, job.error) == ("failed", running.WENT_WRONG)
        assert "a secret of the inside" in caplog.text

    def test_fails_when_the_result_cannot_be_kept(self) -> None:
        job = enqueue(store=make_store(), kind="tests.unspeakable", key="a")
        assert run(job.id) == "failed"

    def test_fails_a_kind_nobody_knows(self) -> None:
        job = enqueue(store=make_store(), kind="tests.of_a_later_version", key="a")
        run(job.id)
        job.refresh_from_db()
        assert (job.state, job.error) == ("failed", running.UNKNOWN_KIND)

    def test_leaves_a_job_that_another_process_is_at(self) -> None:
        job = enqueue(store=make_store(), kind="tests.rename", key="a", arguments={"name": "New"})
        with JobSession(job.id) as other:
            assert other.locked
            assert held_job_ids() == {job.id}
            assert run(job.id) == "another process is at it"
        assert held_job_ids() == set()
        job.refresh_from_db()
        assert job.state == "queued"

    def test_fails_after_three_attempts_that_never_ended(self) -> None:
        job = enqueue(store=make_store(), kind="tests.rename", key="a", arguments={"name": "New"})
        Job.objects.filter(id=job.id).update(state="running", attempts=3)
        assert run(job.id) == "nothing to do"
        job.refresh_from_db()
        assert (job.state, job.error) == ("failed", running.KEPT_STOPPING)

    def test_takes_over_what_a_dead_process_left_running(self) -> None:
        job = enqueue(store=make_store(), kind="tests.rename", key="a", arguments={"name": "New"})
        Job.objects.filter(id=job.id).update(state="running", attempts=2, done=5)
        assert run(job.id) == "succeeded"
        job.refresh_from_db()
        assert job.attempts == 3


@committed
class TestProgressAndStopping:
    def test_progress_is_on_the_row(self) -> None:
        job = enqueue(store=make_store(), kind="tests.rename", key="a", arguments={"name": "New"})
        run(job.id)
        job.refresh_from_db()
        assert (job.done, job.total, job.unit, job.note) == (1, 1, "stores", "Renamed")

    def test_a_lost_database_is_tried_again(self) -> None:
        job = enqueue(store=make_store(), kind="tests.deadlock", key="a")
        assert run(job.id) == "queued"
        assert messages() == [job.id]
        assert run(job.id) == "succeeded"
        job.refresh_from_db()
        assert job.result == {"attempt": 2}

    def test_kill_leaves_a_job_that_the_sweep_finds(self, at_work: tuple[Process, Job]) -> None:
        worker, job = at_work
        assert held_job_ids() == {job.id}
        assert sweep().orphaned == ()
        worker.kill()
        worker.wait()
        wait_until_free(job)
        assert sweep().orphaned == (job.id,)
        job.refresh_from_db()
        assert (job.state, job.attempts) == ("queued", 1)
        assert messages() == [job.id]

    def test_sigterm_sets_the_job_aside_without_counting_the_attempt(
        self, at_work: tuple[Process, Job]
    ) -> None:
        worker, job = at_work
        worker.send_signal(signal.SIGTERM)
        worker.wait(timeout=120)
        job.refresh_from_db()
        assert (job.state, job.attempts) == ("queued", 0)
        assert messages() == []  # the cluster that is stopping must not begin it again
        assert sweep().unheard == (job.id,)
        assert messages() == [job.id]

    def test_a_second_sigterm_does_not_break_off_setting_the_job_aside(
        self, at_work: tuple[Process, Job]
    ) -> None:
        worker, job = at_work
        with transaction.atomic():
            Job.objects.select_for_update().get(id=job.id)
            reporting = session_waiting_for_us()
            worker.send_signal(signal.SIGTERM)
            session_waiting_for_us(other_than=reporting)  # it has stopped work and is setting the job aside
            worker.send_signal(signal.SIGTERM)
            with pytest.raises(TimeoutExpired):  # that it goes on waiting is the point
                worker.wait(timeout=1)
        worker.wait(timeout=120)
        job.refresh_from_db()
        assert (job.state, job.attempts) == ("queued", 0)

    def test_working_processes_are_known(self, at_work: tuple[Process, Job]) -> None:
        worker, _job = at_work
        assert working_processes() == {worker.pid}

    def test_cancel_stops_a_running_job_at_its_next_report(self, at_work: tuple[Process, Job]) -> None:
        worker, job = at_work
        assert cancel(store=job.store, job_id=job.id).state == "running"
        said, _ = worker.communicate(timeout=120)
        assert said.strip() == "cancelled"


@pytest.mark.django_db
class TestCancelAndRetry:
    def test_cancel_stops_a_waiting_job_at_once(self) -> None:
        job = enqueue(store=make_store(), kind="tests.rename", key="a", arguments={"name": "New"})
        assert cancel(store=job.store, job_id=job.id).state == "cancelled"
        assert run(job.id) == "nothing to do"

    def test_cancel_reaches_a_job_between_two_attempts(self) -> None:
        job = enqueue(store=make_store(), kind="tests.rename", key="a", arguments={"name": "New"})
        Job.objects.filter(id=job.id).update(state="running", attempts=1)
        cancel(store=job.store, job_id=job.id)
        assert run(job.id) == "nothing to do"
        job.refresh_from_db()
        assert job.state == "cancelled"

    def test_cancel_leaves_a_finished_job(self) -> None:
        job = enqueue(store=make_store(), kind="tests.rename", key="a", arguments={"name": "New"})
        run(job.id)
        assert cancel(store=job.store, job_id=job.id).state == "succeeded"

    def test_retry_starts_a_failed_job_again(self) -> None:
        job = enqueue(store=make_store(), kind="tests.refuse", key="a")
        run(job.id)
        again = retry(store=job.store, job_id=job.id)
        assert (again.id, again.state, again.attempts, again.error) == (job.id, "queued", 0, "")
        assert run(job.id) == "failed"

    def test_retry_gives_way_to_the_same_work_under_way(self) -> None:
        store = make_store()
        failed = enqueue(store=store, kind="tests.refuse", key="a")
        run(failed.id)
        waiting = enqueue(store=store, kind="tests.refuse", key="a")
        assert retry(store=store, job_id=failed.id) == waiting

    def test_retry_outlives_the_same_work_begun_and_ended_in_that_instant(self) -> None:
        failed = enqueue(store=make_store(), kind="tests.refuse", key="a")
        run(failed.id)
        begun: list[Job] = []

        def meanwhile(execute: Any, sql: str, *details: Any) -> Any:
            if sql.startswith('UPDATE "jobs_job"') and not begun:
                # Refuses the update, and is gone with its savepoint: who looks for it finds nothing.
                begun.append(Job.objects.create(store=failed.store, kind=failed.kind, key=failed.key))
            return execute(sql, *details)

        with connection.execute_wrapper(meanwhile):
            again = retry(store=failed.store, job_id=failed.id)
        assert begun
        assert (again.id, again.state) == (failed.id, "queued")
        assert messages() == [failed.id]

    @pytest.mark.parametrize("state", ["queued", "succeeded"])
    def test_retry_refuses_what_did_not_fail(self, state: str) -> None:
        job = enqueue(store=make_store(), kind="tests.rename", key="a", arguments={"name": "New"})
        if state == "succeeded":
            run(job.id)
        with pytest.raises(JobFailed):
            retry(store=job.store, job_id=job.id)

    @pytest.mark.parametrize("verb", [cancel, retry])
    def test_another_stores_job_is_not_there(self, verb) -> None:
        job = enqueue(store=make_store(), kind="tests.refuse", key="a")
        run(job.id)
        with pytest.raises(Job.DoesNotExist):
            verb(store=make_store(), job_id=job.id)
