"""Reads of a store's background work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Q, QuerySet
from django.utils.timezone import now

from accounts.models import Store
from jobs.models import Job
from lib.keyset import Sort

NEWEST_FIRST = Sort((("created_at", datetime), ("id", int)))


@dataclass(frozen=True)
class TaskHealth:
    """How the store's background work goes. The last ones are None where there is none."""

    failed_this_week: int
    last_failure: Job | None
    last_success_at: datetime | None


def unfinished_jobs(store: Store) -> QuerySet[Job]:
    """Work that runs or waits, in the order in which it was asked for; with who asked."""
    unfinished = Job.objects.filter(store=store, finished_at=None)
    return unfinished.select_related("requested_by").order_by("created_at", "id")


def finished_jobs(store: Store) -> QuerySet[Job]:
    """Work that is over, for keyset pages by NEWEST_FIRST; with who asked."""
    return Job.objects.filter(store=store, finished_at__isnull=False).select_related("requested_by")


def task_health(store: Store) -> TaskHealth:
    """Failures of the last seven days, and when something last went well."""
    failed = Q(state=Job.State.FAILED, finished_at__gte=now() - timedelta(days=7))
    jobs = Job.objects.filter(store=store)
    found = jobs.aggregate(
        failed_this_week=Count("id", filter=failed),
        last_success_at=Max("finished_at", filter=Q(state=Job.State.SUCCEEDED)),
    )
    return TaskHealth(**found, last_failure=jobs.filter(failed).order_by("-finished_at").first())
