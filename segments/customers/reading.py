"""Finds a page of the rows that fit a filter, in the order of a sort, quickly for any filter with any sort.

There are two ways:

- Walk along the index of the sort and check each row on the way. Quick where many rows fit; slow where few do, or
  where the rows that come first in this order are the ones that don't.
- Find all rows that fit by the filter's own indexes, and sort them. Quick where few fit.

PostgreSQL chooses by its estimate of how many rows fit, and assumes that they are spread evenly over the order. People
filter and sort by things that depend on each other, so often they aren't. So a walk is tried first, for one stretch. If
that fills a part of the page, the walk goes on as far as the share of rows that fitted so far suggests. If it finds
nothing, it goes on until it has cost as much as the other way would, by the planner's estimate, and then all that fit
are sorted. So a page takes at most about twice as long as by the quicker way.

How long a stretch is: if a share p of N rows fits, spread evenly, a page of n rows is complete after n/p steps of a
walk, and the other way sorts p*N rows. The smaller of the two is never more than sqrt(n*N). That is the stretch where
the index of the sort covers what the filter asks. Where each step looks up a row elsewhere, it is a third of that:
finding all that fit mostly reads an index alone, which takes a seventh of the time a row.
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

# How many times shorter a stretch is where each step looks up a row: the root of how much slower such a step is.
LOOKUP_FACTOR = 3
# The part of a stretch that is walked first: mostly it fills the page.
FIRST_PART = 4
# How many stretches a walk takes at most that found some of the page in the first.
MOST_STRETCHES = 6
# What a step costs in the planner's units: in an index that covers the filter, and where a row is looked up.
STEP_COST, LOOKUP_STEP_COST = 0.05, 2.5
# How many steps one query takes at most, which is some milliseconds.
STEPS_A_QUERY, LOOKUP_STEPS_A_QUERY = 12_000, 1_500

Row = TypeVar("Row", bound=Model)


def stretch_of(size: int, *, rows: int, looks_up: bool = True) -> int:
    """How many steps to walk for a page of `size` among so many rows, before all that fit are sorted."""
    return max(isqrt(size * rows) // (LOOKUP_FACTOR if looks_up else 1), size + 1)


@dataclass(frozen=True)
class Walk:
    """A walk along the index of a sort, past rows that fit and rows that don't.

    `fitting`: the rows that fit. `candidates`: rows of any model with the sort's columns, which an index has in the
    sort's order; everybody who fits is among them. `lookups`: how many candidates to look up in the first query, where
    the index doesn't cover the filter; 0 where it does. `rows`: about how many rows there are in all. `branches`: where
    an index has the candidates in order only under each of these conditions, one of which holds for everybody who fits:
    the branches are merged.
    """

    fitting: QuerySet[Any]
    candidates: QuerySet[Any]
    sort: Sort
    branches: Sequence[Q] = (Q(),)
    lookups: int = 0
    rows: int = 0

    @property
    def most_steps(self) -> int:
        """How many steps one query takes at most."""
        return LOOKUP_STEPS_A_QUERY if self.lookups else STEPS_A_QUERY

    def steps_worth(self, rows: QuerySet[Any]) -> int:
        """How many steps cost as much as reading these rows, by the planner's estimate. One query, which reads none."""
        return int(planned(rows).cost / (LOOKUP_STEP_COST if self.lookups else STEP_COST))

    def stretch(self, start: Cursor | None, length: int, count: int) -> tuple[list[Key], Key | None]:
        """The keys of the first `count` rows that fit, within so many steps from the cursor; and the key at which the
        stretch ends, None if it reached the end of the index.
        """
        if self.lookups:
            keys = first_of(self._in_order(self.candidates, start), length)
            fitting = self.fitting.filter(id_in([key[-1] for key in keys], F("customer_id")))
            fits = set(fitting.values_list("pk", flat=True))
            found = [key for key in keys if key[-1] in fits]
            return found[:count], keys[-1] if len(keys) == length else None
        end = self._end(start, length)
        return first_of(self._in_order(self.fitting, start, end), count), end

    def _end(self, start: Cursor | None, length: int) -> Key | None:
        """The key of a candidate so many steps on, or somewhat further; None if there are fewer.

        The steps are counted anew in each part, so that no query has to count those of the part before.
        """
        for part in self._in_order(self.candidates, start):
            for end in part[length - 1 : length]:
                return tuple(end)
        return None

    def _in_order(
        self, rows: QuerySet[Any], start: Cursor | None, end: Key | None = None
    ) -> list[QuerySet[Any, Key]]:
        """The sort keys of the rows from the cursor up to the end, as `parts` that follow each other."""
        keys = rows.values_list(*self.sort.names)
        branches = [parts(keys.filter(branch), self.sort, start, end) for branch in self.branches]
        return [_merged(*part) for part in zip(*branches, strict=True)]


def page_by_walking(walk: Walk, shown: QuerySet[Row], cursor: str, *, size: int, stretch: int) -> Page[Row]:
    """The page at the cursor of the rows that fit, taken from `shown`; by sorting them where a walk doesn't pay.

    Mostly three to six queries; more where the page fills slowly, or where the cursor leads nowhere.
    """
    first = walk.lookups or max(stretch // FIRST_PART, size + 1)
    furthest = (2 if walk.lookups else MOST_STRETCHES) * stretch

    def find(start: Cursor | None, count: int) -> list[Row]:
        found: list[Key] = []
        all_that_fit = _sorted(walk.fitting, walk.sort, start)[:count]
        reached, walked, length, patience = start, 0, first, -1
        while length:
            more, end = walk.stretch(reached, length, count - len(found))
            found += more
            if end is None or len(found) == count:
                return _rows(shown, found)
            reached = Cursor(end, backwards=start is not None and start.backwards)
            walked += length
            # If the rest is like what was walked, the page is complete after `rest` steps, and so many fit in all.
            rest = walked * (count - len(found)) // max(len(found), 1)
            fit_in_all = walk.rows * len(found) // walked
            if found and (walked + rest <= furthest or rest <= fit_in_all):
                length = min(max(rest + rest // 2, first), walk.most_steps)
                continue
            if patience < 0:
                patience = walk.steps_worth(all_that_fit)
            length = min(2 * length, walk.most_steps) if walked < patience else 0
        return _rows(shown, list(all_that_fit))

    return page_found(find, walk.sort, cursor, size=size)


def page_by_keys(
    candidates: QuerySet[Any], shown: QuerySet[Row], sort: Sort, cursor: str, *, size: int
) -> Page[Row]:
    """The page at the cursor where all candidates fit: their keys are read, and then the page's rows. Two to four
    queries.
    """
    keys = candidates.values_list(*sort.names)

    def find(start: Cursor | None, count: int) -> list[Row]:
        return _rows(shown, first_of(parts(keys, sort, start), count))

    return page_found(find, sort, cursor, size=size)


def page_by_sorting(
    fitting: QuerySet[Row], shown: QuerySet[Row], sort: Sort, cursor: str, *, size: int
) -> Page[Row]:
    """The page at the cursor of rows that are few enough to be sorted at once. Two queries; four if the cursor leads
    nowhere.
    """

    def find(start: Cursor | None, count: int) -> list[Row]:
        return _rows(shown, list(_sorted(fitting, sort, start)[:count]))

    return page_found(find, sort, cursor, size=size)


def _merged(first: QuerySet[Any, Key], *others: QuerySet[Any, Key]) -> QuerySet[Any, Key]:
    """All of them, in the order that each of them has."""
    return first.union(*others, all=True).order_by(*first.query.order_by) if others else first


def _rows(shown: QuerySet[Row], keys: Sequence[Key]) -> list[Row]:
    found = shown.in_bulk([key[-1] for key in keys])
    return [found[key[-1]] for key in keys if key[-1] in found]


def _sorted(rows: QuerySet[Any], sort: Sort, start: Cursor | None) -> QuerySet[Any, Key]:
    """The sort keys from the cursor on, by expressions that no index has: so that all rows are found, and sorted."""
    hidden = {f"sorted_{name}": Coalesce(F(name), F(name)) for name in sort.names}
    columns = tuple((name, kind) for name, (_, kind) in zip(hidden, sort.columns, strict=True))
    ahead = onward(rows.annotate(**hidden), Sort(columns, sort.descending), start)
    return ahead.values_list(*hidden)


def id_in(ids: Sequence[int] | str, column: Combinable) -> ExpressionWrapper[Any]:
    """The condition that the column is one of these ids, passed as the text of one array, whatever their number.

    Ids that the database gave as such a text can go back as they came.
    """
    array = ids if isinstance(ids, str) else "{" + ",".join(map(str, ids)) + "}"
    among = Func(column, Value(array), template="(%(expressions)s::bigint[]))", arg_joiner=" = any(")
    return ExpressionWrapper(among, output_field=BooleanField())


class Planned(NamedTuple):
    """What the planner expects of a query: to choose a way by, never to show. `cost` is in the planner's own units."""

    rows: int
    cost: float


def planned(rows: QuerySet[Any]) -> Planned:
    """How many rows the planner expects, and at what cost. One query, which reads none of them."""
    (plan,) = json.loads(rows.explain(format="json"))
    return Planned(int(plan["Plan"]["Plan Rows"]), float(plan["Plan"]["Total Cost"]))
