"""Reads of imports: the list, the stage of one, what follows it, why rows were rejected."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import islice

from django.db.models import QuerySet

from accounts.models import Store
from jobs.models import Job
from lib.keyset import Sort
from orders.models import Import

NEWEST_FIRST = Sort((("created_at", datetime), ("id", int)))
REASONS_READ = 20_000  # rows of a rejected file that are looked at for their reasons

STOPPED = "It was stopped. What was written until then stays, and starting it again doubles nothing."
LOST = "It ended before it was done. What was written stays, and starting it again doubles nothing."


class Stage(StrEnum):
    """Where an import stands, for a person: its own state and its job's together."""

    READING = "reading"  # uploaded: how it is read is still to be confirmed
    UNDER_WAY = "under_way"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Reason:
    """Why rows were rejected: the reason of the first in its own words, and how many rows are like it."""

    text: str
    rows: int
    first_row: str


@dataclass(frozen=True)
class Reasons:
    """The most frequent first; `is_whole` says whether the whole file was looked at."""

    reasons: tuple[Reason, ...]
    read: int
    is_whole: bool


def stored_imports(store: Store) -> QuerySet[Import]:
    """The store's imports with who brought them and their jobs, for keyset pages by NEWEST_FIRST."""
    return Import.objects.filter(store=store).select_related("imported_by", "job")


def stage_of(import_: Import) -> Stage:
    """Where the import stands; reads its job, so load that with it."""
    job = import_.job
    if import_.state == Import.State.UPLOADED:
        return Stage.READING
    if job is not None and not job.is_finished:
        return Stage.UNDER_WAY
    if import_.state == Import.State.DONE:
        return Stage.DONE
    if import_.state == Import.State.RUNNING and job is None:  # by the command line
        return Stage.UNDER_WAY
    return Stage.FAILED


def failure_of(import_: Import) -> str:
    """Why an import failed: its own words, or those of its job."""
    if import_.state == Import.State.FAILED and import_.error:
        return import_.error
    job = import_.job
    if job is not None and job.state == Job.State.CANCELLED:
        return STOPPED
    return job.error if job is not None and job.error else LOST


def follow_up(import_: Import, key: str) -> Job | None:
    """The newest job that was asked for because of the import, other than its own."""
    jobs = Job.objects.filter(store_id=import_.store_id, key=key)
    if import_.job is not None:
        jobs = jobs.filter(created_at__gte=import_.job.created_at).exclude(kind=import_.job.kind)
    return jobs.order_by("-id").first()


def rejected_reasons(import_: Import) -> Reasons:
    """Why rows were rejected, from the file of rejected rows."""
    found: dict[str, Reason] = {}
    read, is_whole = 0, True
    for number, reason in rejected_rows(import_):
        if read == REASONS_READ:
            is_whole = False
            break
        read += 1
        known = found.get(like(reason)) or Reason(_own(reason), 0, number)
        found[like(reason)] = replace(known, rows=known.rows + 1)
    return Reasons(tuple(sorted(found.values(), key=lambda each: -each.rows)), read, is_whole)


def rejected_rows(import_: Import) -> Iterator[tuple[str, str]]:
    """The row number and the reason of each row in the file of rejected rows; none where there is no such file."""
    if not import_.rejected_file:
        return
    with import_.rejected_file.open("rb") as file:
        lines = (line.decode("utf-8-sig" if number == 0 else "utf-8") for number, line in enumerate(file))
        for number, reason, *_cells in islice(csv.reader(lines), 1, None):
            yield number, reason


def like(reason: str) -> str:
    """The reason without what differs from row to row."""
    text = re.sub(r"“[^”]*”", "“…”", _own(reason))
    return re.sub(r"\border \S+ stands", "order … stands", text, flags=re.IGNORECASE)


def _own(reason: str) -> str:
    """The reason given for the bad row itself, which the other rows of its order repeat."""
    own = re.sub(r"^row \d+ of the same order was rejected: ", "", reason, flags=re.IGNORECASE)
    return own[:1].upper() + own[1:]
