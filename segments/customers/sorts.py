"""The columns that the customer list can be sorted by, and what the index of each answers of a filter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from django.http import QueryDict

from lib.keyset import Sort

Owner = Literal["statistics", "value", "person"]

# Among equals the best come first. PostgreSQL can skip to the scores that a filter leaves possible.
_SCORES = ("listed_scores", int)


@dataclass(frozen=True)
class Column:
    """A column that the list can be sorted by.

    `key`: the column and those that decide among equals, as lib.keyset.Sort takes them. `of`: the table that has the
    column and its index. `known`: what the column tells, in words, if it isn't known of everybody; a sort by it lists
    only those of whom it is. `answers`: the fields of a CustomerFilter that the index answers, besides those that follow
    from scores.
    """

    key: tuple[tuple[str, type], ...]
    of: Owner = "statistics"
    known: str = ""
    answers: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Its name in rows of the list."""
        return self.key[0][0]

    @property
    def skips_to_scores(self) -> bool:
        """Whether its index has the scores after the column, or begins with them."""
        return _SCORES in self.key


@dataclass(frozen=True)
class ListSort:
    """A column, and its direction."""

    column: Column
    descending: bool

    @property
    def order(self) -> Sort:
        """The order of its pages."""
        return Sort(self.column.key, self.descending)


_CUSTOMER = ("customer_id", int)
_VALUED = ("valued_id", int)
_SPENT = ("monetary", int)
COLUMNS = {
    "name": Column((("listed_name", str), _CUSTOMER), of="person"),
    "email": Column((("listed_email", str), _CUSTOMER), of="person", known="e-mail address"),
    "segment": Column(
        (("segment_id", int), _SPENT, _CUSTOMER),
        known="segment",
        answers=("segment", "m", "spent_from", "spent_to"),
    ),
    "spent": Column((_SPENT, _CUSTOMER), answers=("m", "spent_from", "spent_to")),
    "last": Column((("last_day", date), _SCORES, _CUSTOMER), answers=("last_from", "last_to")),
    "orders": Column((("frequency", int), _SCORES, _CUSTOMER)),
    "value": Column(
        (("expected_value", int), _SCORES, _VALUED),
        of="value",
        known="expected value",
        answers=("value_from", "value_to"),
    ),
    "alive": Column((("p_alive", float), _SCORES, _VALUED), of="value", known="P(alive)", answers=("alive",)),
    "due": Column((("due_on", date), _SCORES, _CUSTOMER), known="cadence", answers=("overdue",)),
    "contact": Column(
        (("last_contact", date), _SCORES, _CUSTOMER),
        answers=("contact_from", "contact_to", "quiet_days", "never_told"),
    ),
    "scores": Column((_SCORES, _SPENT, _CUSTOMER), answers=("spent_from", "spent_to")),
}
SORTS = {
    f"{sign}{name}": ListSort(column, descending=bool(sign))
    for name, column in COLUMNS.items()
    for sign in ("-", "")
}
DEFAULT_SORT = "-spent"


def sort_named(query: QueryDict) -> str:
    """The sort of a list's address: one of SORTS."""
    sort = query.get("sort", "")
    return sort if sort in SORTS else DEFAULT_SORT
