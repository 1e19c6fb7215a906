"""Is the task cluster alive? A scheduled task leaves a sign of life; its absence is the alarm.

The sign passes through the same queue as real work, so it stops when any part of the cluster does. Several
clusters on one broker share the sign: it falls silent when none of them works any more.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils.timezone import now

from jobs.models import ClusterHeartbeat
from jobs.session import held_job_ids

SILENT_AFTER = timedelta(minutes=3)


def beat() -> None:
    """Leaves the sign of life."""
    ClusterHeartbeat.objects.update_or_create(name=_name(), defaults={"beat_at": now()})


def silence() -> str | None:
    """A sentence when the cluster has been silent for too long, else None.

    While some process holds a job's lock the cluster isn't called silent: with every worker busy on a long
    import the sign has to wait its turn, and a restart would only throw that work away.
    """
    beat_at = ClusterHeartbeat.objects.filter(name=_name()).values_list("beat_at", flat=True).first()
    if beat_at is not None and now() - beat_at <= SILENT_AFTER:
        return None
    if held_job_ids():
        return None
    since = f"since {beat_at:%Y-%m-%d %H:%M} UTC" if beat_at else "since it was set up"
    return f"The background tasks have given no sign of life {since}. Restart the task cluster."


def _name() -> str:
    return str(settings.Q_CLUSTER["name"])
