"""Background work of orders: imports, and clearing what interrupted uploads left."""

from __future__ import annotations

from dataclasses import asdict
from typing import cast

from jobs.kinds import JobFailed, job_kind
from jobs.models import Job
from jobs.progress import Progress
from jobs.schedules import every
from orders.importing import ImportFailedError, run_import
from orders.starting import IMPORT
from orders.uploading import remove_interrupted_uploads


@job_kind(IMPORT, title="Order import")
def import_file(job: Job, progress: Progress) -> dict[str, object]:
    """Imports the file of the Import whose id is the argument `import_id`."""
    try:
        summary = run_import(import_id=cast(int, job.arguments["import_id"]), progress=progress)
    except ImportFailedError as error:
        raise JobFailed(str(error)) from error
    return asdict(summary)


@every(minutes=24 * 60)
def clear_interrupted_uploads() -> None:
    """Removes files that never came whole, a day after they began."""
    remove_interrupted_uploads()
