"""Asking for a refresh of a store's segments in the background."""

from __future__ import annotations

from accounts.models import Store, User
from jobs.models import Job
from jobs.running import enqueue
from segments.models import Refresh

REFRESH = "segments.refresh"  # the kind of job


def ask_for_refresh(
    *, store: Store, key: str, reason: Refresh.Reason, by: User | None = None, import_id: int | None = None
) -> Job:
    """Asks for a refresh; where one of the same key waits or runs, returns that one (see jobs.running.enqueue).

    `import_id`: of the import it follows.
    """
    arguments: dict[str, object] = {"reason": reason}
    if import_id is not None:
        arguments["import"] = import_id
    return enqueue(store=store, kind=REFRESH, key=key, arguments=arguments, requested_by=by)


def unfinished_refresh(store: Store) -> Job | None:
    """The refresh of the store that runs, or that waits the longest."""
    return Job.objects.filter(store=store, kind=REFRESH, finished_at=None).order_by("id").first()
