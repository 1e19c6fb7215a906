"""The first of many rows that fit a filter, in the order of a sort, whatever the two have to do with each other.

There are two ways to them. A walk along the sort's index asks of one row after another whether it fits: quick where
many fit, endless where few do, or where those who come first are the ones who don't. And all that fit, found by the
filter's own indexes, can be sorted: quick where few fit. What share fits the planner guesses; that it doesn't depend
on the order it takes for granted, and people filter by what does. So the walk goes a stretch, goes on as far as what
it found there promises, and where that hasn't filled the page, all that fit are sorted. With N rows of which a share
p fits anywhere alike, a page of n is found after n/p rows or among p*N: the lesser of the two is never more than
sqrt(n*N), and that is the stretch where the index has all that is asked. Where rows have to be looked up it is a third
of that, as all that fit are mostly read from an index alone, seven times as fast (LOOK_UP); and first some few are
tried. Where a stretch promises nothing the walk goes on nevertheless for as long as finding all that fit would take by
the planner's own reckoning: so it takes twice as long as the quicker way at most, about.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from math import isqrt
from typing import Any, NamedTuple, TypeVar

from django.db.models import BooleanField, ExpressionWrapper, F, Func, Model, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from lib.keyset import Cursor, Key, Page, Sort, first_of, onward, page_found, parts

# How many times as far to walk where a step needs no row: the root of how much slower it is to look one up.
LOOK_UP = 3
# What part of a stretch to walk first: mostly it fills the page.
FIRST = 4
# How many stretches more to walk at most, where the first one found some of the page.
FURTHER = 6
# What a step costs as the planner reckons: in an index that has all that is asked, and where a row is looked up.
STEP, STEP_LOOKED_UP = 0.05, 2.5
# How many steps to take in one query at most, some milliseconds.
STEPS, STEPS_LOOKED_UP = 12_000, 1_500

Row = TypeVar("Row", bound=Model)


def stretch_of(size: int, *, among: int, looks_up: bool = True) -> int:
    """How far to walk for a page of `size` among so many rows, before all that fit are sorted."""
    return max(isqrt(size * among) // (LOOK_UP if looks_up else 1), size + 1)


@dataclass(frozen=True)
class Walk:
    """Along the index of a sort, past those who fit and those who don't.

    `track`: rows of any model with the sort's columns that an index has in its order, everybody who fits among them.
    `branches`: where an index has only those of each of these conditions in that order, and everybody who fits is
    of one: they are merged, of a sort that doesn't skip. `looked_up`: how many rows to look up at first, where the
    index doesn't say who fits; 0 where it does. `among`: how many rows there are in all, about.
    """

    fitting: QuerySet[Any]
    track: QuerySet[Any]
    sort: Sort
    branches: Sequence[Q] = (Q(),)
    looked_up: int = 0
    among: int = 0

    @property
    def furthest(self) -> int:
        """How many steps one query takes at most."""
        return STEPS_LOOKED_UP if self.looked_up else STEPS

    def steps_worth(self, rows: QuerySet[Any]) -> int:
        """How many steps cost as much as reading the rows, as the planner reckons. One query, which reads none."""
        return int(planned(rows).cost / (STEP_LOOKED_UP if self.looked_up else STEP))

    def stretch(self, start: Cursor | None, length: int, count: int) -> tuple[list[Key], Key | None]:
        """Of the next so many rows the keys of the first `count` that fit; and of the last, None where they are fewer."""
        if self.looked_up:
            keys = first_of(self._merged(self.track, start), length)
            chosen = self.fitting.filter(one_of([key[-1] for key in keys], F("customer_id")))
            fits = set(chosen.values_list("pk", flat=True))
            found = [key for key in keys if key[-1] in fits]
            return found[:count], keys[-1] if len(keys) == length else None
        end = self._end(start, length)
        return first_of(self._merged(self.fitting, start, end), count), end

    def _end(self, start: Cursor | None, length: int) -> Key | None:
        """The key of the row so far on, or in a later part further; None where there are fewer."""
        for part in self._merged(self.track, start):
            for end in part[length - 1 : length]:
                return tuple(end)
        return None

    def _merged(
        self, rows: QuerySet[Any], start: Cursor | None, end: Key | None = None
    ) -> list[QuerySet[Any, Key]]:
        """The sort keys from the cursor up to the end, in parts that follow each other, each merged of its branches."""
        keys = rows.values_list(*self.sort.names)
        branches = [parts(keys.filter(branch), self.sort, start, end) for branch in self.branches]
        return [_merged(*part) for part in zip(*branches, strict=True)]


def page_of_many(walk: Walk, shown: QuerySet[Row], cursor: str, *, size: int, stretch: int) -> Page[Row]:
    """The page at the cursor of those who fit, as lib.keyset.page_of gives it, of rows as `shown` has them.

    Mostly three to six queries; more where the page fills slowly, and for a cursor that leads nowhere.
    """
    first = walk.looked_up or max(stretch // FIRST, size + 1)
    furthest = (2 if walk.looked_up else FURTHER) * stretch

    def find(start: Cursor | None, count: int) -> list[Row]:
        found: list[Key] = []
        all_that_fit = _unwalked(walk.fitting, walk.sort, start)[:count]
        reached, walked, length, patience = start, 0, first, -1
        while length:
            more, end = walk.stretch(reached, length, count - len(found))
            found += more
            if end is None or len(found) == count:
                return _rows(shown, found)
            reached = Cursor(end, backwards=start is not None and start.backwards)
            walked += length
            # If they go on as until here, so far is the rest, and so many fit in all.
            rest = walked * (count - len(found)) // max(len(found), 1)
            fit_in_all = walk.among * len(found) // walked
            if found and (walked + rest <= furthest or rest <= fit_in_all):
                length = min(max(rest + rest // 2, first), walk.furthest)
                continue
            if patience < 0:
                patience = walk.steps_worth(all_that_fit)
            length = min(2 * length, walk.furthest) if walked < patience else 0
        return _rows(shown, list(all_that_fit))

    return page_found(find, walk.sort, cursor, size=size)


def page_by_keys(
    track: QuerySet[Any], shown: QuerySet[Row], sort: Sort, cursor: str, *, size: int
) -> Page[Row]:
    """The same where all of the track fit: their keys are read first, and then the page's rows alone. Two queries to four."""
    keys = track.values_list(*sort.names)

    def find(start: Cursor | None, count: int) -> list[Row]:
        return _rows(shown, first_of(parts(keys, sort, start), count))

    return page_found(find, sort, cursor, size=size)


def page_of_few(
    fitting: QuerySet[Row], shown: QuerySet[Row], sort: Sort, cursor: str, *, size: int
) -> Page[Row]:
    """The same of rows that are known to be few: they are sorted at once. Two queries, or twice as many."""

    def find(start: Cursor | None, count: int) -> list[Row]:
        return _rows(shown, list(_unwalked(fitting, sort, start)[:count]))

    return page_found(find, sort, cursor, size=size)


def _merged(first: QuerySet[Any, Key], *others: QuerySet[Any, Key]) -> QuerySet[Any, Key]:
    """All of them in the order that each of them has."""
    return first.union(*others, all=True).order_by(*first.query.order_by) if others else first


def _rows(shown: QuerySet[Row], keys: Sequence[Key]) -> list[Row]:
    found = shown.in_bulk([key[-1] for key in keys])
    return [found[key[-1]] for key in keys if key[-1] in found]


def _unwalked(rows: QuerySet[Any], sort: Sort, start: Cursor | None) -> QuerySet[Any, Key]:
    """The sort keys from the cursor on, by columns that are those of no index: all are to be found, and sorted."""
    hidden = {f"unwalked_{name}": Coalesce(F(name), F(name)) for name in sort.names}
    columns = tuple((name, kind) for name, (_, kind) in zip(hidden, sort.columns, strict=True))
    ahead = onward(rows.annotate(**hidden), Sort(columns, sort.descending), start)
    return ahead.values_list(*hidden)


def one_of(ids: Sequence[int] | str, column: Combinable) -> ExpressionWrapper[Any]:
    """A condition, as one array in text: ids that the database gave so go back as they came, and many are no burden."""
    array = ids if isinstance(ids, str) else "{" + ",".join(map(str, ids)) + "}"
    among = Func(column, Value(array), template="(%(expressions)s::bigint[]))", arg_joiner=" = any(")
    return ExpressionWrapper(among, output_field=BooleanField())


class Planned(NamedTuple):
    """What the planner expects of a query: to choose a way by, never to show. `cost` is in its own units."""

    rows: int
    cost: float


def planned(rows: QuerySet[Any]) -> Planned:
    """How many rows the planner expects, and what it reckons that they cost. One query, which reads none of them."""
    (plan,) = json.loads(rows.explain(format="json"))
    return Planned(int(plan["Plan"]["Plan Rows"]), float(plan["Plan"]["Total Cost"]))
