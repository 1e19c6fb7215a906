"""Reads a file as rows of text, whatever it is: CSV and its kin, JSON, Excel. Streams; knows nothing of orders.

A file is surveyed once from end to end before anything is done with it (0.1 s for 47 MB of text), so that one that
cannot be read is refused as a whole, with a sentence, before its first row is used.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import StringIO
from itertools import chain, dropwhile, islice, takewhile
from operator import itemgetter
from pathlib import Path
from typing import IO

from orders.encodings import NAMES
from orders.json_records import json_records
from orders.records import Columns, Run, first_row, runs, table_columns, table_rows, text_records, transposed
from orders.spreadsheets import spooled
from orders.surveying import UnreadableFileError, require_readable, survey

Row = list[str]
KeyOf = Callable[[Row], str]
SEPARATORS = ",;\t|"
WHITESPACE = "whitespace"
JSON_HEADER = ("record",)
MOST_ABOVE = 20  # rows over the column names
_END = "end of the file, as a row of its own"

__all__ = ["JSON_HEADER", "SEPARATORS", "WHITESPACE", "Row", "Source", "UnreadableFileError", "open_source"]


@dataclass(frozen=True)
class Source:
    """A readable file. `rows()` are those under the header, as texts; in JSON each has one: the record."""

    path: Path
    encoding: str
    separator: str  # "" for JSON
    header: tuple[str, ...]
    header_rows: int  # records above the first row: the header and what stands over it; 0: a file without one
    row_count: int  # line breaks under the header: about the rows, more where cells hold line breaks

    @property
    def is_json(self) -> bool:
        return self.header == JSON_HEADER and not self.separator

    @property
    def encoding_name(self) -> str:
        return NAMES.get(self.encoding, self.encoding)

    @property
    def first_row_number(self) -> int:
        """The number, as a spreadsheet shows it, of the first row that `rows()` gives."""
        return 1 + self.header_rows

    def runs(self, key_of: KeyOf | int) -> Iterator[Run]:
        """The records under the header, in runs of consecutive records with the same key.

        The key is the cell at a position, or what a function makes of a record's cells. Raises UnreadableFileError
        at a record that can't be read. Cutting records into cells costs more than reading them, and most records of
        a file that was imported before are never cut.
        """
        if isinstance(key_of, int) and not self.is_json and self.separator != WHITESPACE:
            return self._runs_of_cells(key_of)
        read_key = itemgetter(key_of) if isinstance(key_of, int) else key_of
        return ((_key(read_key, self.cells(record)), 1, record) for record in self._records())

    def _runs_of_cells(self, position: int) -> Iterator[Run]:
        with _opened(self.path, self.encoding) as file:
            for _ in range(self.header_rows):
                next(text_records(file, self.separator))
            yield from runs(file, self.separator, position)

    def _records(self) -> Iterator[str]:
        """The records under the header as they are in the file; those of text with the line end."""
        if self.is_json:
            return json_records(self.path, self.encoding)
        return islice(_text_records(self.path, self.encoding, self.separator), self.header_rows, None)

    def cells(self, record: str) -> Row:
        """A record's cells; of JSON the record itself."""
        if self.is_json:
            return [record]
        if self.separator == WHITESPACE:
            return record.split()
        if '"' in record:
            return first_row(record, self.separator)
        return record.rstrip("\r\n").split(self.separator)

    def first_row_of(self, text: str) -> Row:
        """The cells of a run's first record."""
        if self.is_json or self.separator == WHITESPACE:
            return self.rows_of([text])[0]
        return first_row(text, self.separator)

    def rows_of(self, texts: Sequence[str]) -> list[Row]:
        """The cells of the records of some runs."""
        if self.is_json:
            return [[text] for text in texts]
        text = "".join(texts)
        if self.separator == WHITESPACE:
            return [line.split() for line in StringIO(text, newline="")]
        if '"' in text or "\r" in text:
            return table_rows(text, self.separator)
        return [line.split(self.separator) for line in text.removesuffix("\n").split("\n")]

    def columns_of(self, texts: Sequence[str], count: int) -> Columns | None:
        """The cells of the `count` records of some runs, by column; None where not all are as wide as the header."""
        if self.is_json or self.separator == WHITESPACE:
            return transposed(self.rows_of(texts), len(self.header), count)
        return table_columns("".join(texts), self.separator, len(self.header), count)

    def rows(self) -> Iterator[Row]:
        """The cells of every record."""
        return map(self.cells, self._records())


@contextmanager
def open_source(
    path: Path, filename: str, *, encoding: str = "", separator: str = "", names: tuple[str, ...] = ()
) -> Iterator[Source]:
    """A source for as long as the context lasts; a workbook is spooled as CSV meanwhile.

    `encoding` and `separator` overrule what would be recognised; `names` are the columns of a file without a
    header. Raises UnreadableFileError with a sentence for the person.
    """
    kind = require_readable(path, filename)
    if kind == "xlsx":
        with spooled(path, filename) as spool:
            yield _delimited_source(spool, "utf-8", ",", names)
    elif kind == "json":
        yield _json_source(path, encoding)
    else:
        yield _delimited_source(path, encoding, separator, names)


def _delimited_source(path: Path, encoding: str, separator: str, names: tuple[str, ...]) -> Source:
    found = survey(path, encoding)
    separator = separator or _separator(path, found.encoding)
    if found.quotes % 2:
        _require_closed_quotes(path, found.encoding, separator)
    header, header_rows = (names, 0) if names else _header(path, found.encoding, separator)
    row_count = found.lines - header_rows
    _require_table(header, row_count, has_header=not names)
    return Source(path, found.encoding, separator, header, header_rows, row_count)


def _header(path: Path, encoding: str, separator: str) -> tuple[tuple[str, ...], int]:
    """The column names, and the number of their row: the first one, or the first under a title."""
    rows = list(islice(_delimited_rows(path, encoding, separator), MOST_ABOVE + 1))
    above = 0 if separator == WHITESPACE else sum(1 for _row in takewhile(_is_title, rows))
    if above == len(rows):  # no table, which is said of the first row
        above = 0
    return tuple(name.strip() for name in rows[above]) if rows else (), above + 1


def _is_title(row: Row) -> bool:
    """Whether at most one of its cells is filled, as in the lines that programs write above a table."""
    return sum(1 for cell in row if cell.strip()) < 2


def _require_table(header: tuple[str, ...], row_count: int, *, has_header: bool) -> None:
    if has_header and row_count < 1:
        raise UnreadableFileError("The file has a header and no rows under it.")
    if len(header) < 2:
        raise UnreadableFileError(
            "The file has only one column, so there is no order in it. If its columns are separated by an unusual "
            "sign, save it again as CSV with commas."
        )
    if has_header and not any(re.search(r"[^\W\d_]{2}", name) for name in header):
        raise UnreadableFileError(
            "The first row has no column names. Put a name over each column, in the first row of the file."
        )


@contextmanager
def _opened(path: Path, encoding: str) -> Iterator[IO[str]]:
    """The text as it stands, line ends and all. Raises UnreadableFileError for what goes wrong while it is read."""
    try:
        with path.open(encoding=encoding, newline="") as file:
            yield file
    except (csv.Error, UnicodeDecodeError) as error:
        raise UnreadableFileError(f"The file can't be read to its end: {error}.") from error


def _text_records(path: Path, encoding: str, separator: str) -> Iterator[str]:
    with _opened(path, encoding) as file:
        yield from file if separator == WHITESPACE else text_records(file, separator)


def _key(read_key: KeyOf, row: Row) -> str | None:
    try:
        return read_key(row)
    except IndexError:
        return None


def _delimited_rows(path: Path, encoding: str, separator: str) -> Iterator[Row]:
    """Every row of a text file, the header too."""
    return Source(path, encoding, separator, (), 0, 0).rows()


def _separator(path: Path, encoding: str) -> str:
    """The separator that cuts the first rows into the most columns, the same number in each."""
    best, width = "", 1
    for separator in SEPARATORS:
        widths = [
            len(row) for row in dropwhile(_is_title, islice(_delimited_rows(path, encoding, separator), 50))
        ]
        if widths and widths[0] > width and widths.count(widths[0]) >= 0.8 * len(widths):
            best, width = separator, widths[0]
    if best:
        return best
    spaced = [row for row in islice(_delimited_rows(path, encoding, WHITESPACE), 50) if row]
    is_table = len(spaced) > 1 and len({len(row) for row in spaced}) == 1 and len(spaced[0]) > 1
    return WHITESPACE if is_table else ","


def _require_closed_quotes(path: Path, encoding: str, separator: str) -> None:
    """Refuses a file whose last quotation mark opens a cell that never ends: the rest of it would be one cell."""
    if separator == WHITESPACE:
        return
    with path.open(encoding=encoding, newline="") as lines:
        reader = csv.reader(chain(lines, ["\n", _END]), delimiter=separator)
        line, last = 0, [_END]
        with suppress(csv.Error):
            for last in reader:
                if last == [_END]:
                    return
                line = reader.line_num
    raise UnreadableFileError(
        f"A quotation mark is opened after line {line} of the file and never closed, so what follows can't be read. "
        "Correct the row, or export the file again."
    )


def _json_source(path: Path, encoding: str) -> Source:
    found = survey(path, encoding)
    count = sum(1 for _record in json_records(path, found.encoding))
    if not count:
        raise UnreadableFileError("The file holds no records.")
    return Source(path, found.encoding, "", JSON_HEADER, 0, count)
