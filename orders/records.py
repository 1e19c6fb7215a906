"""The records of a text file, one at a time or in runs that belong together. Streams; knows nothing of orders.

A record is a line, or several where a quoted cell holds line breaks. Reading half a million of them one by one takes
Python longer than PostgreSQL needs to store them. But in most blocks of most files every record is a line, and there
a regular expression finds at once how many lines in a row have the same cell.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from io import StringIO
from itertools import chain
from typing import IO

from orders.surveying import UnreadableFileError

BLOCK = 1 << 17  # characters; as many as a processor keeps at hand
GLANCE = 1 << 12  # characters that tell whether quotation marks are everywhere or here and there
Columns = list[list[str]]
# What some records have in common (None: too short to tell), how many they are, and their text, with its last line
# end.
Run = tuple[str | None, int, str]

_QUOTED = r'"[^"\n]*+(?:""[^"\n]*+)*+"'


def text_records(lines: Iterator[str], separator: str, beyond: Iterable[str] = ()) -> Iterator[str]:
    """The records of some lines, each ending a line; the last one may need lines from `beyond`."""
    for line in lines:
        record = _quoted_record(line, chain(lines, beyond), separator) if '"' in line else line
        yield record if record.endswith(("\n", "\r")) else record + "\n"


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


def first_row(text: str, separator: str) -> list[str]:
    """The cells of the first record. Raises UnreadableFileError."""
    return next(_rows(text, separator), [])


def table_rows(text: str, separator: str) -> list[list[str]]:
    """The cells of every record. Raises UnreadableFileError."""
    return list(_rows(text, separator))


def _rows(text: str, separator: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(StringIO(text, newline=""), delimiter=separator)
    except csv.Error as error:  # a cell of more than 131,072 characters
        raise UnreadableFileError(f"The file can't be read to its end: {error}.") from error


def table_columns(text: str, separator: str, width: int, count: int) -> Columns | None:
    """The cells of `count` records by column; None where not all of them are so wide."""
    if "\r" in text or text.count('"', 0, GLANCE) > text.count("\n", 0, GLANCE):
        return transposed(table_rows(text, separator), width, count)
    plain, quoted, places = _set_aside(text, separator, width)
    rows = table_rows(quoted, separator) if quoted else []
    if len(rows) != len(places):  # a record of several lines
        return transposed(table_rows(text, separator), width, count)
    # One split for all. Each line end becomes a cell of its own: if all of them are in one column, every line is that
    # wide.
    cells = plain.replace("\n", f"{separator}\n{separator}").split(separator)
    ends = cells[width :: width + 1]
    is_regular = plain.count("\n") == count == ends.count("\n") and len(cells) == count * (width + 1) + 1
    if not is_regular or any(len(row) != width for row in rows):
        return None
    columns = [cells[position : -1 : width + 1] for position in range(width)]
    for place, row in zip(places, rows, strict=True):
        for column, cell in zip(columns, row, strict=True):
            column[place] = cell
    return columns


def transposed(rows: list[list[str]], width: int, count: int) -> Columns | None:
    """The columns of `count` rows; None where not all of them are so wide."""
    is_regular = len(rows) == count and set(map(len, rows)) == {width}
    return list(map(list, zip(*rows, strict=True))) if is_regular else None


def _set_aside(text: str, separator: str, width: int) -> tuple[str, str, list[int]]:
    """The text with a blank line for every one that holds quotation marks; those lines; and which they were."""
    blank = separator * (width - 1) + "\n"
    plain: list[str] = []
    quoted: list[str] = []
    places: list[int] = []
    start = line = 0
    while (quote := text.find('"', start)) >= 0:
        begin = text.rfind("\n", start, quote) + 1 or start
        end = text.index("\n", quote) + 1
        line += text.count("\n", start, begin)
        plain += text[start:begin], blank
        quoted.append(text[begin:end])
        places.append(line)
        start, line = end, line + 1
    return "".join([*plain, text[start:]]), "".join(quoted), places


def runs(file: IO[str], separator: str, position: int) -> Iterator[Run]:
    """Runs of records whose cells at a position are the same, from the file's current position to its end.

    The file is open with newline="". A run may end where the next one begins with the same cell.
    """
    while block := file.read(BLOCK):
        block += file.readline()
        if _is_of_whole_lines(block, separator):
            yield from _runs_of_lines(block if block.endswith("\n") else block + "\n", separator, position)
        else:
            for record in text_records(iter(StringIO(block, newline="")), separator, beyond=file):
                yield _cell(record, separator, position), 1, record


def _cell(record: str, separator: str, position: int) -> str | None:
    if '"' in record:
        row = first_row(record, separator)
    else:
        row = record.rstrip("\r\n").split(separator, position + 1)
    return row[position] if position < len(row) else None


def _runs_of_lines(block: str, separator: str, position: int) -> Iterator[Run]:
    for found in _run_pattern(separator, position).finditer(block):
        text, key = found.group(0, 1)
        if key is not None and key.startswith('"'):
            (key,) = first_row(key, separator)
        yield key, text.count("\n"), text


def _is_of_whole_lines(block: str, separator: str) -> bool:
    """Whether every line is a record: no line ends by a carriage return alone, and no quoted cell by a line break."""
    if "\r" in block and block.count("\r") != block.count("\r\n"):
        return False
    match = _quoted_lines_pattern(separator).match
    quote = block.find('"')
    while quote >= 0:
        found = match(block, block.rfind("\n", 0, quote) + 1)
        if found is None:
            return False
        quote = block.find('"', found.end())
    return True


@lru_cache(maxsize=8)
def _run_pattern(separator: str, position: int) -> re.Pattern[str]:
    """Lines whose cells at the position are, character for character, the same: the first group; or a short line."""
    sign = re.escape(separator)
    cell = rf"(?:{_QUOTED}|[^\"{sign}\r\n][^{sign}\r\n]*+|)"
    before = rf"(?:{cell}{sign}){{{position}}}" if position else ""
    rest = rf"(?=[{sign}\r\n])[^\n]*\n"
    return re.compile(rf"{before}({cell}){rest}(?:{before}\1{rest})*+|[^\n]*\n")


@lru_cache(maxsize=8)
def _quoted_lines_pattern(separator: str) -> re.Pattern[str]:
    """A line whose quotation marks open and close whole cells, and those after it that begin with one."""
    sign = re.escape(separator)
    cell = rf"(?:{_QUOTED}|[^\"{sign}\n][^{sign}\n]*+|)"
    line = rf"{cell}(?:{sign}{cell})*+\r?(?:\n|\Z)"
    return re.compile(rf'{line}(?:(?="){line})*+')
