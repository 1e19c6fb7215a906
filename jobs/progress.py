"""What running work tells about itself, a few times a second at most."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

from jobs.session import JobSession

WRITES_A_SECOND = 4


class JobCancelled(Exception):  # noqa: N818  # not an error
    """Raised out of `report` when a person has asked for the job to stop. Let it through: it undoes the work."""


class Progress:
    """Progress that nobody watches: for work called from a command or a test. Jobs get a JobProgress."""

    def report(
        self,
        *,
        done: int | None = None,
        total: int | None = None,
        note: str | None = None,
        unit: str | None = None,
    ) -> None:
        """Says how far the work is: `done` of `total` `unit`s and a short sentence.

        Arguments left out stay as they were. May be called as often as is convenient. Raises JobCancelled.
        """


class JobProgress(Progress):
    """Writes to the job's row through its session, at most WRITES_A_SECOND times a second."""

    def __init__(self, session: JobSession, clock: Callable[[], float] = time.monotonic) -> None:
        self._session = session
        self._clock = clock
        self._write_lock = Lock()
        self._last_write = float("-inf")
        self._unwritten = False
        self._done, self._total, self._unit, self._note = 0, None, "rows", ""

    _total: int | None

    def report(
        self,
        *,
        done: int | None = None,
        total: int | None = None,
        note: str | None = None,
        unit: str | None = None,
    ) -> None:
        with self._write_lock:
            self._done = self._done if done is None else done
            self._total = self._total if total is None else total
            self._note = self._note if note is None else note
            self._unit = self._unit if unit is None else unit
            self._unwritten = True
            if self._clock() - self._last_write >= 1 / WRITES_A_SECOND and self._write():
                raise JobCancelled

    def finish(self) -> None:
        """Writes what the throttle held back. It is too late to cancel by now."""
        with self._write_lock:
            if self._unwritten:
                self._write()

    def _write(self) -> bool:
        cancelled = self._session.write_progress(
            done=self._done, total=self._total, unit=self._unit, note=self._note
        )
        self._last_write = self._clock()
        self._unwritten = False
        return cancelled
