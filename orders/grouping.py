"""Rows that belong to one order, gathered from a stream, with a digest that tells whether they changed.

Exports keep an order's rows together, or nearly so: a few orders may interleave. So the latest orders stay open
for a while. Rows of one order that are further apart are detected (`SeenIds`), and the file is then first gathered on
disk (`gathered`).
"""

from __future__ import annotations

import json
import tempfile
from array import array
from collections.abc import Collection, Iterator
from contextlib import ExitStack
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from orders.documents import DIGEST_BYTES
from orders.reading import KeyOf, Row, Source

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ORDERS_A_BATCH = 5_000
ORDERS_KEPT_OPEN = 200
# Twice as many from batch to batch, and at the end half of what is left: writing begins soon, fewer batches are less
# work, and little is left to be written when the last row has been read.
FIRST_ROWS = 15_000
ROWS_KEPT = 120_000  # of all open orders; bounds memory where orders are long
PARTITION_BYTES = 8_000_000
IDS_IN_SET = 200_000


class Group:
    """The records of one order, as they came, and where they stood in the file."""

    __slots__ = ("_rows", "count", "digest", "fragments", "key", "source", "texts")

    def __init__(self, key: str, source: Source) -> None:
        self.key = key
        self.source = source
        self.texts: list[str] = []
        self.count = 0
        self.fragments: list[tuple[int, int]] = []  # (index, row number) where a run of records begins
        self.digest = b""
        self._rows: list[Row] | None = None

    def add(self, text: str, count: int, row_number: int) -> None:
        """Adds a run of records that begins at this row of the file."""
        self.fragments.append((self.count, row_number))
        self.texts.append(text)
        self.count += count

    @property
    def rows(self) -> list[Row]:
        """The records' cells; cut when first asked for."""
        if self._rows is None:
            self._rows = self.source.rows_of(self.texts)
        return self._rows

    @property
    def first_row(self) -> Row:
        """The first record's cells; cheaper than all of them."""
        return self.source.first_row_of(self.texts[0])

    def row_number(self, index: int) -> int:
        """The number of one of the rows, as a spreadsheet shows it."""
        start, number = max(fragment for fragment in self.fragments if fragment[0] <= index)
        return number + index - start

    def set_rows(self, rows: list[Row]) -> None:
        """Replaces the rows by corrected ones, without blank ones; the others keep their numbers."""
        numbered = [(self.row_number(index), row) for index, row in enumerate(rows) if any(row)]
        self._rows = [row for _number, row in numbered]
        self.fragments = [(index, number) for index, (number, _row) in enumerate(numbered)]

    def set_digest(self, salt: bytes) -> None:
        """Computes the digest of the records as written; `salt` stands for whatever else decides how they are
        understood.
        """
        self.digest = blake2b("".join(self.texts).encode(), digest_size=DIGEST_BYTES, key=salt).digest()


def grouped(source: Source, key_of: KeyOf | int) -> Iterator[list[Group]]:
    """Batches of orders in the file's order. A row too short to have a key stays with the order before it."""
    groups: dict[str, Group] = {}
    number = let_go = source.first_row_number
    most = FIRST_ROWS
    group = Group("", source)
    for key, count, text in source.runs(key_of):
        name = group.key if key is None else key.strip()
        if name != group.key or not group.count:
            if len(groups) >= ORDERS_A_BATCH + ORDERS_KEPT_OPEN or number - let_go > most:
                left = source.first_row_number + source.row_count - number
                most = max(FIRST_ROWS, min(2 * most, ROWS_KEPT, left // 2))
                batch = _oldest(groups)
                let_go += sum(group.count for group in batch)
                yield batch
            group = groups[name] if name in groups else groups.setdefault(name, Group(name, source))
        group.add(text, count, number)
        number += count
    while groups:
        yield _oldest(groups, keep=0)


def _oldest(groups: dict[str, Group], keep: int = ORDERS_KEPT_OPEN) -> list[Group]:
    """Removes and returns the orders that were begun first."""
    count = min(ORDERS_A_BATCH, len(groups) - min(keep, len(groups) // 2))
    return [groups.pop(key) for key in list(groups)[:count]]


class SeenIds:
    """The ids that have been seen, as 64-bit hashes: the latest in a set, those before in sorted arrays, 8 bytes an id.

    Two different ids with the same hash would only cost a needless gathering: with ten million ids, once in 370,000
    files.
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
        found = (run.take(run.searchsorted(sought), mode="clip") == sought for run in self._runs)
        return any(bool(each.any()) for each in found)

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
        partitions = [Path(folder) / f"{number}.jsonl" for number in range(count)]
        _deal_out(source, key_of, partitions)
        for partition in partitions:
            yield from _gathered_partition(partition, source)


def _deal_out(source: Source, key_of: KeyOf | int, partitions: list[Path]) -> None:
    with ExitStack() as stack:
        files = [stack.enter_context(path.open("w", encoding="utf-8")) for path in partitions]
        name, number = "", source.first_row_number
        for key, count, text in source.runs(key_of):
            name = name if key is None else key.strip()  # a row too short stays with the row before it
            files[hash(name) % len(files)].write(json.dumps([name, text, count, number]) + "\n")
            number += count


def _gathered_partition(path: Path, source: Source) -> Iterator[list[Group]]:
    groups: dict[str, Group] = {}
    with path.open(encoding="utf-8") as file:
        for name, text, count, number in map(json.loads, file):
            group = groups[name] if name in groups else groups.setdefault(name, Group(name, source))
            group.add(text, count, number)
    while groups:
        yield _oldest(groups, keep=0)
