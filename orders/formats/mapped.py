"""Any table by a mapping: a row is an order, or a line of one. The plain CSV format is this with its own names.

An order's total is the exact sum of its lines (quantity x unit price, or the line totals), rounded once, half to
even, to the minor unit; or the total that the file states, where the mapping names such a column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from itertools import repeat
from operator import mul
from typing import Any

from orders.documents import NOBODY, Article, Buyer, EventEntry, OrderDocument, RefundEntry
from orders.fields import FIELDS, MOMENT_FIELDS, NUMBER_FIELDS
from orders.formats.base import Format, RejectedError, Rows, Terms, article
from orders.mapping import COUNTER, Mapping
from orders.reading import Row
from orders.values import (
    REMEMBERED,
    STATUSES,
    NotUnderstoodError,
    Remembering,
    clean_email,
    clean_phone,
    clean_text,
    in_minor_units,
    yes_or_no,
)

Lines = tuple[tuple[Article, Decimal, Decimal], ...]
ARTICLE_FIELDS = ("product_id", "product_title", "product_category")
NOTHING = Decimal(0)
ONE = Decimal(1)
_TEXTS = {
    "number": 60,
    "customer_id": 120,
    "customer_name": 200,
    "channel": 60,
    "payment_method": 120,
    "carrier": 80,
    "country": 60,
    "discount_code": 120,
    "credits_order": 120,
}


class MappedOrders(Format[OrderDocument]):
    """Rows by a mapping."""

    name = "mapped"
    label = "Table, by mapping"

    def __init__(self, header: tuple[str, ...], mapping: Mapping, terms: Terms) -> None:
        super().__init__(header, mapping, terms)
        self.width = len(header)
        self._places = {
            field: tuple(self.positions[name] for name in names if name != COUNTER)
            for field, names in mapping.columns.items()
        }
        self._readers = self._order_readers()
        self._article_fields = [field for field in ARTICLE_FIELDS if field in self._places]
        self._articles = _Articles(self._article_fields)
        self._has_lines = bool(
            {"product_id", "product_title", "unit_price", "line_total"} & set(self._places)
        )
        self._prefix = mapping.credit_note_prefix

    def date_positions(self) -> list[int]:
        return self._positions_of(MOMENT_FIELDS)

    def number_positions(self) -> list[int]:
        return self._positions_of(NUMBER_FIELDS)

    def _positions_of(self, fields: frozenset[str]) -> list[int]:
        return [place for field, places in self._places.items() if field in fields for place in places]

    def _order_readers(self) -> dict[str, Remembering[Any]]:
        """How each mapped field of an order (not of a line) is read."""
        cells = self.cells
        money = dict.fromkeys(["total", "refunded", "subtotal", "discount", "shipping", "tax"], cells.money)
        moments = dict.fromkeys(["placed_at", "shipped_at", "delivered_at", "cancelled_at"], cells.moment)
        texts = {
            name: Remembering(lambda text, longest=longest: clean_text(text, longest))  # type: ignore[misc]
            for name, longest in _TEXTS.items()
        }
        readers: dict[str, Remembering[Any]] = {
            **money,
            **moments,
            **texts,
            "promised_on": cells.day,
            "email": Remembering(clean_email),
            "phone": Remembering(clean_phone),
            "accepts_email": Remembering(yes_or_no),
            "status": Remembering(self._status),
            "currency": Remembering(str.strip),
        }
        return {field: readers[field] for field in self._places if field in readers}

    def _status(self, text: str) -> str:
        word = text.strip().lower()
        known = {**STATUSES, **{key.lower(): value for key, value in self.mapping.statuses.items()}}
        if word not in known:
            raise NotUnderstoodError(
                f"“{text}” isn't a status we know; name it under [statuses] in the mapping"
            )
        return word if word == "refunded" and word not in self.mapping.statuses else known[word]

    @property
    def key(self) -> int | Callable[[Row], str]:
        names = self.mapping.columns["order_id"]
        places = self._places["order_id"]
        if len(names) == 1:
            return places[0]
        counts: dict[str, int] = {}

        def composed(row: Row) -> str:
            key = "-".join(row[place].strip() for place in places)
            if COUNTER not in names:
                return key
            counts[key] = counts.get(key, 0) + 1
            return f"{key}-{counts[key]}"

        return composed

    def document(self, key: str, rows: Rows, digest: bytes) -> OrderDocument:
        if self.mapping.grain == "order" and len(rows) > 1:
            if any(row != rows[0] for row in rows):
                raise RejectedError(f"order {key} stands in the file more than once, with different values")
            rows = rows[:1]
        columns = tuple(zip(*rows, strict=True))
        found = {field: self._value(field, columns, reader) for field, reader in self._readers.items()}
        self.cells.require_currency(found.get("currency", ""))
        lines, exact = self._lines(columns, len(rows)) if self._has_lines else ((), NOTHING)
        total = found["total"] if "total" in found else in_minor_units(exact, self.terms.currency)
        if self._prefix and key.startswith(self._prefix) and total > 0:
            total = -total
        if found.get("credits_order"):
            total = -abs(total)
        return self._made(key, found, lines, total, digest)

    def _made(
        self, external_id: str, found: dict[str, Any], lines: Lines, total: int, digest: bytes
    ) -> OrderDocument:
        get = found.get
        cancelled_at, status = get("cancelled_at"), get("status", "paid")
        placed_at = found["placed_at"]
        if placed_at is None:
            raise RejectedError("the order has no date")
        return OrderDocument(
            external_id,
            placed_at,
            total,
            _buyer(found),
            get("number", "") or external_id[:60],
            "cancelled" if cancelled_at else "paid" if status == "refunded" else status,
            get("channel", ""),
            get("payment_method", ""),
            get("promised_on"),
            get("shipped_at"),
            get("delivered_at"),
            get("carrier", ""),
            get("country", ""),
            get("discount_code", ""),
            get("subtotal", total),
            get("discount", 0),
            get("shipping", 0),
            get("tax", 0),
            get("credits_order", ""),
            lines,
            _refunds(found, total),
            _events(found),
            digest,
        )

    def _value(self, field: str, columns: Sequence[tuple[str, ...]], reader: Remembering[Any]) -> Any:
        """The field's one value for the order: the same in each row that has it; of moments the earliest."""
        texts = self._texts(field, columns)
        text = texts[0]
        if texts.count(text) != len(texts):
            others = set(texts) - {""}
            if len(others) > 1:
                return self._several(field, texts, reader)
            text = others.pop()
        try:
            return reader[text]
        except NotUnderstoodError as error:
            raise RejectedError(self._blamed(error, field), texts.index(text)) from None

    def _several(self, field: str, texts: Sequence[str], reader: Remembering[Any]) -> Any:
        values = self._read(field, texts, reader)
        if field == "placed_at":
            return min(value for value in values if value is not None)
        if field == "customer_id" and len({value for value in values if value}) > 1:
            raise RejectedError("the order's rows name different customers")
        return next((value for value in values if value), values[0])

    def _texts(self, field: str, columns: Sequence[tuple[str, ...]]) -> Sequence[str]:
        places = self._places[field]
        if len(places) == 1:
            return columns[places[0]]
        return [" ".join(parts).strip() for parts in zip(*(columns[place] for place in places), strict=True)]

    def _read(self, field: str, texts: Sequence[str], reader: Remembering[Any]) -> list[Any]:
        """Every text read; the row of the first that can't be is blamed."""
        try:
            return list(map(reader.__getitem__, texts))
        except NotUnderstoodError:
            for index, text in enumerate(texts):
                try:
                    reader[text]
                except NotUnderstoodError as error:
                    raise RejectedError(self._blamed(error, field), index) from None
            raise

    def _blamed(self, error: NotUnderstoodError, field: str) -> str:
        return f"{error} (column {' + '.join(self.mapping.columns[field])}, {FIELDS[field].label.lower()})"

    def _lines(self, columns: Sequence[tuple[str, ...]], count: int) -> tuple[Lines, Decimal]:
        """The lines and their exact sum in major units."""
        articles = self._articles_of(columns, count)
        quantities: Iterable[Decimal] = self._numbers("quantity", columns) or [ONE] * count
        if (totals := self._numbers("line_total", columns)) is not None:
            prices = self._numbers("unit_price", columns) or list(map(_price, totals, quantities))
            return tuple(zip(articles, quantities, prices, strict=True)), sum(totals, NOTHING)
        prices = self._numbers("unit_price", columns) or [NOTHING] * count
        lines = tuple(zip(articles, quantities, prices, strict=True))
        return lines, sum(map(mul, quantities, prices), NOTHING)

    def _articles_of(self, columns: Sequence[tuple[str, ...]], count: int) -> Iterable[Article]:
        if not self._article_fields:
            return repeat(Article(""), count)
        parts = [self._texts(field, columns) for field in self._article_fields]
        return map(self._articles.__getitem__, zip(*parts, strict=True))

    def _numbers(self, field: str, columns: Sequence[tuple[str, ...]]) -> list[Decimal] | None:
        if field not in self._places:
            return None
        return self._read(field, self._texts(field, columns), self.cells.number)


class _Articles(dict[tuple[str, ...], Article]):
    """Articles by what the cells of their columns say, made once each."""

    def __init__(self, fields: Sequence[str]) -> None:
        super().__init__()
        self._fields = fields

    def __missing__(self, texts: tuple[str, ...]) -> Article:
        if len(self) >= REMEMBERED:
            self.clear()
        said = dict(zip(self._fields, texts, strict=True))
        names = (said.get(field, "") for field in ARTICLE_FIELDS)
        made = self[texts] = article(*names)
        return made


def _price(total: Decimal, quantity: Decimal) -> Decimal:
    return round(total / quantity, 4) if quantity else total


def _buyer(found: dict[str, Any]) -> Buyer:
    get = found.get
    customer_id, email, phone = get("customer_id", ""), get("email", ""), get("phone", "")
    if not (customer_id or email or phone):
        return NOBODY
    return Buyer(
        customer_id,
        email,
        phone,
        get("customer_name", ""),
        get("country", ""),
        accepts_email=get("accepts_email"),
        is_guest=not customer_id if "customer_id" in found else None,
    )


def _refunds(found: dict[str, Any], total: int) -> tuple[RefundEntry, ...]:
    """One entry with the total refunded; an order whose status says refunded, with no sum, was so in full."""
    amount = abs(found.get("refunded", 0))
    if not amount and found.get("status") == "refunded" and "refunded" not in found:
        amount = max(total, 0)
    return (RefundEntry("total", amount),) if amount else ()


def _events(found: dict[str, Any]) -> tuple[EventEntry, ...]:
    moments = (("shipped", "shipped_at"), ("delivered", "delivered_at"), ("cancelled", "cancelled_at"))
    return tuple(EventEntry(kind, found[field]) for kind, field in moments if found.get(field))
