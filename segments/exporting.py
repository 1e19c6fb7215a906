"""Customers with their scores as a CSV file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple, TextIO

from django.db.models import QuerySet

from accounts.models import Store
from lib.money import to_decimal
from lib.periods import local_today
from lib.spreadsheets import neutral_text
from segments.models import CustomerStats
from segments.queries import latest_refresh

# fmt: off
COLUMNS = (
    "external_id", "email", "first_order_on", "last_order_on", "recency_days", "frequency", "monetary",
    "r", "f", "m", "segment",
)
# fmt: on
_CHUNK = 5_000


class _Row(NamedTuple):
    external_id: str | None
    email: str
    first_on: date | None
    last_on: date | None
    frequency: int
    monetary: int
    r: int
    f: int
    m: int
    segment: str | None


def write_customers(store: Store, file: TextIO) -> int:
    """Writes every customer that the store's refreshes know, by age of their row; returns how many."""
    everybody = CustomerStats.objects.filter(store=store).order_by("customer_id")
    lines = customer_lines(store, everybody)
    file.write(next(lines))
    count = 0
    for line in lines:
        file.write(line)
        count += 1
    return count


def customer_lines(store: Store, people: QuerySet[CustomerStats]) -> Iterator[str]:
    """The lines of a CSV file: COLUMNS, then one row a customer of `people`, in their order.

    Days in ISO form, recency to the latest refresh's day (0 for an order since), monetary in major units;
    what an unscored customer doesn't have is empty. Streams: memory doesn't grow with the store. Formulas
    are neutralised.
    """
    refresh = latest_refresh(store)
    as_of = refresh.as_of if refresh else local_today(store.timezone)
    writer = csv.writer(_Line(), lineterminator="\n")
    yield writer.writerow(COLUMNS)
    columns = ("customer__external_id", "customer__email", "first_on", "last_on", "frequency", "monetary")
    values = people.values_list(*columns, "r", "f", "m", "segment__name")
    for row in map(_Row._make, values.iterator(chunk_size=_CHUNK)):
        yield writer.writerow(_cells(row, as_of, store.currency))


class _Line:
    """Where a csv.writer writes for its line to be handed on."""

    def write(self, text: str) -> str:
        return text


def _cells(row: _Row, as_of: date, currency: str) -> list[object]:
    return [
        neutral_text(row.external_id or ""),
        neutral_text(row.email),
        row.first_on or "",
        row.last_on or "",
        max((as_of - row.last_on).days, 0) if row.last_on else "",
        row.frequency,
        to_decimal(row.monetary, currency),
        row.r or "",
        row.f or "",
        row.m or "",
        row.segment or "",
    ]
