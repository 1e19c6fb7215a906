"""Shopify's orders export: one row per line; the order's own values are in its first row only.

Three variants (73, 75 and 79 columns) and files saved again by Excel are read alike: by column name. Totals and
refunds are taken as stated, never recomputed: `Total` stays as it was when something is refunded later, and
`Refunded Amount` carries no date.
"""

from __future__ import annotations

from orders.documents import Buyer, EventEntry, Line, Lines, OrderDocument, RefundEntry
from orders.formats.base import NamedColumns, RejectedError, Rows, article, refund_in_total
from orders.grouping import Group
from orders.reading import Row
from orders.values import NO_STATUS, clean_email, clean_phone, yes_or_no

_OPEN = frozenset({"pending", "authorized", "partially_paid"})
_VOID = frozenset({"voided", "expired"})
_CLOSED = frozenset({"paid", "refunded", "partially_refunded", ""})


class ShopifyOrders(NamedColumns[OrderDocument]):
    name = "shopify_orders"
    label = "Shopify orders export"
    date_columns = ("Created at", "Paid at", "Fulfilled at", "Cancelled at")
    number_columns = (
        "Total",
        "Lineitem price",
        "Subtotal",
        "Shipping",
        "Taxes",
        "Refunded Amount",
        "Discount Amount",
    )

    @classmethod
    def recognises(cls, header: tuple[str, ...], first: Row) -> bool:
        needed = {"Name", "Financial Status", "Total", "Created at", "Lineitem quantity", "Lineitem price"}
        return needed <= set(header)

    @property
    def key(self) -> int:
        return self.positions["Name"]

    def external_id(self, group: Group) -> str:
        return self.text(group.first_row, "Id") or self._id(group.key, group.rows)

    def _id(self, key: str, rows: Rows) -> str:
        """Shopify's Id, which stands in the first row; the order's name where the file has none."""
        return next((found for row in rows if (found := self.text(row, "Id"))), key)

    def document(self, key: str, rows: Rows, digest: bytes) -> OrderDocument:
        index, head = self._head(rows)
        external_id = self._id(key, rows)
        if "E+" in external_id.upper() or "E+" in external_id.replace(",", ".").upper():
            raise RejectedError(
                f"its Id, {external_id}, was rounded by a spreadsheet; export the orders again and bring the file "
                "as it comes from Shopify",
                index,
            )
        self.cells.require_currency(self.raw(head, "Currency"))
        cells = self.cells
        placed_at = self.read(cells.moment, head, "Created at", index)
        if placed_at is None:
            raise RejectedError("the order has no date (column Created at)", index)
        cancelled_at = self.read(cells.moment, head, "Cancelled at", index)
        shipped_at = self.read(cells.moment, head, "Fulfilled at", index)
        paid_at = self.read(cells.moment, head, "Paid at", index)
        total = self.read(cells.required_money, head, "Total", index)
        moments = (("confirmed", paid_at), ("shipped", shipped_at), ("cancelled", cancelled_at))
        return OrderDocument(
            external_id=external_id[:120],
            placed_at=placed_at,
            total=total,
            buyer=self._buyer(head),
            number=key[:60],
            status=self._status(head, index, is_cancelled=cancelled_at is not None),
            channel=self.text(head, "Source", 60),
            payment_method=self.text(head, "Payment Method", 120),
            shipped_at=shipped_at,
            country=self.text(head, "Shipping Country", 60) or self.text(head, "Billing Country", 60),
            discount_code=self.text(head, "Discount Code", 120),
            subtotal=self.read(cells.money, head, "Subtotal", index),
            discount=self.read(cells.money, head, "Discount Amount", index),
            shipping=self.read(cells.money, head, "Shipping", index),
            tax=self.read(cells.money, head, "Taxes", index),
            lines=Lines.of(self._line(row, at) for at, row in enumerate(rows)),
            refunds=self._refunds(head, index, total),
            events=tuple(EventEntry(kind, at) for kind, at in moments if at),
            digest=digest,
        )

    def _head(self, rows: Rows) -> tuple[int, Row]:
        """The row that has the order's own values. Several may have them, as long as they say the same total."""
        heads = [index for index, row in enumerate(rows) if self.raw(row, "Total").strip()]
        if not heads:
            raise RejectedError("the order's first row, with its total, is missing from the file")
        totals = {self.read(self.cells.required_money, rows[index], "Total", index) for index in heads}
        if len(totals) > 1:
            raise RejectedError("the order stands in the file more than once, with different totals")
        return heads[0], rows[heads[0]]

    def _status(self, head: Row, index: int, *, is_cancelled: bool) -> str:
        word = self.raw(head, "Financial Status").strip().lower()
        if word in _VOID:
            return "voided"
        if is_cancelled:
            return "cancelled"
        if word in _OPEN:
            return "pending"
        if word not in _CLOSED:
            raise RejectedError(f"“{word}” {NO_STATUS} (column Financial Status)", index)
        return "paid"

    def _refunds(self, head: Row, index: int, total: int) -> tuple[RefundEntry, ...]:
        """The amount stated; the whole total if the status says refunded and no amount is given."""
        stated = self.read(self.cells.money, head, "Refunded Amount", index)
        is_refunded = self.raw(head, "Financial Status").strip().lower() == "refunded"
        return refund_in_total(stated, total, is_refunded=is_refunded)

    def _buyer(self, head: Row) -> Buyer:
        phones = (clean_phone(self.raw(head, name)) for name in ("Phone", "Billing Phone", "Shipping Phone"))
        return Buyer(
            email=clean_email(self.raw(head, "Email")),
            phone=next((phone for phone in phones if phone), ""),
            name=self.text(head, "Billing Name") or self.text(head, "Shipping Name"),
            country=self.text(head, "Billing Country", 60) or self.text(head, "Shipping Country", 60),
            accepts_email=yes_or_no(self.raw(head, "Accepts Marketing")),
        )

    def _line(self, row: Row, index: int) -> Line:
        return Line(
            article(self.raw(row, "Lineitem sku"), self.raw(row, "Lineitem name")),
            self.read(self.cells.number, row, "Lineitem quantity", index),
            self.read(self.cells.number, row, "Lineitem price", index),
        )
