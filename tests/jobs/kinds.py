"""Kinds of jobs that exist for the tests alone."""

from __future__ import annotations

from django.db import connection

from accounts.models import Store
from jobs.kinds import JobFailed, job_kind
from jobs.models import Job
from jobs.progress import Progress
from orders.models import DirtyCustomer


@job_kind("tests.rename", title="Rename the store")
def rename(job: Job, progress: Progress) -> dict[str, object]:
    """Has its effect once, however often it runs."""
    name = str(job.arguments["name"])
    Store.objects.filter(id=job.store_id).update(name=name)
    progress.report(done=1, total=1, note="Renamed", unit="stores")
    return {"name": name}


@job_kind("tests.refuse")
def refuse(job: Job, progress: Progress) -> dict[str, object]:
    raise JobFailed("The file is empty. Choose another one.")


@job_kind("tests.crash")
def crash(job: Job, progress: Progress) -> dict[str, object]:
    raise RuntimeError("a secret of the inside")


@job_kind("tests.deadlock")
def deadlock(job: Job, progress: Progress) -> dict[str, object]:
    """Loses its database on the first attempt, as a restart of the server would have it."""
    if job.attempts == 1:
        with connection.cursor() as cursor:
            cursor.execute("select pg_terminate_backend(pg_backend_pid())")
    return {"attempt": job.attempts}


@job_kind("tests.report_forever")
def report_forever(job: Job, progress: Progress) -> dict[str, object]:
    """Says on standard output that it has begun, then reports until it is stopped from outside."""
    print("begun", flush=True)
    done = 0
    while True:
        done += 1
        progress.report(done=done)


@job_kind("tests.log_customers")
def log_customers(job: Job, progress: Progress) -> dict[str, object]:
    """Writes as many rows into the log of changed customers as it was asked to."""
    rows = (DirtyCustomer(store_id=job.store_id, customer_id=n) for n in range(job.arguments["rows"]))
    return {"rows": len(DirtyCustomer.objects.bulk_create(rows))}


@job_kind("tests.unspeakable")
def unspeakable(job: Job, progress: Progress) -> dict[str, object]:
    """Returns what JSON can't hold."""
    return {"job": job}
