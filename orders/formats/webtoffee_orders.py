"""WooCommerce orders by the WebToffee export plugin: one row per order, its items in columns.

Items stand in «Product Item k …» columns or, in older exports, in line_item_k cells of the form
`name:Mug|sku:MUG|quantity:2|total:39.80`. How many there are varies by file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from orders.documents import Buyer, EventEntry, Line, Lines, OrderDocument, RefundEntry
from orders.formats.base import NamedColumns, RejectedError, Rows, article, refund_in_total
from orders.formats.woocommerce_json import STATUSES
from orders.reading import Row
from orders.values import NO_STATUS, NotUnderstoodError, clean_email, clean_phone

_PART = re.compile(r"(?:^|\|)([a-z_]+):([^|]*)")


class WebToffeeOrders(NamedColumns[OrderDocument]):
    name = "webtoffee_orders"
    label = "WooCommerce orders (WebToffee CSV)"
    date_columns = ("order_date", "paid_date")
    number_columns = ("order_total", "order_subtotal", "discount_total", "shipping_total", "tax_total")

    @classmethod
    def recognises(cls, header: tuple[str, ...], first: Row) -> bool:
        return {"order_id", "order_date", "status", "order_total", "order_currency", "billing_email"} <= set(
            header
        )

    @property
    def key(self) -> int:
        return self.positions["order_id"]

    def document(self, key: str, rows: Rows, digest: bytes) -> OrderDocument:
        row = rows[-1]
        if any(other != row for other in rows):
            raise RejectedError(f"order {key} stands in the file more than once, with different values")
        self.cells.require_currency(self.raw(row, "order_currency"))
        money, moment = self.cells.money, self.cells.moment
        placed_at = self.read(moment, row, "order_date")
        if placed_at is None:
            raise RejectedError("the order has no date (column order_date)")
        paid_at = self.read(moment, row, "paid_date")
        total = self.read(self.cells.required_money, row, "order_total")
        return OrderDocument(
            external_id=key[:120],
            placed_at=placed_at,
            total=total,
            buyer=self._buyer(row),
            number=self.text(row, "order_number", 60) or key[:60],
            status=self._status(row),
            payment_method=self.text(row, "payment_method_title", 120)
            or self.text(row, "payment_method", 120),
            country=self.text(row, "shipping_country", 60),
            subtotal=self.read(money, row, "order_subtotal"),
            discount=self.read(money, row, "discount_total"),
            shipping=self.read(money, row, "shipping_total"),
            tax=self.read(money, row, "tax_total"),
            lines=Lines.of(self._lines(row)),
            refunds=self._refunds(row, total),
            events=(EventEntry("confirmed", paid_at),) if paid_at else (),
            digest=digest,
        )

    def _status(self, row: Row) -> str:
        word = self.raw(row, "status").strip().lower().removeprefix("wc-")
        if word not in STATUSES:
            raise RejectedError(f"“{word}” {NO_STATUS} (column status)")
        return STATUSES[word]

    def _buyer(self, row: Row) -> Buyer:
        customer_id = self.text(row, "customer_id", 120)
        customer_id = "" if customer_id == "0" else customer_id
        names = (self.text(row, "billing_first_name", 100), self.text(row, "billing_last_name", 99))
        return Buyer(
            external_id=customer_id,
            email=clean_email(self.raw(row, "customer_email")) or clean_email(self.raw(row, "billing_email")),
            phone=clean_phone(self.raw(row, "billing_phone")),
            name=" ".join(filter(None, names)),
            country=self.text(row, "billing_country", 60),
            is_guest=not customer_id,
        )

    def _lines(self, row: Row) -> Iterator[Line]:
        for number in self._item_numbers:
            item = self._item(row, number)
            if not any(item.values()):
                continue
            try:
                quantity = self.cells.number[item.get("quantity") or "1"]
                total = self.cells.number[item.get("total") or "0"]
            except NotUnderstoodError as error:
                raise RejectedError(f"{error} (item {number})") from None
            made = article(item.get("sku") or item.get("product_id", ""), item.get("name", ""))
            yield Line(made, quantity, round(total / quantity, 4) if quantity else total)

    @property
    def _item_numbers(self) -> range:
        numbered = re.compile(r"(?:line_item_(\d+)|Product Item (\d+) \w+)")
        numbers = [int(match[1] or match[2]) for name in self.header if (match := numbered.fullmatch(name))]
        return range(1, max(numbers, default=0) + 1)

    def _item(self, row: Row, number: int) -> dict[str, str]:
        columns = {"name": "Name", "product_id": "id", "sku": "SKU", "quantity": "Quantity", "total": "Total"}
        item = {key: self.text(row, f"Product Item {number} {name}", 300) for key, name in columns.items()}
        if any(item.values()):
            return item
        return dict(_PART.findall(self.raw(row, f"line_item_{number}")))

    def _refunds(self, row: Row, total: int) -> tuple[RefundEntry, ...]:
        cells = _PART.findall(self.raw(row, "refund_items").replace(";", "|"))
        try:
            amount = sum(abs(self.cells.money[text]) for name, text in cells if name == "amount")
        except NotUnderstoodError as error:
            raise RejectedError(f"{error} (column refund_items)") from None
        is_refunded = self.raw(row, "status").strip().lower().removeprefix("wc-") == "refunded"
        return refund_in_total(amount, total, is_refunded=is_refunded)
