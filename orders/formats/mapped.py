"""Any table by a mapping: a row is an order, or a line of one. The plain CSV format is this with its own names.

An order's total is the exact sum of its lines (quantity x unit price, or the line totals), rounded once, half to
even, to the minor unit; or the total that the file states, where the mapping names such a column. A blank among the
numbers that make it isn't 0: it rejects the order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from decimal import Decimal
from itertools import chain, repeat
from operator import mul
from typing import Any

from lib.money import to_minor
from orders.documents import NO_LINES, NOBODY, Article, Buyer, Lines, OrderDocument
from orders.fields import FIELDS, MOMENT_FIELDS, NUMBER_FIELDS
from orders.formats.base import Format, RejectedError, Rows, Terms
from orders.formats.found import (
    ARTICLE_FIELDS,
    BUYER_FIELDS,
    Articles,
    Buyers,
    Found,
    events,
    order_numbers,
    refunds,
    statuses,
    unit_price,
)
from orders.formats.tables import Table, in_tables, table_of_order, table_of_orders
from orders.grouping import Group
from orders.mapping import COUNTER, Mapping
from orders.reading import Row
from orders.records import Columns
from orders.values import (
    NO_STATUS,
    STATUSES,
    NotUnderstoodError,
    Remembering,
    clean_email,
    clean_phone,
    clean_text,
    yes_or_no,
)

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

# The fields of a document that are taken as the file has them, in the document's order, and their defaults.
_REST: dict[str, Any] = {
    "channel": "",
    "payment_method": "",
    "promised_on": None,
    "shipped_at": None,
    "delivered_at": None,
    "carrier": "",
    "country": "",
    "discount_code": "",
    "subtotal": 0,
    "discount": 0,
    "shipping": 0,
    "tax": 0,
    "credits_order": "",
}


class MappedOrders(Format[OrderDocument]):
    """Rows by a mapping."""

    name = "mapped"
    label = "Table, by mapping"

    def __init__(self, header: tuple[str, ...], mapping: Mapping, terms: Terms) -> None:
        super().__init__(header, mapping, terms)
        self._places = {
            field: tuple(self.positions[name] for name in names if name != COUNTER)
            for field, names in mapping.columns.items()
        }
        self._readers = self._order_readers()
        self._article_fields = [field for field in ARTICLE_FIELDS if field in self._places]
        self._articles = Articles(self._article_fields)
        self._has_lines = bool(
            {"product_id", "product_title", "unit_price", "line_total"} & set(self._places)
        )
        self._summed = self._summed_fields()
        self._buyers = Buyers(names_customers="customer_id" in self._places)
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
        money = dict.fromkeys(["refunded", "subtotal", "discount", "shipping", "tax"], cells.money)
        moments = dict.fromkeys(["placed_at", "shipped_at", "delivered_at", "cancelled_at"], cells.moment)
        texts = {
            name: Remembering(lambda text, longest=longest: clean_text(text, longest))  # type: ignore[misc]
            for name, longest in _TEXTS.items()
        }
        readers: dict[str, Remembering[Any]] = {
            "total": cells.required_money,
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

    def _summed_fields(self) -> frozenset[str]:
        """The fields of a line that make the order's total; none where the file states it."""
        if "total" in self._places:
            return frozenset()
        return frozenset({"line_total"} if "line_total" in self._places else {"quantity", "unit_price"})

    def _status(self, text: str) -> str:
        word = text.strip().lower()
        known = {**STATUSES, **{key.lower(): value for key, value in self.mapping.statuses.items()}}
        if word not in known:
            raise NotUnderstoodError(
                f"“{text}” {NO_STATUS}; say what it means, on the file's page or in a mapping file"
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

    def documents(self, groups: Sequence[Group]) -> Iterator[OrderDocument | RejectedError]:
        for part in in_tables(groups):
            yield from self._of_part(part)

    def _of_part(self, groups: Sequence[Group]) -> Iterable[OrderDocument | RejectedError]:
        """All at once, a column at a time; if one of them can't be taken, it is found by halving."""
        if len(groups) == 1:
            return super().documents(groups)
        table = table_of_orders(groups)
        with suppress(RejectedError):
            if table is not None:
                return self._read(table)
        middle = len(groups) // 2
        return chain(self._of_part(groups[:middle]), self._of_part(groups[middle:]))

    def document(self, key: str, rows: Rows, digest: bytes) -> OrderDocument:
        return self._read(table_of_order(key, rows, digest))[0]

    def _read(self, table: Table) -> list[OrderDocument]:
        """The documents of the table's orders. Raises RejectedError where one of them can't be made."""
        if self.mapping.grain == "order" and not table.has_one_row_each:
            table = _without_repeated_rows(table)
        found = {field: self._values(field, table) for field in self._readers}
        for code in set(found.get("currency", ())):
            self.cells.require_currency(code)
        if None in found["placed_at"]:
            raise RejectedError("the order has no date")
        lines, sums = self._lines(table) if self._has_lines else (repeat(NO_LINES), repeat(NOTHING))
        totals = self._totals(table, found, sums)
        found.setdefault("subtotal", totals)
        rest = (found.get(field) or repeat(default) for field, default in _REST.items())
        return list(
            map(
                OrderDocument._make,
                zip(
                    table.keys,
                    found["placed_at"],
                    totals,
                    self._buyers_of(found),
                    order_numbers(table.keys, found),
                    statuses(found),
                    *rest,
                    lines,
                    refunds(found, totals),
                    events(found),
                    table.digests,
                    strict=False,
                ),
            )
        )

    def _totals(self, table: Table, found: Found, sums: Iterable[Decimal]) -> list[int]:
        """As the file states them, else summed up; of credit notes negative."""
        totals = found.get("total")
        if totals is None:
            totals = [
                to_minor(exact, self.terms.currency) for exact, _key in zip(sums, table.keys, strict=False)
            ]
        if self._prefix:
            totals = [
                -abs(total) if key.startswith(self._prefix) else total
                for key, total in zip(table.keys, totals, strict=True)
            ]
        if "credits_order" in found:
            credited = zip(found["credits_order"], totals, strict=True)
            totals = [-abs(total) if credits_order else total for credits_order, total in credited]
        return totals

    def _buyers_of(self, found: Found) -> Iterable[Buyer]:
        if not {"customer_id", "email", "phone"} & set(found):
            return repeat(NOBODY)
        said = (found.get(field) or repeat(default) for field, default in BUYER_FIELDS.items())
        return map(self._buyers.__getitem__, zip(*said, strict=False))

    def _values(self, field: str, table: Table) -> list[Any]:
        """The field's one value for each order: the same in every row that has it; the earliest, if they are
        moments.
        """
        texts, reader = self._texts(field, table.columns), self._readers[field]
        try:
            if table.has_one_row_each:
                return list(map(reader.__getitem__, texts))
            values = []
            for start, end in table.spans():
                text, own = texts[start], texts[start:end]
                is_one = own.count(text) == end - start
                values.append(reader[text] if is_one else self._agreed(field, own, reader))
            return values
        except NotUnderstoodError:
            raise self._rejection(field, texts, reader) from None

    def _agreed(self, field: str, texts: Sequence[str], reader: Remembering[Any]) -> Any:
        """The value of an order whose rows don't all say the same."""
        said = dict.fromkeys(text for text in texts if text.strip())
        if len(said) <= 1:
            return reader[next(iter(said), "")]
        values = list(map(reader.__getitem__, said))
        if field == "placed_at":
            return min(values)
        if field == "customer_id" and len({value for value in values if value}) > 1:
            raise RejectedError("the order's rows name different customers")
        return next((value for value in values if value), values[0])

    def _texts(self, field: str, columns: Columns) -> Sequence[str]:
        places = self._places[field]
        if len(places) == 1:
            return columns[places[0]]
        return [" ".join(parts).strip() for parts in zip(*(columns[place] for place in places), strict=True)]

    def _rejection(self, field: str, texts: Sequence[str], reader: Remembering[Any]) -> RejectedError:
        """The reason for the first text that can't be read, with its row.

        Blanks come last: next to a row that states the order's total they are correct.
        """
        for index, text in sorted(enumerate(texts), key=lambda each: not each[1].strip()):
            try:
                reader[text]
            except NotUnderstoodError as error:
                return RejectedError(self._blamed(error, field), index)
        raise AssertionError("one of the texts can't be read")

    def _blamed(self, error: NotUnderstoodError, field: str) -> str:
        return f"{error} (column {' + '.join(self.mapping.columns[field])}, {FIELDS[field].label.lower()})"

    def _lines(self, table: Table) -> tuple[list[Lines], list[Decimal]]:
        """Each order's lines, and their exact sum in major units."""
        quantities = self._numbers("quantity", table) or [ONE] * table.row_count
        prices, amounts = self._numbers("unit_price", table), self._numbers("line_total", table)
        if amounts is not None:
            prices = prices or list(map(unit_price, amounts, quantities))
        else:
            prices = prices or [NOTHING] * table.row_count
            amounts = list(map(mul, quantities, prices))
        articles = self._articles_of(table)
        return (
            [
                Lines(articles[start:end], quantities[start:end], prices[start:end])
                for start, end in table.spans()
            ],
            [sum(amounts[start:end], NOTHING) for start, end in table.spans()],
        )

    def _articles_of(self, table: Table) -> list[Article]:
        if not self._article_fields:
            return [Article("")] * table.row_count
        parts = [self._texts(field, table.columns) for field in self._article_fields]
        return list(map(self._articles.__getitem__, zip(*parts, strict=True)))

    def _numbers(self, field: str, table: Table) -> list[Decimal] | None:
        if field not in self._places:
            return None
        texts = self._texts(field, table.columns)
        reader = self.cells.required_number if field in self._summed else self.cells.number
        try:
            return list(map(reader.__getitem__, texts))
        except NotUnderstoodError:
            raise self._rejection(field, texts, reader) from None


def _without_repeated_rows(table: Table) -> Table:
    """One row of each order. Raises RejectedError where an order's rows differ."""
    for key, (start, end) in zip(table.keys, table.spans(), strict=True):
        if any(column[start:end].count(column[start]) != end - start for column in table.columns):
            raise RejectedError(f"order {key} stands in the file more than once, with different values")
    columns: Columns = [[column[start] for start, _end in table.spans()] for column in table.columns]
    return table._replace(starts=range(len(table.keys) + 1), columns=columns)
