"""The base of every format: which rows belong together, and what they mean."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar, Generic, TypeVar

from lib.money import to_minor
from orders.documents import Article, Buyer, OrderDocument, RefundEntry
from orders.grouping import Group
from orders.mapping import Mapping
from orders.reading import Row
from orders.values import (
    NotUnderstoodError,
    Remembering,
    clean_text,
    day_reader,
    moment_reader,
    number_reader,
)

Document = TypeVar("Document", OrderDocument, Buyer)
Rows = Sequence[Row]
NUL = "the row holds a character (NUL) that isn't text"


class RejectedError(Exception):
    """The rows can't become a document. `row` is the index of the one to blame, None where it is all of them."""

    def __init__(self, reason: str, row: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.row = row


@dataclass(frozen=True)
class Terms:
    """The store's terms: its currency, and the zone of times that come without an offset."""

    currency: str
    timezone: str


class Cells:
    """Readers of cells by the file's conventions; each remembers the texts it has read.

    Those named `required` reject a blank, which the others read as 0 or None.
    """

    def __init__(self, mapping: Mapping, terms: Terms) -> None:
        zone = mapping.timezone or terms.timezone
        mark = mapping.decimal_mark or "."
        numbers = number_reader(mark, currency=terms.currency)
        required = number_reader(mark, is_required=True, currency=terms.currency)
        moments = moment_reader(zone, mapping.date_order)
        days = day_reader(zone, mapping.date_order)
        self.currency = terms.currency
        self.number: Remembering[Decimal] = Remembering(numbers)
        self.money: Remembering[int] = Remembering(lambda text: to_minor(numbers(text), terms.currency))
        self.required_number: Remembering[Decimal] = Remembering(required)
        self.required_money: Remembering[int] = Remembering(
            lambda text: to_minor(required(text), terms.currency)
        )
        self.moment: Remembering[datetime | None] = Remembering(
            lambda text: moments(text) if text.strip() else None
        )
        self.day: Remembering[date | None] = Remembering(lambda text: days(text) if text.strip() else None)

    def require_currency(self, text: str) -> None:
        """Refuses another currency than the store's; a blank is taken for the store's."""
        code = text.strip().upper()
        if code and code != self.currency:
            raise RejectedError(f"the order is in {code} and the store keeps its books in {self.currency}")


class Format(ABC, Generic[Document]):
    """One kind of file, opened for one store and mapping.

    `key` tells which order a row belongs to; `external_id` what the store calls it; `document` what the rows
    say. Instances keep what they have parsed, so one serves one import.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    kind: ClassVar[str] = "orders"
    date_columns: ClassVar[tuple[str, ...]] = ()
    number_columns: ClassVar[tuple[str, ...]] = ()

    def __init__(self, header: tuple[str, ...], mapping: Mapping, terms: Terms) -> None:
        self.header = header
        self.mapping = mapping
        self.terms = terms
        self.cells = Cells(mapping, terms)
        self.positions = {name: index for index, name in reversed(list(enumerate(header)))}

    @classmethod
    def recognises(cls, header: tuple[str, ...], first: Row) -> bool:
        """Whether a file with this header (and first row under it) is of this format."""
        return False

    def date_positions(self) -> list[int]:
        """Positions of the columns that hold dates, for finding out how the file writes them."""
        return [self.positions[name] for name in self.date_columns if name in self.positions]

    def number_positions(self) -> list[int]:
        """Positions of the columns that hold numbers."""
        return [self.positions[name] for name in self.number_columns if name in self.positions]

    @property
    @abstractmethod
    def key(self) -> int | Callable[[Row], str]:
        """What an order's rows have in common: the cell at a position, or what a function makes of a row."""

    def external_id(self, group: Group) -> str:
        """The id under which the store keeps the document."""
        return group.key

    def documents(self, groups: Sequence[Group]) -> Iterator[Document | RejectedError]:
        """What the rows of each order say, in turn; or why they can't become a document."""
        for group in groups:
            try:
                yield self.document(group.key, _whole_rows(group, len(self.header)), group.digest)
            except RejectedError as rejection:
                yield rejection

    @abstractmethod
    def document(self, key: str, rows: Rows, digest: bytes) -> Document:
        """What the rows of one order say. Raises RejectedError."""


def _whole_rows(group: Group, width: int) -> Rows:
    """The group's rows without blank ones and blank cells beyond the header; any other of a wrong width is refused."""
    if set(map(len, group.rows)) != {width}:
        rows = [row[:width] if not any(row[width:]) else row for row in group.rows]
        for index, row in enumerate(rows):
            if any(row) and len(row) != width:
                raise RejectedError(f"the row has {len(row)} cells where the header has {width}", index)
        group.set_rows(rows)
    if any("\0" in text for text in group.texts):
        raise RejectedError(NUL)
    return group.rows


class NamedColumns(Format[Document]):
    """A format whose columns are found by their names."""

    def text(self, row: Row, name: str, longest: int = 200) -> str:
        """The cell's text, empty where the file has no such column."""
        position = self.positions.get(name)
        return clean_text(row[position], longest) if position is not None and position < len(row) else ""

    def raw(self, row: Row, name: str) -> str:
        position = self.positions.get(name)
        return row[position] if position is not None else ""

    def read(self, reader: Remembering[Value], row: Row, name: str, index: int | None = None) -> Value:
        """The cell read by one of `cells`' readers. Raises RejectedError naming the column."""
        try:
            return reader[self.raw(row, name)]
        except NotUnderstoodError as error:
            raise RejectedError(f"{error} (column {name})", index) from None


Value = TypeVar("Value")


def refund_in_total(stated: int, total: int, *, is_refunded: bool) -> tuple[RefundEntry, ...]:
    """The refund of an order for which a file states one sum, in minor units: the whole total where that is 0 and the
    order's status says refunded.
    """
    amount = abs(stated) or (max(total, 0) if is_refunded else 0)
    return (RefundEntry("total", amount),) if amount else ()


def article(sku: str, title: str, category: str = "") -> Article:
    """The article of a line: by its SKU, or where it has none by its title."""
    title = clean_text(title, 300)
    return Article(clean_text(sku, 200) or title[:200], title, clean_text(category, 120))
