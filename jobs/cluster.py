"""The task cluster: django-q2's, but it doesn't wait for hours when it is told to stop."""

from __future__ import annotations

import os
import signal
from contextlib import suppress

import psutil
from django_q.cluster import Cluster

from jobs.session import working_processes


class TaskCluster(Cluster):  # type: ignore[misc]
    """On SIGTERM it tells its workers to set their jobs aside, then stops as usual."""

    def stop(self) -> bool:
        """Short tasks are let finish; a job is interrupted and waits for the next start, no attempt counted."""
        if self.sentinel.is_alive():
            self.stop_event.set()  # first, or a worker that ends would be replaced
            self._interrupt_jobs()
        return bool(super().stop())

    def _interrupt_jobs(self) -> None:
        with suppress(psutil.NoSuchProcess):
            own = {process.pid for process in psutil.Process(self.sentinel.pid).children(recursive=True)}
            for pid in working_processes() & own:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGTERM)
