"""Background work on segments."""

from __future__ import annotations

from datetime import date

from accounts.models import Store
from jobs.kinds import job_kind
from jobs.models import Job
from jobs.progress import Progress
from jobs.schedules import every
from orders.rollups import refresh_rollups
from segments.asking import REFRESH
from segments.customers.cadence import refresh_cadence
from segments.exports.files import EXPORT, sweep_files
from segments.exports.making import make_export
from segments.following import ask_for_what_follows
from segments.grading.grades import grade_store
from segments.grading.queries import GRADING
from segments.history.decomposition import explain_outstanding
from segments.history.pages import read_ahead
from segments.history.past import RECONSTRUCT, reconstruct_history, thin_history
from segments.models import Refresh
from segments.queries import latest_refresh
from segments.retention.queries import RETENTION
from segments.retention.tables import refresh_retention
from segments.scoring import refresh_store
from segments.value.fitting import fit_value
from segments.value.queries import VALUE


@job_kind(REFRESH, title="Segment refresh")
def refresh_segments(job: Job, progress: Progress) -> dict[str, object]:
    """Brings the store's roll-ups of orders up to date and refreshes its segments; run again, it has no further
    effect.

    Arguments, all optional: `reason` (a Refresh.Reason; on demand), `as_of` (ISO date; the store's today when
    the job runs), `rebuild` (bool), `import` (the id of the one it follows). Says why people moved, and asks for
    what follows. After an import, a refresh that was made since the job was asked for is enough.
    """
    store = Store.objects.get(pk=job.store_id)
    reason = Refresh.Reason(job.arguments.get("reason", Refresh.Reason.DEMAND))
    refresh_rollups(store=store)
    refresh = _made_since(store, job) if reason == Refresh.Reason.IMPORT else None
    refresh = refresh or _made(store, job, reason, progress)
    explain_outstanding(store)
    read_ahead(store)
    ask_for_what_follows(refresh, reason, import_id=_number(job.arguments.get("import")))
    return {
        "refresh": refresh.pk,
        "as_of": refresh.as_of.isoformat(),
        "customers": refresh.customers,
        "moved": refresh.moved,
    }


def _made_since(store: Store, job: Job) -> Refresh | None:
    """The store's latest refresh, if somebody asked for one after the job was queued: it includes what the import
    brought, and the day chosen for it stays until the night.
    """
    latest = latest_refresh(store)
    return latest if latest and latest.job_id != job.pk and latest.started_at > job.created_at else None


def _made(store: Store, job: Job, reason: Refresh.Reason, progress: Progress) -> Refresh:
    as_of = job.arguments.get("as_of")
    return refresh_store(
        store=store,
        as_of=date.fromisoformat(as_of) if as_of else None,
        rebuild=bool(job.arguments.get("rebuild")),
        reason=reason,
        job=job,
        progress=progress,
    )


def _number(argument: object) -> int | None:
    return argument if isinstance(argument, int) else None


@job_kind(GRADING, title="Grading of the segments")
def grade_segments(job: Job, progress: Progress) -> dict[str, object]:
    """Compares the segments of the latest refresh's scheme with what people did since; run again, it replaces what it found."""
    made = grade_store(store=Store.objects.get(pk=job.store_id), progress=progress)
    return {"gradings": [grading.pk for grading in made]}


@job_kind(VALUE, title="Customer value")
def fit_customer_value(job: Job, progress: Progress) -> dict[str, object]:
    """Fits the value models as of the store's latest refresh (its today before the first one), once however often
    it is run, and brings everybody's cadence up to the same day.

    A fit that finds no model is no failure of the job: the fit says why, and the page shows it.
    """
    store = Store.objects.get(pk=job.store_id)
    refresh = latest_refresh(store)
    fit = fit_value(store=store, as_of=refresh.as_of if refresh else None, job=job, progress=progress)
    refresh_cadence(store=store, as_of=fit.as_of)
    return {"fit": fit.pk, "as_of": fit.as_of.isoformat(), "state": fit.state, "customers": fit.customers}


@job_kind(RETENTION, title="Retention")
def make_retention_tables(job: Job, progress: Progress) -> dict[str, object]:
    """Makes the retention tables as of the store's latest refresh; run again, it makes the same ones."""
    state = refresh_retention(store=Store.objects.get(pk=job.store_id), progress=progress)
    return {"as_of": state.as_of.isoformat(), "customers": state.customers}


@job_kind(RECONSTRUCT, title="Reconstruction of the past")
def reconstruct_past(job: Job, progress: Progress) -> dict[str, object]:
    """Scores the store as of the end of each past month; killed and run again it goes on where it was."""
    store = Store.objects.get(pk=job.store_id)
    made = reconstruct_history(store=store, asked_at=job.created_at, progress=progress)
    return {"months": len(made), "since": made[0].as_of.isoformat() if made else None}


@job_kind(EXPORT, title="Export of customers")
def export_customers(job: Job, progress: Progress) -> dict[str, object]:
    """Writes the file of a list of customers; run again, it writes the same file anew."""
    return make_export(job=job, progress=progress)


@every(minutes=60)
def sweep_exports() -> None:
    """Deletes the files of exports that are no longer kept."""
    sweep_files()


@every(minutes=24 * 60)
def thin_histories() -> None:
    """Drops the old pictures of each store that the rule for its history doesn't keep."""
    for store in Store.objects.order_by("id"):
        thin_history(store=store)
