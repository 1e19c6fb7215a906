"""What a person does with a file they brought: have it imported, choose again how it is read, stop it, remove it."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction
from django.utils.timezone import now

from accounts.models import Store, User
from jobs import running
from jobs.models import Job
from orders.import_queries import Stage, stage_of
from orders.models import Import

IMPORT = "orders.import"
# Settings that the page has no control for; they come with a known format or a remembered mapping.
CARRIED = ("timezone", "statuses", "names", "rows_apart", "credit_note_prefix")


class NotNowError(Exception):
    """What was asked for can't be done in the import's state; the message is a sentence for the person."""


def job_key(import_: Import) -> str:
    """The key of the jobs about an import: its own, and those that follow it."""
    return f"import:{import_.pk}"


def start_import(
    *, store: Store, import_id: int, format_name: str, mapping: dict[str, Any], by: User
) -> Import:
    """Queues the import of an uploaded file, read by a complete mapping. Raises NotNowError."""
    with transaction.atomic():
        import_ = _locked(store, import_id)
        if stage_of(import_) != Stage.READING:
            raise NotNowError("This file is being imported already.")
        import_.job = running.enqueue(
            store=store,
            kind=IMPORT,
            key=job_key(import_),
            arguments={"import_id": import_.pk},
            requested_by=by,
        )
        import_.state, import_.format, import_.mapping = Import.State.QUEUED, format_name, mapping
        import_.imported_by = by
        import_.save(update_fields=["job", "state", "format", "mapping", "imported_by"])
        return import_


def choose(*, store: Store, import_id: int, choices: dict[str, Any]) -> None:
    """Keeps what the person has chosen so far, so that leaving the page loses nothing."""
    Import.objects.filter(store=store, pk=import_id, state=Import.State.UPLOADED).update(mapping=choices)


def read_again(*, store: Store, import_id: int) -> Import:
    """Puts a file whose import is over back before the choice of how it is read. Raises NotNowError."""
    with transaction.atomic():
        import_ = _locked(store, import_id)
        if stage_of(import_) == Stage.UNDER_WAY:
            raise NotNowError("The import is under way. Wait until it is over, or stop it first.")
        if not import_.file:
            raise NotNowError("The file isn't here any more. Bring it again.")
        import_.state, import_.error, import_.job, import_.finished_at = Import.State.UPLOADED, "", None, None
        import_.save(update_fields=["state", "error", "job", "finished_at"])
        return import_


def stop_import(*, store: Store, import_id: int) -> Job | None:
    """Stops an import at its next safe point; what was written stays. None where nothing is under way."""
    import_ = Import.objects.get(store=store, pk=import_id)
    return None if import_.job_id is None else running.cancel(store=store, job_id=import_.job_id)


def remove_import(*, store: Store, import_id: int) -> None:
    """Removes the file and what was rejected of it. The orders stay, and so does the note of an import that was.

    Raises NotNowError while the import is under way.
    """
    with transaction.atomic():
        import_ = _locked(store, import_id)
        if (stage := stage_of(import_)) == Stage.UNDER_WAY:
            raise NotNowError("The import is under way. Wait until it is over, or stop it first.")
        files = [file for file in (import_.file, import_.rejected_file) if file]
        places = [(file.storage, str(file.name)) for file in files]
        if stage == Stage.READING and not import_.rows:
            import_.delete()
        else:
            if stage == Stage.READING:  # it was imported before, and was to be read again
                import_.state, import_.finished_at = Import.State.DONE, now()
            import_.file, import_.rejected_file = "", ""
            import_.save(update_fields=["file", "rejected_file", "state", "finished_at"])
        for storage, name in places:
            transaction.on_commit(partial(storage.delete, name))


def carried(mapping: dict[str, Any], *, named: bool) -> dict[str, Any]:
    """What a mapping keeps when a person chooses anew; the format too, if it is a named one."""
    kept = {key: mapping[key] for key in CARRIED if key in mapping}
    return ({"format": mapping["format"]} if named and "format" in mapping else {}) | kept


def _locked(store: Store, import_id: int) -> Import:
    return Import.objects.select_for_update(of=("self",)).select_related("job").get(store=store, pk=import_id)
