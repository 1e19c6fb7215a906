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
from functools import reduce
from operator import attrgetter, or_
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet
from django.http import QueryDict

PARAMETER = "page"
_BIGINT = 2**63
_WIDEST_OFFSET = timedelta(hours=16)  # of PostgreSQL

Row = TypeVar("Row", bound=Model)
Found = TypeVar("Found")
Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Sort:
    """The order of a list: (ORM name, Python type) from most to least significant.

    The types are int, float, str, date or datetime (aware); annotations are named like fields.
    """

    columns: tuple[tuple[str, type], ...]
    descending: bool = True

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
    """The page of `rows` at the cursor: one query, from a cursor on one for each of `parts` until the page is full.

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
    """The rows beyond the cursor, the nearest first (for a cursor that goes back, in the opposite order), in one part:
    for rows that no index has in the sort's order.
    """
    falling = _falls(sort, start)
    beyond = _conditions(sort, falling, start.key, None) if start else [Q()]
    return _ordered(rows, sort, falling).filter(reduce(or_, beyond))


def parts(
    rows: QuerySet[Row], sort: Sort, start: Cursor | None, end: Key | None = None
) -> list[QuerySet[Row]]:
    """The rows beyond the cursor, up to the one with the key `end`, it included: one part after another, the nearest
    first. From (x, y) on these are the rows that have x and lie beyond y, and then those beyond x.

    Each part compares a single column and names those before it, so PostgreSQL finds where it begins in one step,
    whatever else is asked of its columns. A comparison of rows, (a, b) > (x, y), takes the first column's whole range
    instead as soon as that one is bounded otherwise, too: as long as page 10,000 is deep.
    """
    falling = _falls(sort, start)
    ordered = _ordered(rows, sort, falling)
    return [ordered.filter(part) for part in _conditions(sort, falling, start.key if start else None, end)]


def first_of(following: Iterable[QuerySet[Any, Found]], count: int) -> list[Found]:
    """The first so many of parts that follow each other; one query a part, until there are enough."""
    found: list[Found] = []
    for part in following:
        if len(found) < count:
            found += part[: count - len(found)]
    return found


def _ordered(rows: QuerySet[Row], sort: Sort, falling: bool) -> QuerySet[Row]:
    return rows.order_by(*(f"-{name}" if falling else name for name in sort.names))


def _conditions(sort: Sort, falling: bool, start: Key | None, end: Key | None) -> list[Q]:
    """What each of `parts` asks: of the keys after `start`, up to `end`."""
    after, before = ("lt", "gt") if falling else ("gt", "lt")
    last = len(sort.columns) - 1
    until = {at: before if at < last else f"{before}e" for at in range(last + 1)}
    fork = 0  # the first column in which the two keys differ
    while start and end and fork < last and start[fork] == end[fork]:
        fork += 1
    near = [_beside(sort, start, at, after) for at in range(last, fork, -1)] if start else []
    between = _beside(sort, start, fork, after) if start else Q()
    if end is None:
        return [*near, between]
    between &= _beside(sort, end, fork, until[fork])
    return [*near, between, *(_beside(sort, end, at, until[at]) for at in range(fork + 1, last + 1))]


def _beside(sort: Sort, key: Key, at: int, lookup: str) -> Q:
    """The same as the key before the column at this place, and on one side of it in that column."""
    before = dict(zip(sort.names[:at], key[:at], strict=True))
    return Q(**before, **{f"{sort.names[at]}__{lookup}": key[at]})


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
