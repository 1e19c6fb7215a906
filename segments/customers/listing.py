"""One customer list: how much of its filter the index of its sort answers, and the querysets to find its pages with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypeVar

from django.db.models import F, Model, Q, QuerySet
from django.db.models.functions import Coalesce

from accounts.models import Store
from segments.customers import rows as tables
from segments.customers.filtering import (
    SCORED,
    CustomerFilter,
    bounds_from_scores,
    column_conditions,
    person_conditions,
    score_conditions,
)
from segments.customers.reading import id_in, stretch_of
from segments.customers.sorts import COLUMNS, ListSort
from segments.models import CustomerStats, Refresh

PAGE_SIZE = 50
LEAST_CUSTOMERS = 10_000  # a shop is taken to have so many at least, also before its first refresh
_BY_SCORES = ("segment", "unsegmented", "r", "f", "m", "scores")  # fields of a filter that scores answer
# Fields that CustomerValue answers alone, and fields that statistics don't answer.
_OF_VALUES = (
    "segment", "unsegmented", "r", "f", "m", "scores", "last_from", "last_to", "value_from", "value_to", "alive",
)  # fmt: skip
_NOT_OF_STATISTICS = ("registered", "consent", "search", "value_from", "value_to", "alive")

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class CustomerList:
    """The customers of a store that fit a filter, in the order of a sort. `refresh`: the one that scores stand by.

    `found_ids`: the customers that a search found, as the text of an array; then the filter has no search any more.
    """

    store: Store
    wanted: CustomerFilter
    refresh: Refresh | None
    sort: ListSort
    page_size: int = PAGE_SIZE
    found_ids: str = ""

    @property
    def size_estimate(self) -> int:
        """About how many customers the store has."""
        return max(self.refresh.customers if self.refresh else 0, LEAST_CUSTOMERS)

    @property
    def stretch(self) -> int:
        """How far to walk along the index of the sort before all that fit are sorted (segments.customers.reading)."""
        return stretch_of(self.page_size, rows=self.size_estimate, looks_up=not self.is_covered)

    @property
    def skips_to_scores(self) -> bool:
        """Whether PostgreSQL can skip, in the index of the sort, to the scores that those who fit can have.

        The index by scores and money serves the sort by money, if only one triple of scores is possible.
        """
        has_one = self.sort.column == COLUMNS["spent"] and len(self.wanted.scores) == 1
        return has_one or (self.sort.column.skips_to_scores and bool(self.wanted.scores))

    @property
    def answered(self) -> tuple[str, ...]:
        """The fields of the filter that the index of the sort answers by where it begins and ends."""
        by_value = ("value_from", "value_to") if self.is_by_day_and_value else ()
        by_scores = _BY_SCORES if self.skips_to_scores else ()
        by_segment = ("segment",) if self.sort.column == COLUMNS["spent"] else ()
        return (*self.sort.column.answers, *by_scores, *by_segment, *by_value)

    @property
    def is_answered(self) -> bool:
        """Whether one stretch of the index of the sort holds those who fit, and nobody else."""
        return self.wanted == self.wanted.only(*self.answered) and len(self.branches) == 1

    @property
    def is_covered(self) -> bool:
        """Whether the index of the sort has all columns that the filter asks for, so that a walk reads nothing else."""
        if self.found_ids:
            return False
        if self.sort.column.of == "value":
            return self.is_of_values
        return (
            self.sort.column.of == "statistics" and self.wanted.only(*_NOT_OF_STATISTICS) == CustomerFilter()
        )

    @property
    def is_of_values(self) -> bool:
        """Whether CustomerValue alone answers the filter and the sort."""
        return (
            self.sort.column.of == "value"
            and not self.found_ids
            and self.wanted == self.wanted.only(*_OF_VALUES)
        )

    @property
    def is_by_day_and_value(self) -> bool:
        """Whether to read the index by day and value: within each day it skips those who aren't worth as much."""
        asks_for_value = self.wanted.only("value_from", "value_to") != CustomerFilter()
        return asks_for_value and self.sort.column == COLUMNS["last"] and self.wanted.segment is None

    @property
    def branches(self) -> list[Q]:
        """The conditions under each of which an index has the list in order (see Walk): of a list by money, of which
        scores are known, one for each segment that those who fit can be in.
        """
        if self.sort.column != COLUMNS["spent"] or self.skips_to_scores or not self.wanted.scores:
            return [Q()]
        if replace(self.wanted, scores=frozenset()) == self.wanted.only("segment", "spent_from", "spent_to"):
            return [Q()]
        return [Q(segment=one or None) for one in self._possible_segments()]

    def fitting(self) -> QuerySet[CustomerStats]:
        """Those who fit, unsorted. A sort by a column that isn't known of everybody lists only those of whom it is."""
        if self.sort.column.of == "value" or self.is_by_day_and_value:
            rows = tables.valued_statistics(self.store)
        elif self.sort.column.of == "person":
            rows = tables.with_people(tables.statistics(self.store)).filter(Q(customer__store=self.store))
        else:
            rows = tables.statistics(self.store)
        if self.found_ids:
            rows = rows.filter(id_in(self.found_ids, F("customer_id")))
        return self._filtered(rows).filter(person_conditions(self.store, self.wanted))

    def candidates(self) -> QuerySet[Any]:
        """The rows of the sort's own table, narrowed by what its index answers: everybody who fits is among them."""
        rows = replace(self, wanted=self.wanted.only(*self.answered, "scores")).covered()
        if not self.found_ids:
            return rows
        # By an expression that no index has: else PostgreSQL would look for thousands of ids between any two rows.
        return rows.filter(id_in(self.found_ids, Coalesce("customer_id", "customer_id")))

    def covered(self) -> QuerySet[Any]:
        """Those who fit, as rows of the sort's own table, where that answers all of the filter."""
        of = "value" if self.is_by_day_and_value else self.sort.column.of
        if of == "person":
            return self._with_sort_column(tables.people(self.store))
        return self._filtered(tables.values(self.store) if of == "value" else tables.statistics(self.store))

    def _filtered(self, rows: QuerySet[Row]) -> QuerySet[Row]:
        """Narrowed by the columns that statistics and values have; by scores, where the index skips to them."""
        wanted = self.wanted
        if self.skips_to_scores:  # scores say who has no order; said once more, it misleads the planner
            wanted = replace(wanted, unsegmented=False)
        else:
            wanted = replace(wanted, scores=frozenset())
            rows = self._of_segments(rows)
        for column in SCORED.keys() & set(self.sort.order.names):
            rows = rows.filter(bounds_from_scores(self.wanted, self.refresh, column))
        return self._with_sort_column(rows).filter(
            column_conditions(self.store, wanted), score_conditions(wanted)
        )

    def _of_segments(self, rows: QuerySet[Row]) -> QuerySet[Row]:
        """Narrowed to the segment that is asked for; of a list by segments, to those that are possible."""
        if rows.model is not CustomerStats:
            return rows
        if self.wanted.segment or self.wanted.unsegmented:
            return rows.filter(segment=self.wanted.segment)
        if self.sort.column == COLUMNS["segment"] and self.wanted.scores:
            return rows.filter(segment__in=self._possible_segments())
        return rows

    def _possible_segments(self) -> list[int]:
        """The ids of the segments of all possible scores; 0 for none."""
        if self.refresh is None:
            return []
        segments = self.refresh.scheme_version.segments_by_scores()
        return sorted({segments[scores] for scores in self.wanted.scores})

    def _with_sort_column(self, rows: QuerySet[Row]) -> QuerySet[Row]:
        """Narrowed to those of whom the sort's column is known."""
        column = self.sort.column
        return rows.filter(**{f"{column.name}__isnull": False}) if column.known else rows
