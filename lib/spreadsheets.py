"""Tables as files that spreadsheet programs open, with text that those programs can't take for formulas.

Rows are written one by one in constant memory. A CSV file has texts that can't run as formulas; an XLSX file has
texts as texts, and real numbers and days.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

# A cell that begins with one of these is run as a formula, or is cut up, by the programs that open a CSV.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBER = re.compile(r"[+-]?[\d.,]+")
_ROWS_A_SHEET = 1_048_576  # of Excel, the header among them
_WIDTHS = (9, 34)  # of a column, in characters

Cell = str | int | float | Decimal | date | None


def neutral_text(text: str) -> str:
    """The text with a leading apostrophe where a spreadsheet would take it for a formula.

    For text from outside (names, e-mails, ids), not for numbers: -5 is a number.
    """
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def neutral_cell(text: str) -> str:
    """The cell so that no spreadsheet runs it as a formula; a number (a phone's +44123, say) as it is."""
    return text if _NUMBER.fullmatch(text) else neutral_text(text)


class TableFile(AbstractContextManager["TableFile"]):
    """A table that is being written to a file; whole once its context is left without an error."""

    def add(self, row: Sequence[Cell]) -> None:
        """One row, a cell for each column; None is an empty cell."""
        raise NotImplementedError


class CsvFile(TableFile):
    """UTF-8, commas, \\n; days and moments in ISO form.

    `marked`: it begins with a byte order mark, by which Excel knows UTF-8, and which other programs may take for
    a part of the first header.
    """

    def __init__(self, file: IO[bytes], columns: Sequence[str], *, marked: bool = False) -> None:
        self._text = io.TextIOWrapper(file, "utf-8-sig" if marked else "utf-8", newline="")
        self._write = csv.writer(self._text, lineterminator="\n").writerow
        self._write(columns)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._text.detach()  # writes what is left, and leaves the file open

    def add(self, row: Sequence[Cell]) -> None:
        self._write([_csv_cell(cell) for cell in row])


def _csv_cell(cell: Cell) -> object:
    if isinstance(cell, str):
        # A lone \r would be written without quotes, and read as the end of a row: what follows would be a cell.
        return neutral_cell(cell.replace("\r\n", "\n").replace("\r", "\n"))
    return cell.isoformat(" ", "minutes") if isinstance(cell, datetime) else cell


class XlsxFile(TableFile):
    """A workbook with a header that stays in sight; what doesn't fit on a sheet goes on on the next.

    `folder`: where XlsxWriter keeps the rows until the end. Moments are naive: a workbook knows no time zone.
    """

    def __init__(
        self,
        file: IO[bytes],
        columns: Sequence[str],
        *,
        name: str,
        folder: Path,
        rows_a_sheet: int = _ROWS_A_SHEET,
    ) -> None:
        import xlsxwriter  # 40 modules, which every command would wait for

        self._book = xlsxwriter.Workbook(file, {"constant_memory": True, "tmpdir": str(folder)})
        self._columns, self._name, self._rows_a_sheet = columns, name, rows_a_sheet
        self._header = self._book.add_format({"bold": True, "bottom": 1})
        self._quoted = self._book.add_format({"quote_prefix": True})
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._moment = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        self._decimal: dict[int, Any] = {}
        self._sheets = 0
        self._begin_sheet()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._book.close()  # also after an error: it removes the rows it kept

    def add(self, row: Sequence[Cell]) -> None:
        if self._row == self._rows_a_sheet:
            self._begin_sheet()
        for place, cell in enumerate(row):
            if cell is not None and cell != "":
                self._put(place, cell)
        self._row += 1

    def _begin_sheet(self) -> None:
        self._sheets += 1
        self._sheet = self._book.add_worksheet(
            self._name if self._sheets == 1 else f"{self._name} {self._sheets}"
        )
        self._sheet.freeze_panes(1, 0)
        for place, column in enumerate(self._columns):
            self._sheet.set_column(place, place, min(max(len(column) + 2, _WIDTHS[0]), _WIDTHS[1]))
            self._sheet.write_string(0, place, column, self._header)
        self._row = 1

    def _put(self, place: int, cell: Cell) -> None:
        at = (self._row, place)
        if isinstance(cell, str):
            # Stays text even when somebody edits it: the format of a cell typed with an apostrophe.
            self._sheet.write_string(*at, cell, self._quoted if neutral_text(cell) != cell else None)
        elif isinstance(cell, datetime):
            self._sheet.write_datetime(*at, cell, self._moment)
        elif isinstance(cell, date):
            self._sheet.write_datetime(*at, cell, self._day)
        elif isinstance(cell, Decimal):
            self._sheet.write_number(*at, float(cell), self._of_places(cell))
        else:
            self._sheet.write_number(*at, cell)

    def _of_places(self, amount: Decimal) -> Any:
        """The format that shows an amount with its own decimal places."""
        exponent = amount.as_tuple().exponent
        places = -exponent if isinstance(exponent, int) and exponent < 0 else 0
        if places not in self._decimal:
            pattern = "#,##0" + ("." + "0" * places if places else "")
            self._decimal[places] = self._book.add_format({"num_format": pattern})
        return self._decimal[places]
