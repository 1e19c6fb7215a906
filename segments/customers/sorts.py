"""What the customer list can be sorted by, and what the index of each sort answers of a filter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from django.http import QueryDict

from lib.keyset import Sort

Owner = Literal["statistics", "value", "person"]

# The segment stands where the index of the sort has it; of one segment it says nothing, and is left out.
_SEGMENT = ("listed_segment", int)


@dataclass(frozen=True)
class Column:
    """A column that the list can be sorted by.

    `key`: what it goes by, and by what among equals, as lib.keyset.Sort takes it. `of`: whose column it is, and so
    whose the index is. `known`: what it is that isn't known of everybody; a sort by it lists only those of whom it
    is. `answers`: the fields of a CustomerFilter that its index answers, besides the segment.
    """

    key: tuple[tuple[str, type], ...]
    of: Owner = "statistics"
    known: str = ""
    answers: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """As rows of the list have it."""
        return self.key[0][0]


@dataclass(frozen=True)
class ListSort:
    """A column, one way."""

    column: Column
    descending: bool

    @property
    def has_segment(self) -> bool:
        """Whether its index has the segment behind the column, as `listed_segment`."""
        return _SEGMENT in self.column.key

    def order(self, *, of_segment: bool = False, skips: bool = False) -> Sort:
        """The order of everybody's list, or of that of one segment. `skips`: to the segments that are known."""
        key = tuple(part for part in self.column.key if not of_segment or part != _SEGMENT)
        return Sort(key, self.descending, skips=skips and self.has_segment)


_CUSTOMER = ("customer_id", int)
_VALUED = ("valued_id", int)
_SPENT = ("monetary", int)
COLUMNS = {
    "name": Column((("listed_name", str), _CUSTOMER), of="person"),
    "email": Column((("listed_email", str), _CUSTOMER), of="person", known="e-mail address"),
    "segment": Column((("segment_id", int), _SPENT, _CUSTOMER), known="segment"),
    "spent": Column((_SPENT, _CUSTOMER), answers=("m", "spent_from", "spent_to")),
    "last": Column(
        (("last_day", date), _SEGMENT, _SPENT, _CUSTOMER),
        answers=("r", "last_from", "last_to", "m", "spent_from", "spent_to"),
    ),
    "orders": Column((("frequency", int), _SEGMENT, _CUSTOMER), answers=("f",)),
    "value": Column(
        (("expected_value", int), _SEGMENT, _VALUED),
        of="value",
        known="expected value",
        answers=("value_from", "value_to"),
    ),
    "alive": Column(
        (("p_alive", float), _SEGMENT, _VALUED), of="value", known="P(alive)", answers=("alive",)
    ),
    "due": Column((("due_on", date), _SEGMENT, _CUSTOMER), known="cadence", answers=("overdue",)),
    "contact": Column(
        (("last_contact", date), _SEGMENT, _CUSTOMER),
        answers=("contact_from", "contact_to", "quiet_days", "never_told"),
    ),
    "scores": Column((("scores", int), _SEGMENT, _SPENT, _CUSTOMER), answers=("r", "f", "m")),
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
