"""Reads a file as rows of text, whatever it is: CSV and its kin, JSON, Excel. Streams; knows nothing of orders.

A file is surveyed once from end to end before anything is done with it (0.1 s for 47 MB of text), so that one that
cannot be read is refused as a whole, in a sentence, before its first row is used.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import StringIO
from itertools import chain, islice
from pathlib import Path
from typing import IO

from orders.encodings import NAMES
from orders.spreadsheets import spooled
from orders.surveying import UnreadableFileError, require_readable, survey

Row = list[str]
SEPARATORS = ",;\t|"
WHITESPACE = "whitespace"
JSON_HEADER = ("record",)
BLOCK = 1 << 20
_END = "end of the file, as a row of its own"

__all__ = ["JSON_HEADER", "SEPARATORS", "WHITESPACE", "Row", "Source", "UnreadableFileError", "open_source"]


@dataclass(frozen=True)
class Source:
    """A readable file. `rows()` are those under the header, as texts; in JSON each has one: the record."""

    path: Path
    encoding: str
    separator: str  # "" for JSON
    header: tuple[str, ...]
    has_header: bool
    row_count: int  # line breaks under the header: about the rows, more where cells hold line breaks
    has_nul: bool = False  # somewhere in the file stands a character that PostgreSQL can't keep

    @property
    def is_json(self) -> bool:
        return self.header == JSON_HEADER and not self.separator

    @property
    def encoding_name(self) -> str:
        return NAMES.get(self.encoding, self.encoding)

    @property
    def first_row_number(self) -> int:
        """The number, as a spreadsheet shows it, of the first row that `rows()` gives."""
        return 2 if self.has_header else 1

    def records(self) -> Iterator[str]:
        """The records under the header as they stand in the file; of text, with the line's end.

        Cutting a record into cells costs more than reading it, and most records of a file that was imported
        before are never cut. Raises UnreadableFileError at one that can't be read.
        """
        if self.is_json:
            return json_records(self.path, self.encoding)
        records = _text_records(self.path, self.encoding, self.separator)
        return islice(records, 1, None) if self.has_header else records

    def cells(self, record: str) -> Row:
        """A record's cells; of JSON the record itself."""
        if self.is_json:
            return [record]
        if self.separator == WHITESPACE:
            return record.split()
        if '"' in record:
            return next(csv.reader(StringIO(record, newline=""), delimiter=self.separator), [])
        return record.rstrip("\r\n").split(self.separator)

    def rows_of(self, records: Sequence[str], text: str) -> list[Row]:
        """The cells of each record: `cells` of many. `text` is the records joined."""
        if self.is_json or self.separator == WHITESPACE or '"' in text or "\r" in text:
            return list(map(self.cells, records))
        separator = self.separator
        return [line.split(separator) for line in text.removesuffix("\n").split("\n")]

    def cell(self, record: str, position: int) -> str:
        """One cell of a record. Raises IndexError where the record is too short."""
        if '"' in record or self.is_json or self.separator == WHITESPACE:
            return self.cells(record)[position]
        if position == 0:
            return record.partition(self.separator)[0]
        return record.split(self.separator, position + 1)[position].rstrip("\r\n")

    def first_cell_mark(self, cell: str) -> str:
        """How every record begins whose first cell is this one, written without quotation marks."""
        return cell + self.separator if cell and self.separator in SEPARATORS and '"' not in cell else "\n\n"

    def rows(self) -> Iterator[Row]:
        """The cells of every record."""
        return map(self.cells, self.records())


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
            yield _delimited_source(spool, filename, "utf-8", ",", names)
    elif kind == "json":
        yield _json_source(path, filename, encoding)
    else:
        yield _delimited_source(path, filename, encoding, separator, names)


def _delimited_source(
    path: Path, filename: str, encoding: str, separator: str, names: tuple[str, ...]
) -> Source:
    found = survey(path, filename, encoding)
    separator = separator or _separator(path, found.encoding)
    if found.quotes % 2:
        _require_closed_quotes(path, found.encoding, separator)
    header = tuple(name.strip() for name in next(_delimited_rows(path, found.encoding, separator), []))
    if names:
        header = names
    _require_table(header, found.lines, has_header=not names)
    return Source(
        path, found.encoding, separator, header, not names, found.lines - (0 if names else 1), found.has_nul
    )


def _require_table(header: tuple[str, ...], lines: int, *, has_header: bool) -> None:
    if has_header and lines < 2:
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


def _text_records(path: Path, encoding: str, separator: str) -> Iterator[str]:
    """The file's lines; those that a quoted cell with a line break spans, as one."""
    with path.open(encoding=encoding, newline="") as lines:
        try:
            for line in lines:
                if '"' in line and separator != WHITESPACE:
                    yield _quoted_record(line, lines, separator)
                else:
                    yield line
        except (csv.Error, UnicodeDecodeError) as error:
            raise UnreadableFileError(f"The file can't be read to its end: {error}.") from error


def _quoted_record(line: str, lines: Iterator[str], separator: str) -> str:
    """The line and those after it that belong to the same record: csv takes as many as it needs."""
    taken = [line]

    def taking() -> Iterator[str]:
        yield line
        for following in lines:
            taken.append(following)
            yield following

    next(csv.reader(taking(), delimiter=separator), None)
    return "".join(taken)


def _delimited_rows(path: Path, encoding: str, separator: str) -> Iterator[Row]:
    """Every row of a text file, the header too."""
    return Source(path, encoding, separator, (), False, 0).rows()


def _separator(path: Path, encoding: str) -> str:
    """The sign that cuts the first rows into the most columns, equally many in each."""
    best, width = "", 1
    for separator in SEPARATORS:
        rows = [row for row in islice(_delimited_rows(path, encoding, separator), 50) if row]
        widths = [len(row) for row in rows]
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


def _json_source(path: Path, filename: str, encoding: str) -> Source:
    found = survey(path, filename, encoding)
    count = sum(1 for _record in json_records(path, found.encoding))
    if not count:
        raise UnreadableFileError("The file holds no records.")
    return Source(path, found.encoding, "", JSON_HEADER, False, count)


def json_records(path: Path, encoding: str) -> Iterator[str]:
    """The text of each record of a JSON file: of an array, of the list in {"orders": [..]}, or one a line.

    Holds one record and one block in memory. Raises UnreadableFileError.
    """
    with path.open(encoding=encoding) as text:
        start = text.read(BLOCK).lstrip()
        if match := re.match(r'\{\s*"(?:orders|customers|data)"\s*:\s*\[', start):
            start = start[match.end() - 1 :]
        yield from _records(start, text, is_array=start.startswith("["))


_DEEP = "The file holds lists inside of lists, or a number, beyond anything that a shop exports."


def _records(buffer: str, text: IO[str], *, is_array: bool) -> Iterator[str]:
    decoder = json.JSONDecoder()
    position = 1 if is_array else 0
    number = 0
    while True:
        position = _skip(buffer, position)
        if position < len(buffer) and not (is_array and buffer[position] == "]"):
            try:
                value, end = decoder.raw_decode(buffer, position)
            except json.JSONDecodeError:
                value, end = None, -1
            except (RecursionError, ValueError) as error:  # lists in lists in lists; a number of 5,000 digits
                raise UnreadableFileError(f"{_DEEP} Look at record {number + 1}.") from error
            if end >= 0:
                number += 1
                if not isinstance(value, dict):
                    raise UnreadableFileError(
                        f"Record {number} of the file isn't an object of names and values."
                    )
                yield buffer[position:end]
                position = end
                continue
        elif position < len(buffer):
            return
        block = text.read(max(BLOCK, len(buffer)))
        if not block:
            if position < len(buffer) or is_array:
                raise UnreadableFileError(f"The file breaks off or is damaged after record {number}.")
            return
        buffer, position = buffer[position:] + block, 0


def _skip(buffer: str, position: int) -> int:
    match = re.compile(r"[\s,]*").match(buffer, position)
    return match.end() if match else position
