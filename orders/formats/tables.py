"""A batch of orders as one table, by column: the rows of all orders, one after another. Formats read it a column
at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from orders.grouping import Group
from orders.reading import Row
from orders.records import Columns

ROWS_A_TABLE = 500  # as many as a processor keeps at hand; ten times as many take half as long again


def in_tables(groups: Sequence[Group]) -> Iterator[Sequence[Group]]:
    """The orders in turn, as many at a time as make a table of a good size."""
    start = rows = 0
    for index, group in enumerate(groups, 1):
        rows += group.count
        if rows >= ROWS_A_TABLE or index == len(groups):
            yield groups[start:index]
            start, rows = index, 0


class Table(NamedTuple):
    """Orders by their keys, and the cells of their rows. `starts`: where each order's rows begin, then their end."""

    keys: Sequence[str]
    digests: Sequence[bytes]
    starts: Sequence[int]
    columns: Columns

    @property
    def row_count(self) -> int:
        return self.starts[-1]

    @property
    def has_one_row_each(self) -> bool:
        return self.row_count == len(self.keys)

    def spans(self) -> Iterator[tuple[int, int]]:
        """Where each order's rows begin and end."""
        return pairwise(self.starts)


def table_of_order(key: str, rows: Sequence[Row], digest: bytes) -> Table:
    """The table of one order; its rows are equally wide."""
    return Table([key], [digest], [0, len(rows)], list(map(list, zip(*rows, strict=True))))


def table_of_orders(groups: Sequence[Group]) -> Table | None:
    """The table of some orders; None where a row is not as wide as the header, or holds what isn't text."""
    texts = [text for group in groups for text in group.texts]
    starts = [0, *accumulate(group.count for group in groups)]
    columns = groups[0].source.columns_of(texts, starts[-1])
    if columns is None or any("\0" in text for text in texts):
        return None
    return Table([group.key for group in groups], [group.digest for group in groups], starts, columns)
