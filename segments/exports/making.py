"""Making the file of an export: at once where it is small, else as a job that can be killed and run again."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Store, User
from jobs.kinds import JobFailed
from jobs.models import Job
from jobs.progress import Progress
from jobs.running import enqueue
from lib.periods import local_today
from lib.spreadsheets import CsvFile
from lib.whole_files import whole_file
from segments.exports.columns import SCORES, SOURCES, Person, Shop, cells, headers
from segments.exports.files import EXPORT, folder_of, path_of
from segments.exports.kinds import KINDS, FileKind
from segments.exports.lists import People, people_of_list
from segments.models import CustomerStats
from segments.queries import latest_refresh

SMALL = 5_000  # people that are written while somebody waits: about a second
_CHUNK = 2_000
GONE = "The list is not there any more: its segment or its days are gone. Choose it again and export it anew."


@dataclass(frozen=True)
class Written:
    """How many people a file holds, and how many were left out of one that mails: without an address, refused."""

    rows: int
    without_email: int = 0
    refused: int = 0


@dataclass(frozen=True)
class Counts:
    """What a small list holds for a file that mails."""

    people: int
    without_email: int
    refused: int
    unknown: int


def counts(people: People) -> Counts | None:
    """What the list holds; None if it is larger than SMALL, as it is then not counted. One query, however large
    the store.
    """
    read = people.rows.order_by().values_list("customer__email", "customer__accepts_email")[: SMALL + 1]
    if len(read) > SMALL:
        return None
    consents = [consent for email, consent in read if email]
    return Counts(
        people=len(read),
        without_email=len(read) - len(consents),
        refused=consents.count(False),
        unknown=consents.count(None),
    )


def small_export(*, store: Store, people: People, kind: FileKind, with_refused: bool) -> IO[bytes]:
    """The file of a small list, open at its beginning; it has no name on disk and is gone once it is closed."""
    folder = folder_of(store.pk)
    file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  # closed by who sends it
    try:
        write_people(store=store, rows=people.rows, kind=kind, file=file, with_refused=with_refused)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def begin_export(
    *, store: Store, people: People, name: str, query: str, kind: FileKind, with_refused: bool, by: User
) -> Job:
    """Asks for the file of a list in the background. The same one asked for twice is made once."""
    asked = {"list": name, "query": query, "kind": kind.key, "with_refused": with_refused}
    key = hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:32]
    arguments: dict[str, object] = {**asked, "words": people.words, "name": people.name}
    return enqueue(store=store, kind=EXPORT, key=key, arguments=arguments, requested_by=by)


def make_export(*, job: Job, progress: Progress) -> dict[str, object]:
    """Writes the file of a job. It gets its name only when it is whole: run again after a crash, it is written
    from the start.
    """
    asked = job.arguments
    people = people_of_list(job.store, asked["list"], asked["query"])
    if people is None:
        raise JobFailed(GONE)
    kind = KINDS[asked["kind"]]
    with whole_file(path_of(job)) as part, part.open("wb") as file:
        written = write_people(
            store=job.store,
            rows=people.rows,
            kind=kind,
            file=file,
            with_refused=asked["with_refused"],
            progress=progress,
        )
        file.flush()
        os.fsync(file.fileno())
        size = file.tell()
    return {**asdict(written), "bytes": size}


def write_people(
    *,
    store: Store,
    rows: QuerySet[CustomerStats],
    kind: FileKind,
    file: IO[bytes],
    with_refused: bool = False,
    progress: Progress | None = None,
) -> Written:
    """Writes the people as a file of the kind, in their order; memory doesn't grow with them.

    For a kind that mails, people without an e-mail address are left out, and so are those who refused marketing,
    unless they were asked for.
    """
    shop = _shop(store)
    written = without_email = refused = 0
    table = kind.open(file, headers(kind.columns, shop), folder=folder_of(store.pk))
    with table, _people(rows, progress) as people:
        for person in people:
            if kind.mails and not person.email:
                without_email += 1
            elif kind.mails and person.accepts_email is False and not with_refused:
                refused += 1
            else:
                table.add(cells(kind.columns, person, shop))
                written += 1
    return Written(written, without_email, refused)


def write_scores(*, store: Store, path: Path) -> int:
    """Writes every customer the refreshes know, by age of their row, with their scores (columns.SCORES) as CSV.

    Recency is counted to the latest refresh's day (0 for an order since); what an unscored customer doesn't have is
    empty. Returns how many customers. Raises OSError where the file can't be written.
    """
    everybody = CustomerStats.objects.filter(store=store).order_by("customer_id")
    shop, count = _shop(store), 0
    with path.open("wb") as file, CsvFile(file, headers(SCORES, shop)) as table, _people(everybody) as people:
        for person in people:
            table.add(cells(SCORES, person, shop))
            count += 1
    return count


@contextmanager
def _people(rows: QuerySet[CustomerStats], progress: Progress | None = None) -> Iterator[Iterator[Person]]:
    """Each of them as read, from one snapshot of the store: what changes meanwhile isn't seen.

    The server's cursor is closed when the context is left, whatever happened: one that is left to the garbage
    collector is closed in the middle of somebody else's transaction, and breaks that.
    """
    read: Any = rows.values_list(*SOURCES).iterator(
        chunk_size=_CHUNK
    )  # a generator, which its type doesn't say
    with transaction.atomic(), closing(read):
        if progress:
            progress.report(done=0, total=rows.count(), unit="people")
        yield _counted(map(Person._make, read), progress)


def _counted(people: Iterator[Person], progress: Progress | None) -> Iterator[Person]:
    for done, person in enumerate(people):
        if progress and done % 500 == 0:
            progress.report(done=done)
        yield person


def _shop(store: Store) -> Shop:
    refresh = latest_refresh(store)
    as_of = refresh.as_of if refresh else local_today(store.timezone)
    return Shop(store.currency, as_of)
