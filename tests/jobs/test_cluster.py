"""The task cluster with all its processes, stopped kindly and unkindly in the middle of a job."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import psutil
import pytest
from django_q.models import OrmQ

from jobs.canary import silence
from jobs.models import Job
from jobs.running import cancel
from tests.jobs import kinds  # noqa: F401  # registers them
from tests.jobs.processes import Process, await_line, endless_job, kill, start, wait_until_free

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def clusters() -> Iterator[list[Process]]:
    """Clusters started by a test; none outlives it."""
    started: list[Process] = []
    yield started
    for cluster in started:
        if cluster.poll() is None:
            kill(cluster)


@pytest.mark.slow
def test_job_survives_whatever_happens_to_its_cluster(clusters: list[Process]) -> None:
    job = endless_job()

    clusters.append(first := start("qcluster"))
    await_line(first, "begun")
    assert silence() is None
    family = psutil.Process(first.pid).children(recursive=True)
    first.send_signal(signal.SIGTERM)
    first.wait(timeout=120)
    _gone, left = psutil.wait_procs(family, timeout=60)
    assert not left
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("queued", 0)
    assert not OrmQ.objects.exists()

    clusters.append(second := start("qcluster"))
    await_line(second, "begun")
    kill(second)
    wait_until_free(job)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("running", 1)

    clusters.append(third := start("qcluster"))
    await_line(third, "begun")
    assert Job.objects.get(id=job.id).attempts == 2
    cancel(store=job.store, job_id=job.id)
    wait_until_free(job)
    job.refresh_from_db()
    assert job.state == "cancelled"
    third.send_signal(signal.SIGTERM)
    third.wait(timeout=120)


def test_signal_to_all_of_the_cluster_ends_all_of_it(clusters: list[Process]) -> None:
    job = endless_job()
    clusters.append(cluster := start("qcluster"))
    await_line(cluster, "begun")
    family = psutil.Process(cluster.pid).children(recursive=True)
    os.killpg(cluster.pid, signal.SIGTERM)
    cluster.wait(timeout=120)
    wait_until_free(job)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("queued", 0)
    _gone, left = psutil.wait_procs(family, timeout=60)
    assert not left
