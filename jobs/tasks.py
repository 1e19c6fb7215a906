"""What the task cluster does by the clock to keep itself honest."""

from __future__ import annotations

from jobs import canary
from jobs.schedules import every
from jobs.sweeping import sweep


@every(minutes=1)
def beat() -> None:
    """The canary: see jobs.canary."""
    canary.beat()


@every(minutes=1)
def sweep_jobs() -> None:
    """Queues again what was left lying: see jobs.sweeping."""
    sweep()
