"""Imports a file: reads rows, gathers orders, finds those that changed, and has them written. One pipeline for all.

Rows are read and understood while the orders before them are being written, by a thread with a connection of
its own. Every batch commits by itself together with the import's counters. An import that was killed starts
again from the first row: what it had written is recognised by its digest, left alone, and counted as before.
"""

from __future__ import annotations

import gc
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

from django.core.files import File
from django.utils.timezone import now

from accounts.models import Store
from jobs.progress import Progress
from lib import sql
from orders.documents import Buyer, OrderDocument, RecordingResult
from orders.formats import AnyFormat, RejectedError, Terms, open_format
from orders.grouping import Group, SeenIds, gathered, grouped
from orders.inspecting import inspect
from orders.mapping import Mapping, MappingError, header_digest, mapping_from
from orders.models import Import, SavedMapping
from orders.reading import Source, UnreadableFileError, open_source
from orders.recording import stored_orders, written_by
from orders.rejecting import Refusals, RejectedRows
from orders.writing import Writer

# Raised when the same rows come to mean something else: every order is then looked at again.
UNDERSTANDING = 2
LONGEST_ID = 120
LOCK_NAMESPACE = 0x494D  # the upper 16 bits of the locks' keys
_NO_TEXT = re.compile("[\0\ud800-\udfff]")  # what PostgreSQL keeps in no text
INTERRUPTED = "It was interrupted. Bring the file again: what was written stays, and nothing is doubled."

after_import_steps: list[Callable[[Import], None]] = []
"""What happens after an import, in order; filled by the site when it starts. Each gets the finished import."""


class ImportFailedError(Exception):
    """The file can't be imported; the message is a sentence or two for the person who brought it."""


class RowsApartError(Exception):
    """The rows of an order stand far apart in the file."""


@dataclass(frozen=True)
class ImportSummary:
    """What an import did. Orders (customers, from a list of those); `rows` and `rejected` are rows."""

    rows: int
    created: int
    updated: int
    unchanged: int
    rejected: int
    seconds: float


def run_import(*, import_id: int, progress: Progress, path: Path | None = None) -> ImportSummary:
    """Imports the file of an Import (or, from the command line, one that lies at `path`).

    May be run again after it was killed, or after it was done: the effect is the same as once. Raises
    ImportFailedError, with the same sentence in the import's `error`; then nothing was written, or, where a file
    turns out to be damaged in the middle, only whole orders before that place.
    """
    import_ = Import.objects.select_related("store").get(id=import_id)
    with _held(import_id) as is_ours:
        if not is_ours:
            raise ImportFailedError("This file is being imported already.")
        return _run(import_, progress, path)


def _run(import_: Import, progress: Progress, path: Path | None) -> ImportSummary:
    started = time.perf_counter()
    _mark(
        import_, state=Import.State.RUNNING, error="", rejected=0, rows=0, created=0, updated=0, unchanged=0
    )
    file = path or Path(import_.file.path)
    try:
        with tempfile.TemporaryDirectory(prefix="import-") as folder, _at_full_speed():
            rejects = Path(folder) / "rejected.csv"
            summary = _import_file(import_, file, rejects, progress)
            _keep_rejected(import_, rejects)
    except (UnreadableFileError, MappingError, ImportFailedError) as error:
        _mark(import_, state=Import.State.FAILED, error=str(error), finished_at=now())
        raise ImportFailedError(str(error)) from error
    summary = replace(summary, seconds=time.perf_counter() - started)
    _mark(
        import_,
        state=Import.State.DONE,
        rejected=summary.rejected,
        seconds=summary.seconds,
        finished_at=now(),
    )
    for step in after_import_steps:
        step(import_)
    return summary


def forget_interrupted(*, store: Store) -> None:
    """Marks command-line imports as failed that say they are running though no process works on them."""
    running = Import.objects.filter(store=store, state=Import.State.RUNNING, job=None)
    for import_ in running:
        with _held(import_.id) as is_ours:
            if is_ours:
                _mark(import_, state=Import.State.FAILED, error=INTERRUPTED, finished_at=now())


@contextmanager
def _held(import_id: int) -> Iterator[bool]:
    """Holds the import's lock, for as long as this session lives at most; False where another process has it."""
    key = {"key": LOCK_NAMESPACE << 48 | import_id}
    is_ours = bool(sql.one("orders", "try_import_lock", key).is_ours)
    try:
        yield is_ours
    finally:
        if is_ours:
            sql.one("orders", "unlock_import", key)


def _mark(import_: Import, **values: Any) -> None:
    for name, value in values.items():
        setattr(import_, name, value)
    import_.save(update_fields=list(values))


@contextmanager
def _at_full_speed() -> Iterator[None]:
    """Without the garbage collector, which would add two thirds to the time of reading millions of rows, none of them
    in a cycle. And with a short switch interval: the writing thread, back from the database, would otherwise wait 5
    ms for each of its turns.
    """
    was_enabled, interval = gc.isenabled(), sys.getswitchinterval()
    gc.disable()
    sys.setswitchinterval(0.001)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        if was_enabled:
            gc.enable()


def _import_file(import_: Import, file: Path, rejects: Path, progress: Progress) -> ImportSummary:
    mapping = _mapping(import_, file)
    with open_source(
        file, import_.filename, encoding=mapping.encoding, separator=mapping.separator, names=mapping.names
    ) as source:
        while True:
            try:
                summary = _pass(import_, source, mapping, rejects, progress)
                break
            except RowsApartError:
                mapping = replace(mapping, rows_apart=True)
                _mark(import_, mapping=mapping.to_dict())
        if summary.created or summary.updated or summary.unchanged:  # or the mapping was wrong
            _remember(import_.store, source, mapping)
        return summary


def _mapping(import_: Import, file: Path) -> Mapping:
    """The import's mapping; if nobody chose one, what the file itself gives. Raises ImportFailedError."""
    if import_.mapping:
        return mapping_from(import_.mapping)
    found = inspect(file, import_.filename, import_.store)
    if found.problem:
        raise ImportFailedError(found.problem)
    if found.questions:
        raise ImportFailedError(" ".join(question.for_command_line() for question in found.questions))
    _mark(import_, mapping=found.mapping, format=found.format)
    return mapping_from(found.mapping)


def _remember(store: Store, source: Source, mapping: Mapping) -> None:
    """Keeps how such a file is read, for the next one with this header."""
    if not source.is_json:
        SavedMapping.objects.update_or_create(
            store=store,
            header_digest=header_digest(source.header),
            defaults={"mapping": mapping.to_dict(), "saved_at": now()},
        )


def _keep_rejected(import_: Import, rejects: Path) -> None:
    if import_.rejected_file:
        import_.rejected_file.delete(save=False)
    if rejects.exists():
        with rejects.open("rb") as file:
            import_.rejected_file.save(
                f"{Path(import_.filename).stem[:80]}.rejected.csv", File(file), save=False
            )
    import_.save(update_fields=["rejected_file"])


def _pass(
    import_: Import, source: Source, mapping: Mapping, rejects: Path, progress: Progress
) -> ImportSummary:
    """Once through the file. Raises RowsApartError where rows of one order stand too far apart to gather."""
    store = import_.store
    format_ = open_format(source.header, mapping, Terms(store.currency, store.timezone))
    batches = _batches(source, mapping, format_)
    rejects.unlink(missing_ok=True)
    seen = SeenIds()
    rows = 0
    with RejectedRows(str(rejects), source.header) as rejected, Writer(import_, format_.kind) as writer:
        understanding = Understanding(import_, source, mapping, format_, rejected)
        for batch in batches:
            ids = understanding.named(batch)
            if format_.kind == "orders" and seen.add(ids) and not mapping.rows_apart:
                raise RowsApartError
            rows += sum(group.count for group in batch)
            known, documents = understanding.changed(ids)
            writer.write(documents, known, rows=rows, rejected=rejected.count)
            progress.report(done=rows, total=max(rows, source.row_count))
        done = writer.finish()
        return ImportSummary(rows, done.created, done.updated, done.unchanged, rejected.count, 0.0)


def _batches(source: Source, mapping: Mapping, format_: AnyFormat) -> Iterator[list[Group]]:
    return (gathered if mapping.rows_apart else grouped)(source, format_.key)


class Understanding:
    """Turns the gathered rows of a batch into the documents that have to be written."""

    def __init__(
        self, import_: Import, source: Source, mapping: Mapping, format_: AnyFormat, rejected: Refusals
    ) -> None:
        self._import = import_
        self._format = format_
        self._rejected = rejected
        terms = f"{UNDERSTANDING} {import_.store.currency} {import_.store.timezone}"
        self._salt = blake2b(terms.encode() + mapping.digest(), digest_size=32).digest()

    def named(self, batch: Sequence[Group]) -> dict[str, Group]:
        """The batch's groups by the id of their document; those that can't be understood at all are rejected."""
        groups: dict[str, Group] = {}
        for group in batch:
            try:
                groups[self._external_id(group)] = group
            except RejectedError as rejection:
                self._rejected.add(group, rejection)
        return groups

    def _external_id(self, group: Group) -> str:
        if not group.key:
            raise RejectedError("the row doesn't say which order it belongs to")
        external_id = self._format.external_id(group)
        if len(external_id) > LONGEST_ID:
            raise RejectedError(f"the order's id is longer than {LONGEST_ID} characters")
        if _NO_TEXT.search(external_id):
            raise RejectedError("the order's id holds a character that isn't text")
        return external_id

    def changed(self, groups: dict[str, Group]) -> tuple[RecordingResult, list[OrderDocument] | list[Buyer]]:
        """Counts the orders that are stored as the file has them; returns the documents of the rest."""
        if self._format.kind == "customers":
            return RecordingResult(), self._documents(groups)
        for group in groups.values():
            group.set_digest(self._salt)
        stored = stored_orders(self._import.store, groups)
        same = [order for order in stored.values() if order.digest == groups[order.external_id].digest]
        for order in same:
            del groups[order.external_id]
        return written_by(same, self._import), self._documents(groups)

    def _documents(self, groups: dict[str, Group]) -> list[Any]:
        """What the groups say; those that can't be understood are rejected."""
        documents = []
        for group, made in zip(groups.values(), self._format.documents([*groups.values()]), strict=True):
            if isinstance(made, RejectedError):
                self._rejected.add(group, made)
            else:
                documents.append(made)
        return documents
