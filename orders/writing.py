"""Writes an import's batches, one transaction each, while the next rows are being read.

The thread has a database connection of its own. Where the caller is in a transaction already (a test's), batches
are written in it, in the caller's thread.
"""

from __future__ import annotations

from queue import Empty, Queue
from threading import Thread
from types import TracebackType
from typing import NamedTuple, Self

from django.db import connection, transaction

from lib import sql
from orders.catalogue import Catalogue
from orders.documents import Buyer, OrderDocument, RecordingResult
from orders.models import Import
from orders.recording import record_customers, record_orders

BATCHES_AHEAD = 2  # read and understood while one is being written; bounds memory
FIRST_ANALYZED = 2_000  # documents
ANALYZE_DETAIL = "10"  # 3,000 rows of a table are looked at


class _Batch(NamedTuple):
    documents: list[OrderDocument] | list[Buyer]
    known: RecordingResult  # of the batch's orders that need no writing
    rows: int  # read so far
    rejected: int  # so far


class Writer:
    """Used as a context manager; `finish` waits for the last batch and returns the sum."""

    def __init__(self, import_: Import, kind: str) -> None:
        self._import = import_
        self._kind = kind
        self._catalogue = Catalogue(import_.store)
        self._done = RecordingResult()
        self._written = 0
        self._analyze_at = FIRST_ANALYZED
        self._error: BaseException | None = None
        self._queue: Queue[_Batch | None] = Queue(BATCHES_AHEAD)
        self._thread = None if connection.in_atomic_block else Thread(target=self._work, daemon=True)

    def __enter__(self) -> Self:
        if self._thread is not None:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """On an error, leaves unwritten what waits; what was begun is finished."""
        if self._thread is None or not self._thread.is_alive():
            return
        try:
            while True:
                self._queue.get_nowait()
        except Empty:
            self._queue.put(None)
        self._thread.join()

    def write(
        self,
        documents: list[OrderDocument] | list[Buyer],
        known: RecordingResult,
        *,
        rows: int,
        rejected: int,
    ) -> None:
        """Has a batch written. Raises what went wrong with an earlier one."""
        batch = _Batch(documents, known, rows, rejected)
        if self._thread is None:
            self._write(batch)
            return
        self._require_no_error()
        self._queue.put(batch)

    def finish(self) -> RecordingResult:
        """Waits until everything is written; returns what was done in all."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
            self._require_no_error()
        return self._done

    def _require_no_error(self) -> None:
        if self._error is not None:
            raise self._error

    def _work(self) -> None:
        try:
            while (batch := self._queue.get()) is not None:
                if self._error is None:
                    self._try(batch)
        finally:
            connection.close()

    def _analyze(self, batch: _Batch) -> None:
        """Refreshes the planner's statistics when twenty times as much was written as the last time."""
        self._written += len(batch.documents)
        if self._written >= self._analyze_at:
            with transaction.atomic(), sql.planner(default_statistics_target=ANALYZE_DETAIL):
                sql.execute("orders", "analyze_orders")
            self._analyze_at *= 20

    def _try(self, batch: _Batch) -> None:
        """A batch that fails ends the import; later ones are taken from the queue and let go."""
        try:
            self._write(batch)
            self._analyze(batch)
        except BaseException as error:
            self._error = error

    def _write(self, batch: _Batch) -> None:
        with transaction.atomic():
            sql.execute("orders", "commit_soon")
            done = self._done + batch.known + self._recorded(batch)
            Import.objects.filter(id=self._import.id).update(
                rows=batch.rows,
                created=done.created,
                updated=done.updated,
                unchanged=done.unchanged,
                rejected=batch.rejected,
            )
        self._done = RecordingResult(done.created, done.updated, done.unchanged)

    def _recorded(self, batch: _Batch) -> RecordingResult:
        if not batch.documents:
            return RecordingResult()
        store = self._import.store
        if self._kind == "customers":
            return record_customers(store=store, buyers=[*batch.documents])
        return record_orders(
            store=store, documents=[*batch.documents], source_import=self._import, catalogue=self._catalogue
        )
