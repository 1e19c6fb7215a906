"""Finding work that was left lying: by a process that died, or by a broker that lost its message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils.timezone import now
from django_q.conf import Conf

from jobs.models import Job
from jobs.running import queued_messages, requeue
from jobs.session import held_job_ids

# How long a cluster may hold a message before we doubt that it is still there. Being wrong costs a message
# that finds nothing to do.
UNHEARD_AFTER = timedelta(minutes=10)


@dataclass(frozen=True)
class Swept:
    """Ids of the jobs that went back to the queue."""

    orphaned: tuple[int, ...]
    unheard: tuple[int, ...]


def sweep(*, unheard_after: timedelta = UNHEARD_AFTER) -> Swept:
    """Queues again jobs marked as running that nobody works on, and waiting ones that no message refers to.

    Safe beside running work and beside another sweep. A job that has used up its attempts is failed by whoever claims
    it next.
    """
    unheard = _requeue_unheard(unheard_after)
    return Swept(orphaned=_requeue_orphans(), unheard=unheard)


def _requeue_orphans() -> tuple[int, ...]:
    # The jobs are read before the locks: a job claimed in between is one whose lock we see.
    running = list(Job.objects.filter(state=Job.State.RUNNING))
    held = held_job_ids() if running else set()
    return tuple(job.id for job in running if job.id not in held and _requeue_orphan(job))


def _requeue_orphan(seen: Job) -> bool:
    """False where the job has moved on since it was seen: then it is somebody else's."""
    with transaction.atomic():
        unmoved = Job.objects.filter(
            id=seen.id, state=Job.State.RUNNING, attempts=seen.attempts, started_at=seen.started_at
        )
        if not unmoved.update(state=Job.State.QUEUED):
            return False
        requeue(seen.id)
        return True


def _requeue_unheard(unheard_after: timedelta) -> tuple[int, ...]:
    waiting = list(
        Job.objects.filter(state=Job.State.QUEUED).order_by("created_at").values_list("id", flat=True)
    )
    messages = queued_messages() if waiting else {}
    # A cluster takes a message by locking it for `retry` seconds; the lock's end tells when that was.
    doubtful = now() + timedelta(seconds=Conf.RETRY) - unheard_after
    unheard = [
        job_id for job_id in waiting if all(now() < m.lock <= doubtful for m in messages.get(job_id, []))
    ]
    for job_id in unheard:
        requeue(job_id)
    return tuple(unheard)
