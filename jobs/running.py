"""Asking for background work, doing it, stopping it.

The Job row is the truth: the broker only says "look at job 7", may say it twice, and may lose it (jobs.sweeping
finds that out). A job is done by the process that holds its lock; attempts are counted when it is claimed.
"""

from __future__ import annotations

import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from types import FrameType
from typing import NoReturn

from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.utils.timezone import now
from django_q.exceptions import TimeoutException
from django_q.models import OrmQ
from django_q.tasks import async_task

from accounts.models import Store, User
from jobs.kinds import JobFailed, kind_named
from jobs.models import Job
from jobs.progress import JobCancelled, JobProgress
from jobs.session import JobSession
from jobs.settling import settle_tables

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
RUN = "jobs.running.run"

WENT_WRONG = "Something went wrong on our side. Nothing was half done; you can try again."
TOO_LONG = "It took too long and was stopped. You can try again."
KEPT_STOPPING = (
    "It was started three times and stopped each time before it was done, perhaps for want of memory. "
    "You can try again."
)
UNKNOWN_KIND = "This version of Regulars doesn't know this kind of work."


class JobInterrupted(SystemExit):
    """The process was told to stop while it worked; the job waits for the next one."""


def enqueue(
    *,
    store: Store,
    kind: str,
    key: str,
    arguments: dict[str, object] | None = None,
    requested_by: User | None = None,
) -> Job:
    """Asks for work. If a job of the same store, kind and key is unfinished, returns that one instead.

    The job and its place in the queue are rows of the caller's transaction: they appear when it commits, and
    not at all when it rolls back.
    """
    with transaction.atomic():
        job = Job(store=store, kind=kind, key=key, arguments=arguments or {}, requested_by=requested_by)
        return _begin(job)


def _begin(job: Job) -> Job:
    """Saves the waiting job and sends its message; where one of its key is unfinished, returns that one instead."""
    unfinished = Job.objects.filter(store_id=job.store_id, kind=job.kind, key=job.key, finished_at=None)
    for _attempt in range(3):
        if (same := unfinished.first()) is not None:
            return same
        try:
            with transaction.atomic():
                job.save()
        except IntegrityError:
            continue  # somebody else asked at the same moment, or it has just finished: look again
        _send(job.id)
        return job
    raise AssertionError("a job of this key was begun and finished three times while asking for it")


def _send(job_id: int) -> None:
    async_task(RUN, job_id, task_name=f"job {job_id}", save=False)


def requeue(job_id: int) -> None:
    """Sends one message about the job, replacing any older one, which may have been lost."""
    with transaction.atomic():
        _forget_messages(job_id)
        _send(job_id)


def _forget_messages(job_id: int) -> None:
    OrmQ.objects.filter(id__in=[message.id for message in queued_messages().get(job_id, [])]).delete()


def queued_messages() -> dict[int, list[OrmQ]]:
    """The broker's messages about jobs, by job id."""
    found: dict[int, list[OrmQ]] = {}
    for message in OrmQ.objects.all():
        task = message.task
        if task.get("func") == RUN:
            found.setdefault(task["args"][0], []).append(message)
    return found


def run(job_id: int) -> str:
    """Does the job, unless another process is at it or it is finished. Called by the task cluster."""
    with JobSession(job_id) as session:
        if not session.locked:
            return "another process is at it"
        job = _claim(job_id)
        if job is None:
            return "nothing to do"
        with _interrupted_by_sigterm():
            _work(job, session)
        job.refresh_from_db(fields=["state"])
        return job.state


def _claim(job_id: int) -> Job | None:
    """Takes an unfinished job and counts the attempt; None where there is nothing (more) to do.

    We hold the job's lock, so a row that still says "running" was left by a process that died.
    """
    with transaction.atomic():
        job = Job.objects.select_for_update().filter(id=job_id, finished_at=None).first()
        if job is None:
            return None
        if job.cancel_asked_at is not None:
            _finish(job, Job.State.CANCELLED)
            return None
        if job.attempts >= MAX_ATTEMPTS:
            _finish(job, Job.State.FAILED, error=KEPT_STOPPING)
            return None
        job.state = Job.State.RUNNING
        job.attempts += 1
        job.started_at = job.heartbeat_at = now()
        job.done, job.total, job.note = 0, None, ""
        job.save(update_fields=["state", "attempts", "started_at", "heartbeat_at", "done", "total", "note"])
        return job


def _work(job: Job, session: JobSession) -> None:
    kind = kind_named(job.kind)
    if kind is None:
        _finish(job, Job.State.FAILED, error=UNKNOWN_KIND)
        return
    progress = JobProgress(session)
    try:
        settle_tables()
        result = kind.function(job, progress)
        progress.finish()
        _finish(job, Job.State.SUCCEEDED, result=result)
        settle_tables()
    except JobFailed as failure:
        _finish(job, Job.State.FAILED, error=str(failure))
    except JobCancelled:
        _finish(job, Job.State.CANCELLED)
    except JobInterrupted:
        _set_aside(job)
        raise
    except TimeoutException:
        _finish(job, Job.State.FAILED, error=TOO_LONG)
        raise
    except (OperationalError, InterfaceError):
        # The database went away, or broke a deadlock: worth another try, by whoever can reach it then.
        log.exception("Job %s (%s) lost the database", job.id, job.kind)
        connection.close_if_unusable_or_obsolete()
        _try_again(job)
    except Exception:
        log.exception("Job %s (%s) failed", job.id, job.kind)
        _finish(job, Job.State.FAILED, error=WENT_WRONG)


def _finish(job: Job, state: Job.State, *, error: str = "", result: dict[str, object] | None = None) -> None:
    with transaction.atomic():
        Job.objects.filter(id=job.id, finished_at=None).update(
            state=state, error=error, result=result or {}, finished_at=now()
        )


def _try_again(job: Job) -> None:
    with transaction.atomic():
        if Job.objects.filter(id=job.id, state=Job.State.RUNNING).update(state=Job.State.QUEUED):
            requeue(job.id)


def _set_aside(job: Job) -> None:
    """Back to waiting, as if it had never begun, but without a message: this cluster is stopping.

    The sweep sends one, at the next start or within a minute of another cluster's clock.
    """
    with transaction.atomic():
        running = Job.objects.filter(id=job.id, state=Job.State.RUNNING)
        if running.update(state=Job.State.QUEUED, attempts=F("attempts") - 1):
            _forget_messages(job.id)


@contextmanager
def _interrupted_by_sigterm() -> Iterator[None]:
    """While inside, the first SIGTERM raises JobInterrupted in the main thread.

    Later ones do nothing: a process whose whole group is stopped gets the signal twice, and the second must not
    interrupt setting the job aside.
    """

    def interrupt(signum: int, frame: FrameType | None) -> NoReturn:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise JobInterrupted

    if current_thread() is not main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def cancel(*, store: Store, job_id: int) -> Job:
    """Stops a job: at once where it waits, at its next report where it runs. A finished one stays as it is.

    Raises Job.DoesNotExist for another store's job.
    """
    with transaction.atomic():
        job = Job.objects.select_for_update().get(store=store, id=job_id)
        if job.state == Job.State.QUEUED:
            _finish(job, Job.State.CANCELLED)
        elif job.state == Job.State.RUNNING and job.cancel_asked_at is None:
            Job.objects.filter(id=job.id).update(cancel_asked_at=now())
        job.refresh_from_db()
        return job


def retry(*, store: Store, job_id: int) -> Job:
    """Queues a failed or cancelled job again, with its count of attempts reset.

    If the same work is already waiting or running, returns that job instead. Raises Job.DoesNotExist for another
    store's job, and JobFailed for one that succeeded or isn't finished.
    """
    with transaction.atomic():
        job = Job.objects.select_for_update().get(store=store, id=job_id)
        if job.state not in (Job.State.FAILED, Job.State.CANCELLED):
            raise JobFailed("Only work that failed or was cancelled can be tried again.")
        job.state, job.attempts, job.error = Job.State.QUEUED, 0, ""
        job.done, job.total, job.note = 0, None, ""
        job.started_at = job.finished_at = job.cancel_asked_at = None
        _forget_messages(job.id)
        return _begin(job)
