"""How a file writes dates and numbers, found from all its cells: a day above 12 settles the order, wherever it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from orders.mapping import DATE_ORDERS, DECIMAL_MARKS
from orders.reading import Row
from orders.values import possible_date_orders, possible_decimal_marks

SAMPLE_ROWS = 1_000  # a column without a local date in as many rows has none


@dataclass(frozen=True)
class Conventions:
    """What the file's cells allow: one possibility is the answer, several are a question, none is a contradiction.

    `dates` is None where no date needs an order (all of them ISO), `marks` where no number has a mark.
    `date_example` and `number_example` are cells that can be read in two ways.
    """

    dates: frozenset[str] | None
    marks: frozenset[str] | None
    date_example: str = ""
    number_example: str = ""


class _Evidence:
    """What the cells seen so far allow, of all possibilities."""

    def __init__(self, possibilities: Sequence[str]) -> None:
        self.all = frozenset(possibilities)
        self.allowed = self.all
        self.example = ""

    @property
    def is_settled(self) -> bool:
        return len(self.allowed) <= 1

    def add(self, text: str, possible: frozenset[str]) -> None:
        self.allowed &= possible
        if len(possible) > 1 and not self.example:
            self.example = text


def conventions_of(
    rows: Iterable[Row], date_columns: Sequence[int], number_columns: Sequence[int], decimals: int = 2
) -> Conventions:
    """Reads as many rows as it needs: all of them only where nothing settles the question earlier.

    `decimals`: how many the store's currency has; one of three writes 10.500, and no thousands by that.
    """
    dates, marks = _Evidence(DATE_ORDERS), _Evidence(DECIMAL_MARKS)
    seen_dates = seen_marks = False
    for number, row in enumerate(rows):
        if (
            number >= SAMPLE_ROWS
            and (dates.is_settled or not seen_dates)
            and (marks.is_settled or not number_columns)
        ):
            break
        if number < SAMPLE_ROWS or (seen_dates and not dates.is_settled):
            seen_dates |= _look_at_dates(row, date_columns, dates)
        if not marks.is_settled:
            seen_marks |= _look_at_numbers(row, number_columns, marks, decimals)
    return Conventions(
        dates.allowed if seen_dates else None,
        marks.allowed if seen_marks else None,
        dates.example,
        marks.example,
    )


def _look_at_dates(row: Row, columns: Sequence[int], evidence: _Evidence) -> bool:
    found = False
    for column in columns:
        text = row[column] if column < len(row) else ""
        possible = possible_date_orders(text) if text else evidence.all
        if possible and possible != evidence.all:
            evidence.add(text, possible)
            found = True
    return found


def _look_at_numbers(row: Row, columns: Sequence[int], evidence: _Evidence, decimals: int) -> bool:
    found = False
    for column in columns:
        text = row[column] if column < len(row) else ""
        if "." in text or "," in text:
            evidence.add(text, possible_decimal_marks(text, decimals))
            found = True
    return found
