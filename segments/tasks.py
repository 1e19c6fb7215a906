"""Background work on segments."""

from __future__ import annotations

from datetime import date

from accounts.models import Store
from jobs.models import Job
from jobs.progress import Progress
from jobs.running import job_kind
from orders.rollups import refresh_rollups
from segments.models import Refresh
from segments.scoring import refresh_store


@job_kind("segments.refresh", title="Segment refresh")
def refresh_segments(job: Job, progress: Progress) -> dict[str, object]:
    """Brings the store's roll-ups of orders up to date and refreshes its segments once, however often it is run.

    Arguments, all optional: `reason` (a Refresh.Reason; on demand), `as_of` (ISO date; the store's today when
    the job runs), `rebuild` (bool).
    """
    as_of = job.arguments.get("as_of")
    store = Store.objects.get(pk=job.store_id)
    refresh_rollups(store=store)
    refresh = refresh_store(
        store=store,
        as_of=date.fromisoformat(as_of) if as_of else None,
        rebuild=bool(job.arguments.get("rebuild")),
        reason=Refresh.Reason(job.arguments.get("reason", Refresh.Reason.DEMAND)),
        job=job,
        progress=progress,
    )
    return {
        "refresh": refresh.pk,
        "as_of": refresh.as_of.isoformat(),
        "customers": refresh.customers,
        "moved": refresh.moved,
    }
