"""The first of many rows that fit a filter, in the order of a sort, whatever the two have to do with each other.

There are two ways to them. A walk along the sort's index asks of one row after another whether it fits: quick where
many fit, endless where few do, or where those who come first are the ones who don't. And all that fit, found by the
filter's own indexes, can be sorted: quick where few fit. What share fits the planner guesses; that it doesn't depend
on the order it takes for granted, and people filter by what does. So the walk goes a stretch, and where that hasn't
filled the page, all that fit are sorted. With N rows of which a share p fits anywhere alike, a page of n is found
after n/p rows or among p*N: the lesser of the two is never more than sqrt(n*N). The stretch is a third of that, as a
step of the walk looks up its row, and all that fit are mostly read from an index alone, seven times as fast (LOOK_UP).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from math import isqrt
from typing import Any, TypeVar

from django.db.models import F, Model, Q, QuerySet
from django.db.models.functions import Coalesce

from lib.keyset import Cursor, Key, Page, Sort, first_of, onward, page_found, parts

# How many times as far to walk where a step needs no row: the root of how much slower it is to look one up.
LOOK_UP = 3
# How many times as far to walk on from a stretch that found so large a part of a page.
FURTHER = 6

Row = TypeVar("Row", bound=Model)


def stretch_of(size: int, *, among: int) -> int:
    """How far to walk for a page of `size` among so many rows, before all that fit are sorted."""
    return max(isqrt(size * among) // LOOK_UP, size + 1)


def page_of_many(
    fitting: QuerySet[Any],
    track: QuerySet[Any],
    shown: QuerySet[Row],
    sort: Sort,
    cursor: str,
    *,
    size: int,
    stretch: int,
    branches: Sequence[Q] = (Q(),),
) -> Page[Row]:
    """The page of `fitting` at the cursor, as lib.keyset.page_of gives it, of rows as `shown` has them.

    `track`: rows of any model with the sort's columns that an index has in its order, everybody who fits among them.
    `branches`: where an index has only those of each of these conditions in that order, and everybody who fits is
    of one: they are merged, of a sort that doesn't skip. Six queries at most; for a cursor that leads nowhere, twice
    as many.
    """

    def find(start: Cursor | None, count: int) -> list[Row]:
        found: list[Key] = []
        reached = start
        for length in (stretch, stretch * FURTHER):
            end = _end(_merged(track, branches, sort, reached, None), length)
            found += first_of(_merged(fitting, branches, sort, reached, end), count - len(found))
            if end is None or len(found) == count:
                return _rows(shown, found)
            if len(found) * FURTHER < count:
                break
            reached = Cursor(end, backwards=start is not None and start.backwards)
        return _rows(shown, list(_unwalked(fitting, sort, start)[:count]))

    return page_found(find, sort, cursor, size=size)


def page_of_few(
    fitting: QuerySet[Row], shown: QuerySet[Row], sort: Sort, cursor: str, *, size: int
) -> Page[Row]:
    """The same of rows that are known to be few: they are sorted at once. Two queries, or twice as many."""

    def find(start: Cursor | None, count: int) -> list[Row]:
        return _rows(shown, list(_unwalked(fitting, sort, start)[:count]))

    return page_found(find, sort, cursor, size=size)


def _rows(shown: QuerySet[Row], keys: Sequence[Key]) -> list[Row]:
    found = shown.in_bulk([key[-1] for key in keys])
    return [found[key[-1]] for key in keys if key[-1] in found]


def _merged(
    rows: QuerySet[Any], branches: Sequence[Q], sort: Sort, start: Cursor | None, end: Key | None
) -> list[QuerySet[Any, Key]]:
    """The sort keys from the cursor up to the end, in parts that follow each other, each merged of its branches."""
    keys = rows.values_list(*sort.names)
    if len(branches) == 1:
        return parts(keys.filter(*branches), sort, start, end)
    first, *others = (part for branch in branches for part in parts(keys.filter(branch), sort, start, end))
    return [first.union(*others, all=True).order_by(*first.query.order_by)]


def _end(track: Iterable[QuerySet[Any, Key]], stretch: int) -> Key | None:
    """The key of the row so far on; None where there are fewer. Of a sort that skips it may be twice as far."""
    for part in track:
        for end in part[stretch - 1 : stretch]:
            return tuple(end)
    return None


def _unwalked(rows: QuerySet[Any], sort: Sort, start: Cursor | None) -> QuerySet[Any, Key]:
    """The sort keys from the cursor on, by columns that are those of no index: all are to be found, and sorted."""
    hidden = {f"unwalked_{name}": Coalesce(F(name), F(name)) for name in sort.names}
    columns = tuple((name, kind) for name, (_, kind) in zip(hidden, sort.columns, strict=True))
    ahead = onward(rows.annotate(**hidden), Sort(columns, sort.descending), start)
    return ahead.values_list(*hidden)


def expected_count(rows: QuerySet[Any]) -> int:
    """How many rows the planner expects: to choose a way by, never to show. One query, which reads none of them."""
    (plan,) = json.loads(rows.explain(format="json"))
    return int(plan["Plan"]["Plan Rows"])
