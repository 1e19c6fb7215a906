"""Rows that belong to one order, gathered from a stream, with a digest that tells whether they changed.

Exports keep an order's rows together, or nearly so: a few orders may interleave. So the latest orders stay open
for a while. Rows of one order that stand further apart are found out (`SeenIds`), and the file is then gathered
on disk first (`gathered`).
"""

from __future__ import annotations

import csv
import tempfile
from array import array
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import ExitStack, suppress
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from orders.documents import DIGEST_BYTES
from orders.reading import Row, Source

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ORDERS_A_BATCH = 2_000
ORDERS_KEPT_OPEN = 200
ROWS_KEPT = 60_000  # of all open orders; bounds memory where orders are long
PARTITION_BYTES = 8_000_000
IDS_IN_SET = 200_000

KeyOf = Callable[[Row], str]


class Group:
    """The records of one order, as they came, and where they stood in the file."""

    __slots__ = ("_rows", "_source", "_text", "fragments", "key", "records")

    def __init__(self, key: str, source: Source) -> None:
        self.key = key
        self.records: list[str] = []
        self.fragments: list[tuple[int, int]] = []  # (index, row number) where a run of records begins
        self._source = source
        self._rows: list[Row] | None = None
        self._text = ""

    @property
    def text(self) -> str:
        """The records, joined. Asked for when all are there."""
        self._text = self._text or "".join(self.records)
        return self._text

    @property
    def rows(self) -> list[Row]:
        """The records' cells; cut when first asked for."""
        if self._rows is None:
            self._rows = self._source.rows_of(self.records, self.text)
        return self._rows

    @property
    def first_row(self) -> Row:
        """The first record's cells; cheaper than all of them."""
        return self._source.cells(self.records[0])

    def row_number(self, index: int) -> int:
        """The number, as a spreadsheet shows it, of one of the rows."""
        start, number = max(fragment for fragment in self.fragments if fragment[0] <= index)
        return number + index - start

    def set_rows(self, rows: list[Row]) -> None:
        """Puts mended rows in place, without those that are blank; the others keep their numbers."""
        numbered = [(self.row_number(index), row) for index, row in enumerate(rows) if any(row)]
        self._rows = [row for _number, row in numbered]
        self.fragments = [(index, number) for index, (number, _row) in enumerate(numbered)]

    def digest(self, salt: bytes) -> bytes:
        """Of the records, word for word; `salt` stands for whatever else decides how they are understood."""
        return blake2b(self.text.encode(), digest_size=DIGEST_BYTES, key=salt).digest()


def key_reader(source: Source, key_of: KeyOf | int) -> Callable[[str], str]:
    """The key of a record: its cell at a position, or what a function makes of its cells."""
    if isinstance(key_of, int):
        position = key_of
        return lambda record: source.cell(record, position)
    make = key_of
    return lambda record: make(source.cells(record))


def grouped(
    source: Source, key_of: KeyOf | int, records: Iterable[str] | None = None
) -> Iterator[list[Group]]:
    """Batches of orders in the file's order. A row too short to have a key stays with the order before it.

    `records`: the first of the source's; without them all.
    """
    groups: dict[str, Group] = {}
    read_key = key_reader(source, key_of)
    begins = source.first_cell_mark if key_of == 0 else _never
    current, same = "", "\n\n"  # of the order at hand: its key, and how its records begin where that is known
    let_go = source.first_row_number
    group = Group("", source)
    append = group.records.append
    for number, record in enumerate(source.records(), source.first_row_number):
        if record.startswith(
            same
        ):  # most records go on with the order before them: a fifth of reading the key
            append(record)
            continue
        try:
            key = read_key(record)
        except IndexError:
            key = current
        if key != current or not group.records:
            if len(groups) >= ORDERS_A_BATCH + ORDERS_KEPT_OPEN or number - let_go > ROWS_KEPT:
                batch = _oldest(groups)
                let_go += sum(len(group.records) for group in batch)
                yield batch
            name = key.strip()
            group = groups[name] if name in groups else groups.setdefault(name, Group(name, source))
            group.fragments.append((len(group.records), number))
            append = group.records.append
            current, same = key, begins(key)
        append(record)
    while groups:
        yield _oldest(groups, keep=0)


def _never(key: str) -> str:
    return "\n\n"  # no record begins so


def _oldest(groups: dict[str, Group], keep: int = ORDERS_KEPT_OPEN) -> list[Group]:
    """Takes the orders out that were begun first."""
    count = min(ORDERS_A_BATCH, len(groups) - min(keep, len(groups) // 2))
    return [groups.pop(key) for key in list(groups)[:count]]


class SeenIds:
    """The ids that have been seen, as 64-bit hashes: the latest in a set, those before in sorted arrays, 8 bytes an id.

    Two different ids of one hash would only cost a needless gathering: of ten million, once in 370,000 files.
    """

    def __init__(self) -> None:
        self._latest: set[int] = set()
        self._runs: list[NDArray[np.int64]] = []

    def add(self, ids: Collection[str]) -> bool:
        """Adds the ids, which differ from each other; True where one of them was seen before."""
        fresh = set(map(hash, ids))
        if len(fresh) < len(ids) or not self._latest.isdisjoint(fresh) or self._are_in_runs(fresh):
            return True
        self._latest |= fresh
        if len(self._latest) > IDS_IN_SET:
            self._put_away()
        return False

    def _are_in_runs(self, hashes: set[int]) -> bool:
        if not self._runs:
            return False
        import numpy as np  # takes longer to import than most files to read

        sought = np.frombuffer(array("q", hashes), dtype=np.int64)
        return any(bool(np.isin(sought, run, assume_unique=True).any()) for run in self._runs)

    def _put_away(self) -> None:
        import numpy as np  # as above

        run = np.sort(np.frombuffer(array("q", self._latest), dtype=np.int64))
        while self._runs and self._runs[-1].size <= run.size:
            run = np.sort(np.concatenate([self._runs.pop(), run]))
        self._runs.append(run)
        self._latest = set()


def gathered(source: Source, key_of: KeyOf | int) -> Iterator[list[Group]]:
    """Batches of orders, every order whole, however far apart its rows stand.

    The records are dealt out by key to files on disk of some megabytes; one at a time is then held in memory.
    """
    count = min(200, source.path.stat().st_size // PARTITION_BYTES + 1)
    with tempfile.TemporaryDirectory(prefix="gathering-") as folder:
        partitions = [Path(folder) / f"{number}.csv" for number in range(count)]
        _deal_out(source, key_reader(source, key_of), partitions)
        for partition in partitions:
            yield from _gathered_partition(partition, source)


def _deal_out(source: Source, read_key: Callable[[str], str], partitions: list[Path]) -> None:
    with ExitStack() as stack:
        files = [stack.enter_context(path.open("w", encoding="utf-8", newline="")) for path in partitions]
        writers = [csv.writer(file) for file in files]
        key = ""
        for number, record in enumerate(source.records(), source.first_row_number):
            with suppress(IndexError):  # a row too short stays with the row before it
                key = read_key(record).strip()
            writers[hash(key) % len(writers)].writerow([str(number), key, record])


def _gathered_partition(path: Path, source: Source) -> Iterator[list[Group]]:
    groups: dict[str, Group] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for number, key, record in csv.reader(file):
            group = groups.get(key)
            if group is None:
                group = groups[key] = Group(key, source)
            group.fragments.append((len(group.records), int(number)))
            group.records.append(record)
    while groups:
        yield _oldest(groups, keep=0)
