"""Which column of an unknown table holds which field of an order: by its name, checked against its cells."""

from __future__ import annotations

import re
from collections.abc import Sequence

from orders.fields import FIELDS, MOMENT_FIELDS, NUMBER_FIELDS, Field
from orders.mapping import Columns, Mapping
from orders.reading import Row
from orders.values import (
    NotUnderstoodError,
    clean_email,
    moment_reader,
    number_reader,
    possible_decimal_marks,
)

CONFIDENT = 0.5  # below it a column is left for the person to choose


def plain_name(header: str) -> str:
    """A header as words: «InvoiceNo», «invoice_no» and «Invoice no.» are all «invoice no»."""
    spaced = re.sub(r"(?<=[a-zа-я])(?=[A-ZА-Я])", " ", header.strip().removeprefix("\ufeff"))
    return " ".join(re.sub(r"[_\-./:#()]+", " ", spaced).lower().split())


def proposed_columns(header: Sequence[str], sample: Sequence[Row]) -> dict[str, tuple[str, float]]:
    """Field -> (column, confidence 0..1); each column serves one field, the surest first."""
    columns = [(name, plain_name(name), _cells(sample, index)) for index, name in enumerate(header)]
    scores = sorted(
        (-_confidence(field, words, cells), order, field.key, name)
        for order, field in enumerate(FIELDS.values())
        for name, words, cells in columns
    )
    chosen: dict[str, tuple[str, float]] = {}
    taken: set[str] = set()
    for negative, _order, key, name in scores:
        if negative < 0 and key not in chosen and name not in taken:
            chosen[key] = (name, -negative)
            taken.add(name)
    if "order_id" not in chosen and "number" in chosen:  # a number alone is what tells orders apart
        chosen["order_id"] = chosen.pop("number")
    return chosen


def proposed_mapping(header: Sequence[str], sample: Sequence[Row]) -> Mapping:
    """The mapping of what is proposed confidently, with the grain that the sample shows."""
    found = proposed_columns(header, sample)
    columns: Columns = {key: (name,) for key, (name, sure) in found.items() if sure >= CONFIDENT}
    return with_grain(Mapping(columns=columns), header, sample)


def with_grain(mapping: Mapping, header: Sequence[str], sample: Sequence[Row]) -> Mapping:
    """The mapping with the grain of the sample: ids that repeat from row to row make a row a line.

    A «total» that differs between the rows of one order is the line's, and is mapped so.
    """
    names = mapping.columns.get("order_id")
    if names is None or len(names) != 1 or names[0] not in header:
        return mapping
    position = list(header).index(names[0])
    rows = [row for row in sample if len(row) == len(header)]
    orders: dict[str, list[Row]] = {}
    for row in rows:
        orders.setdefault(row[position], []).append(row)
    is_line = any(len(of_one) > 1 for of_one in orders.values()) or "total" not in mapping.columns
    columns = dict(mapping.columns)
    if is_line and "total" in columns and "line_total" not in columns:
        place = list(header).index(columns["total"][0])
        if any(len({row[place] for row in of_one if row[place]}) > 1 for of_one in orders.values()):
            columns["line_total"] = columns.pop("total")
    return Mapping(**{**vars(mapping), "grain": "line" if is_line else "order", "columns": columns})


def _cells(sample: Sequence[Row], index: int) -> list[str]:
    return [row[index] for row in sample if index < len(row) and row[index].strip()][:50]


def _confidence(field: Field, name: str, cells: Sequence[str]) -> float:
    """How sure the column's plain name makes us, and less so where the cells don't look like it."""
    if name in field.names:
        score = 1 - 0.02 * field.names.index(name)
    elif any(len(known) > 4 and f" {known} " in f" {name} " for known in field.names):
        score = 0.45
    else:
        return 0.0
    return score * _fit(field, cells)


def _fit(field: Field, cells: Sequence[str]) -> float:
    """The share of cells that could be the field's, for fields whose cells have a form."""
    if not cells:
        return 0.8
    if field.key == "email":
        return sum(1 for cell in cells if clean_email(cell)) / len(cells)
    if field.key in MOMENT_FIELDS:
        return sum(map(_is_moment, cells)) / len(cells)
    if field.key in NUMBER_FIELDS:
        return sum(map(_is_number, cells)) / len(cells)
    return 1.0


_moment = moment_reader("UTC", "dmy")
_american = moment_reader("UTC", "mdy")


def _is_moment(text: str) -> bool:
    for read in (_moment, _american):
        try:
            read(text)
        except NotUnderstoodError:
            continue
        return True
    return False


def _is_number(text: str) -> bool:
    for mark in possible_decimal_marks(text):
        try:
            number_reader(mark)(text)
        except NotUnderstoodError:
            continue
        return True
    return False
