"""Keyset pages: each page begins where the last one ended, so page 10,000 costs as much as page 1.

A sort names its columns, the last of them unique, none of them NULL, all in one direction; PostgreSQL then
walks an index on (store, columns ..) from the cursor on. The cursor is the sort key of a row, written into
the URL; one that cannot be read means the first page. Numbered pages and totals are what this gives up.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from operator import attrgetter
from typing import Any, Generic, Literal, TypeVar

from django.db.models import BooleanField, F, Func, Model, QuerySet, Value
from django.http import QueryDict

PARAMETER = "page"
_BIGINT = 2**63
_WIDEST_OFFSET = timedelta(hours=16)  # of PostgreSQL

Row = TypeVar("Row", bound=Model)
Found = TypeVar("Found")
Key = tuple[Any, ...]
Sign = Literal["<", ">", "<=", ">="]
_LOOKUPS = {"<": "lt", ">": "gt"}
# What lies after a key, and what lies before the end of a stretch; falling orders go down.
_SIGNS: dict[bool, tuple[Sign, Sign]] = {True: ("<", ">="), False: (">", "<=")}


@dataclass(frozen=True, slots=True)
class Sort:
    """The order of a list: (ORM name, Python type) from most to least significant.

    The types are int, float, str, date or datetime (aware); annotations are named like fields. `skips`: the rows
    have one value of another column, which the index has behind the first. PostgreSQL 18 then skips from each
    value of the first to where that one begins, but not beside a row comparison: they are read in parts.
    """

    columns: tuple[tuple[str, type], ...]
    descending: bool = True
    skips: bool = False

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.columns]

    def key(self, row: Model) -> Key:
        """The row's sort key."""
        return tuple(attrgetter(name.replace("__", "."))(row) for name in self.names)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins: after (or, going back, before) the row with this key."""

    key: Key
    backwards: bool = False


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows in the sort's order; `next` and `previous` are cursors, empty where there is no such page."""

    rows: list[Row]
    next: str = ""
    previous: str = ""

    def links(self, parameters: QueryDict) -> dict[str, str]:
        """What components/pagination.html reads: the query strings of the pages beside it, other parameters kept.

        Empty where there is no such page.
        """
        return {
            "next_url": _query_string(parameters, self.next),
            "previous_url": _query_string(parameters, self.previous),
        }


def page_of(rows: QuerySet[Row], sort: Sort, cursor: str = "", *, size: int = 50) -> Page[Row]:
    """The page of `rows` at the cursor: one query, or one each of `parts`, again where the cursor leads to a short page.

    A cursor that cannot be read, or that lies beyond the rows there are now, gives the first page.
    """
    return page_found(lambda start, count: first_of(parts(rows, sort, start), count), sort, cursor, size=size)


def page_found(
    find: Callable[[Cursor | None, int], list[Row]], sort: Sort, cursor: str = "", *, size: int = 50
) -> Page[Row]:
    """`page_of` for rows that are found in a way of one's own: the first so many of `onward`, in its order."""
    start = decode(cursor, sort)
    page = _read(find, sort, start, size)
    short = start is not None and (len(page.rows) < size if start.backwards else not page.rows)
    return _read(find, sort, None, size) if short else page


def onward(rows: QuerySet[Row], sort: Sort, start: Cursor | None) -> QuerySet[Row]:
    """The rows beyond the cursor, the nearest first: for a cursor that goes back, in the opposite order."""
    falling = _falls(sort, start)
    ordered = _ordered(rows, sort, falling)
    return ordered if start is None else _bounded(ordered, sort, start.key, "<" if falling else ">")


def parts(
    rows: QuerySet[Row], sort: Sort, start: Cursor | None, end: Key | None = None
) -> list[QuerySet[Row]]:
    """The rows beyond the cursor, up to the one with the key `end`, it included: one part after another, the nearest
    first. One part, unless the sort skips: then those that share the first column with an end of the stretch are
    parts of their own, so that no part compares more than it.
    """
    falling = _falls(sort, start)
    after, until = _SIGNS[falling]
    if not sort.skips:
        ahead = onward(rows, sort, start)
        return [ahead if end is None else _bounded(ahead, sort, end, until)]
    rows, first = _ordered(rows, sort, falling), sort.names[0]
    if start and end and start.key[0] == end[0]:
        return [_beside(_beside(rows, sort, start.key, after), sort, end, until)]
    found, between = [], rows
    if start:
        found.append(_beside(rows, sort, start.key, after))
        between = between.filter(**{f"{first}__{_LOOKUPS[after]}": start.key[0]})
    if end:
        between = between.filter(**{f"{first}__{_LOOKUPS[until[0]]}": end[0]})
    found.append(between)
    return [*found, _beside(rows, sort, end, until)] if end else found


def first_of(following: Iterable[QuerySet[Any, Found]], count: int) -> list[Found]:
    """The first so many of parts that follow each other; one query a part, until there are enough."""
    found: list[Found] = []
    for part in following:
        if len(found) < count:
            found += part[: count - len(found)]
    return found


def _ordered(rows: QuerySet[Row], sort: Sort, falling: bool) -> QuerySet[Row]:
    return rows.order_by(*(f"-{name}" if falling else name for name in sort.names))


def _bounded(rows: QuerySet[Row], sort: Sort, key: Key, sign: Sign) -> QuerySet[Row]:
    """The rows on one side of a key. The first column is compared alone, too: where the columns are of two tables no
    index answers the comparison of all.
    """
    first = f"{sort.names[0]}__{_LOOKUPS[sign[0]]}e"
    return rows.filter(_compared(sort.names, key, sign), **{first: key[0]})


def _beside(rows: QuerySet[Row], sort: Sort, key: Key, sign: Sign) -> QuerySet[Row]:
    """The rows that share the first column with a key and are on one side of it by the others."""
    first, *others = sort.names
    return rows.filter(_compared(others, key[1:], sign), **{first: key[0]})


def _falls(sort: Sort, start: Cursor | None) -> bool:
    return sort.descending != (start is not None and start.backwards)


def _read(
    find: Callable[[Cursor | None, int], list[Row]], sort: Sort, start: Cursor | None, size: int
) -> Page[Row]:
    backwards = start is not None and start.backwards
    found = find(start, size + 1)
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    if not found:
        return Page([])
    return Page(
        found,
        next=encode(Cursor(sort.key(found[-1]))) if more or backwards else "",
        previous=encode(Cursor(sort.key(found[0]), backwards=True)) if (more if backwards else start) else "",
    )


def _compared(names: Iterable[str], key: Key, sign: Sign) -> Func:
    """(a, b) < (x, y): a row comparison, which PostgreSQL answers from the index in one step."""
    columns = Func(*(F(name) for name in names), template="(%(expressions)s)")
    values = Func(*(Value(value) for value in key), template="(%(expressions)s)")
    return Func(
        columns, values, template="%(expressions)s", arg_joiner=f" {sign} ", output_field=BooleanField()
    )


def encode(cursor: Cursor) -> str:
    """The cursor as text that can stand in a URL."""
    plain = [value.isoformat() if isinstance(value, date) else value for value in cursor.key]
    text = json.dumps([int(cursor.backwards), *plain], separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(text: str, sort: Sort) -> Cursor | None:
    """The cursor that `encode` wrote for a key of this sort; None for anything else."""
    try:
        padded = text + "=" * (-len(text) % 4)
        parts = json.loads(base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True))
        backwards, *plain = parts
        key = tuple(_value(value, kind) for value, (_, kind) in zip(plain, sort.columns, strict=True))
    except (ValueError, TypeError, RecursionError):
        return None
    return Cursor(key, bool(backwards)) if backwards in (0, 1) else None


def _value(plain: Any, kind: type) -> Any:
    """Raises ValueError or TypeError for what is no value of the type or what the database cannot hold."""
    if kind is datetime:
        moment = datetime.fromisoformat(plain)
        offset = moment.utcoffset()
        if offset is None or abs(offset) >= _WIDEST_OFFSET or offset.microseconds:
            raise ValueError("a moment needs its offset, one that the database reads")
        return moment
    if kind is date:
        return date.fromisoformat(plain)
    if type(plain) is int and kind is float:
        plain = float(plain)
    if type(plain) is not kind:
        raise TypeError(f"{plain!r} is no {kind.__name__}")
    if isinstance(plain, int) and not -_BIGINT <= plain < _BIGINT:
        raise ValueError("beyond 64 bits")
    if isinstance(plain, str) and "\x00" in plain:
        raise ValueError("text with a NUL")
    if isinstance(plain, str):
        plain.encode()  # half of a surrogate pair, which JSON can write, is no text: UnicodeEncodeError
    return plain


def _query_string(parameters: QueryDict, cursor: str) -> str:
    if not cursor:
        return ""
    changed = parameters.copy()
    changed[PARAMETER] = cursor
    return f"?{changed.urlencode()}"
