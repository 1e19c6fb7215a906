"""The task cluster: django-q2's, but it doesn't wait for hours when it is told to stop."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from threading import Thread

import psutil
from django.db import DatabaseError
from django_q.cluster import Cluster

from jobs.session import working_processes


class TaskCluster(Cluster):  # type: ignore[misc]
    """On SIGTERM it tells its workers to set their jobs aside, then stops as usual."""

    def stop(self) -> bool:
        """Short tasks may finish; a job is interrupted and waits for the next start, without losing an attempt."""
        if not self.sentinel.is_alive():
            return False
        # In a thread: if the signal went to the whole group, the sentinel may be dead already, and then telling it
        # never returns. First of all, or the sentinel would replace the workers that end.
        Thread(target=self.stop_event.set, daemon=True).start()
        self._interrupt_jobs()
        self.sentinel.join()
        return True

    def _interrupt_jobs(self) -> None:
        with suppress(psutil.NoSuchProcess, DatabaseError):
            own = {process.pid for process in psutil.Process(self.sentinel.pid).children(recursive=True)}
            for pid in working_processes() & own:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGTERM)
