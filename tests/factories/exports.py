"""Exports of customers that were made in the background."""

from __future__ import annotations

from typing import Any

from django.utils.timezone import now

from accounts.models import Store
from jobs.models import Job
from segments.exports.files import EXPORT, path_of


def make_export_job(store: Store, **asked: Any) -> Job:
    """One that waits: the whole customer list as CSV, unless said otherwise."""
    arguments = {"list": "customers", "query": "", "kind": "csv", "with_refused": False}
    arguments |= {"words": "of the shop", "name": "customers"}
    return Job.objects.create(store=store, kind=EXPORT, key="any", arguments=arguments | asked)


def make_finished_export(store: Store, content: bytes = b"E-mail\n", **asked: Any) -> Job:
    """One that is over, with its file."""
    job = make_export_job(store, **asked)
    job.state, job.finished_at = Job.State.SUCCEEDED, now()
    job.result = {"rows": 1, "without_email": 0, "refused": 0, "bytes": len(content)}
    job.save()
    path_of(job).write_bytes(content)
    return job
