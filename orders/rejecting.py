"""The file of rejected rows: each with its row number, why, and what it said.

Its text cells can't run as formulas in a spreadsheet; numbers stay numbers.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from types import TracebackType
from typing import IO, Protocol, Self

from lib.spreadsheets import neutral_cell
from orders.formats.base import RejectedError
from orders.grouping import Group


class Refusals(Protocol):
    """Takes what can't be imported."""

    def add(self, group: Group, rejection: RejectedError) -> None: ...


class RejectedRows:
    """Writes rejected rows to a file; `count` tells how many. The file is only made when there is one."""

    def __init__(self, path: str, header: tuple[str, ...]) -> None:
        self.path = path
        self.count = 0
        self._header = header
        self._file: IO[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, group: Group, rejection: RejectedError) -> None:
        """Every row of an order that can't be taken: an order without some of its rows would have a wrong total."""
        blamed = rejection.row
        for index, row in enumerate(group.rows):
            if not any(row):
                continue
            reason = rejection.reason
            if blamed is not None and index != blamed:
                reason = f"row {group.row_number(blamed)} of the same order was rejected: {reason}"
            self._write(group.row_number(index), reason, row)

    def _write(self, number: int, reason: str, row: Iterable[str]) -> None:
        if self._file is None:
            self._file = open(self.path, "w", encoding="utf-8-sig", newline="")  # noqa: PTH123, SIM115
            csv.writer(self._file).writerow(["row", "reason", *map(neutral_cell, self._header)])
        cells = (neutral_cell(cell.replace("\0", "")) for cell in row)
        csv.writer(self._file).writerow([str(number), reason[:1].upper() + reason[1:], *cells])
        self.count += 1
