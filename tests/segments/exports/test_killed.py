"""An export whose process is killed: nothing that looks like a file, and one whole file once it is run again."""

from __future__ import annotations

import csv
import random

import pytest

from accounts.models import Store
from jobs.models import Job
from jobs.running import run
from orders.models import Customer
from segments.exports.files import path_of
from segments.models import CustomerStats
from tests.factories.accounts import make_store
from tests.factories.exports import make_export_job
from tests.jobs.processes import Process, kill, start, wait_until_free

PEOPLE = 15_000
FILE_BYTES = 1_200_000  # at least


def make_people(store: Store) -> None:
    people = Customer.objects.bulk_create(
        Customer(store=store, external_id=f"c-{n}", name=f"Customer {n}") for n in range(PEOPLE)
    )
    CustomerStats.objects.bulk_create(CustomerStats(store=store, customer=one) for one in people)


def kill_at(worker: Process, job: Job, size: int) -> None:
    """Kills the process as soon as it has written so much."""
    folder = path_of(job).parent
    seen = set(folder.iterdir())
    while worker.poll() is None:
        if any(part.stat().st_size >= size for part in set(folder.iterdir()) - seen):
            break
    kill(worker)
    wait_until_free(job)


@pytest.mark.django_db(transaction=True)
def test_killed_export_leaves_no_file_and_is_whole_when_run_again() -> None:
    store = make_store()
    make_people(store)
    job = make_export_job(store)
    chance = random.Random(20260611)
    for size in chance.sample(range(1, FILE_BYTES), 2):
        kill_at(start(str(job.pk)), job, size)
        job.refresh_from_db()
        assert job.state == Job.State.RUNNING  # as it was left
        assert not path_of(job).exists()
    assert run(job.pk) == Job.State.SUCCEEDED
    job.refresh_from_db()
    with path_of(job).open(encoding="utf-8-sig") as file:
        names = [row["Customer number"] for row in csv.DictReader(file)]
    assert len(names) == len(set(names)) == job.result["rows"] == PEOPLE
    assert path_of(job).stat().st_size >= FILE_BYTES
