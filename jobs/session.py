"""The database session of a running job: it holds the job's lock and writes its progress.

It is a connection of its own, in autocommit. The lock is a session-level advisory lock, so it is released when the
process ends, however it ends; progress is visible at once, whatever transaction the work itself is in.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Self

from django.db import DatabaseError, connection

from lib import sql

# The upper 16 bits of the keys, so that no other advisory lock of the project can be a job's.
LOCK_NAMESPACE = 0x4A42
SESSION_NAME = "regulars job of process "


def lock_key(job_id: int) -> int:
    """The bigint under which a job is locked: the namespace in the upper 16 bits, the id in the lower 48."""
    return LOCK_NAMESPACE << 48 | job_id


def held_job_ids() -> set[int]:
    """Ids of the jobs that some process is working on at this moment."""
    return {row.job_id for row in sql.rows("jobs", "held_job_locks", {"namespace": LOCK_NAMESPACE})}


def working_processes() -> set[int]:
    """Ids of the processes, on whatever host, that work on a job at this moment."""
    sessions = sql.rows("jobs", "job_sessions", {"prefix": SESSION_NAME})
    return {int(session.application_name.removeprefix(SESSION_NAME)) for session in sessions}


class JobSession:
    """Used as a context manager; `locked` says whether this process may work on the job."""

    def __init__(self, job_id: int) -> None:
        self.job_id = job_id
        self.locked = False
        self._connection = connection.copy()
        self._connection.settings_dict["OPTIONS"] |= {"application_name": f"{SESSION_NAME}{os.getpid()}"}
        self._connection.inc_thread_sharing()  # work done in several threads reports through the one session

    def __enter__(self) -> Self:
        self.locked = bool(self._value("try_job_lock", {"key": lock_key(self.job_id)}))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(DatabaseError):  # a lost session has lost its lock
            self._value("release_job_locks", {})
        self._connection.close()

    def write_progress(self, *, done: int, total: int | None, unit: str, note: str) -> bool:
        """Writes progress at once; True where somebody has asked for the job to be cancelled.

        Raises django.db.OperationalError when the session is lost, and with it the lock.
        """
        values = {"job_id": self.job_id, "done": done, "total": total, "unit": unit[:20], "note": note[:300]}
        return bool(self._value("report_progress", values))

    def _value(self, name: str, parameters: Mapping[str, int | str | None]) -> object:
        with self._connection.cursor() as cursor:
            cursor.execute(sql.statement("jobs", name), parameters)
            row = cursor.fetchone()
        return row[0] if row else None
