"""Where exported files are kept and for how long: private files, each served by a signed link that expires."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from django.core import signing
from django.utils.timezone import now

from accounts.models import Store
from jobs.models import Job
from lib.private_files import private_folder, remove_old_files
from segments.exports.kinds import KINDS

EXPORT = "segments.export"  # the kind of the jobs
KEPT = timedelta(hours=24)
_EXPORTS = "exports"  # the folder of all stores' folders


def folder_of(store_id: int) -> Path:
    """The store's folder of exports, made where it is missing; nobody else on the machine may look into it."""
    return private_folder(_EXPORTS, str(store_id))


def path_of(job: Job) -> Path:
    """Where the file of an export lies once it is whole."""
    return folder_of(job.store_id) / f"{job.pk}.{KINDS[job.arguments['kind']].format}"


def expires_at(job: Job) -> datetime | None:
    """Until when the file of an export can be downloaded; None if there is none (any more)."""
    if job.state != Job.State.SUCCEEDED or job.finished_at is None:
        return None
    end = job.finished_at + KEPT
    return end if end > now() and path_of(job).exists() else None


def link_token(job: Job) -> str:
    """What a link to the file carries: good for this store and file, for as long as files are kept."""
    return signing.dumps(job.pk, salt=_salt(job.store_id))


def job_of_token(store: Store, token: str) -> Job | None:
    """The export whose link carries the token; None for a token that isn't ours, of this store, or whose job is gone.

    Raises signing.SignatureExpired for one that has run out.
    """
    try:
        job_id = signing.loads(token, salt=_salt(store.pk), max_age=KEPT)
    except signing.SignatureExpired:
        raise
    except signing.BadSignature:
        return None
    return Job.objects.filter(store=store, kind=EXPORT, pk=job_id).first()


def sweep_files() -> int:
    """Deletes files that are no longer kept, and remains of runs that were killed; returns how many."""
    return remove_old_files(f"{_EXPORTS}/*/*", older_than=KEPT)


def _salt(store_id: int) -> str:
    return f"segments.exports:{store_id}"
