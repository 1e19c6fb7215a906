"""Processes that tests start: workers and clusters on the tests' database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress

from django.conf import settings
from django.db import connection

from jobs.models import Job
from jobs.running import enqueue
from loyalty_site.paths import BASE_DIR
from tests.factories.accounts import make_store

Process = subprocess.Popen[str]


def endless_job() -> Job:
    """A job that says "begun" on its process's output and then goes on until it is stopped."""
    return enqueue(store=make_store(), kind="tests.report_forever", key="1")


def start(work: str) -> Process:
    """A process of tests/jobs/worker.py, leading a session of its own; on this run's database and files."""
    database = str(connection.settings_dict["NAME"])
    command = [sys.executable, "-m", "tests.jobs.worker", database, str(settings.MEDIA_ROOT), work]
    return subprocess.Popen(command, cwd=BASE_DIR, stdout=subprocess.PIPE, text=True, start_new_session=True)


def await_line(process: Process, line: str) -> None:
    """Returns once the process has said the line; fails when it ends before."""
    assert process.stdout is not None
    for said in process.stdout:
        if said.strip() == line:
            return
    raise AssertionError(f"it ended without saying {line}")


def kill(process: Process) -> None:
    """Kills the process and all it started, and waits until they are gone."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    assert process.stdout is not None
    if not process.stdout.closed:
        process.stdout.read()  # to the end of what the last of them could say
        process.stdout.close()
    process.wait()


def wait_until_free(job: Job) -> None:
    """Returns once the database knows that no process is at the job."""
    key = 0x4A42 * 2**48 + job.id  # written out: the tests hold the code to it
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s)", [key])
        cursor.execute("select pg_advisory_unlock(%s)", [key])


def session_waiting_for_us(other_than: int | None = None) -> int:
    """The id of the database session that waits for a lock of ours, once there is one."""
    waiting = "select pid from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))"
    while True:
        with connection.cursor() as cursor:
            cursor.execute(f"{waiting} and pid is distinct from %s", [other_than])
            if row := cursor.fetchone():
                return int(row[0])
