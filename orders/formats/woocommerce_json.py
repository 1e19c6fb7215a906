"""WooCommerce's REST API (v3) saved as JSON: orders, and customers."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from lib.money import to_minor
from orders.documents import Article, Buyer, EventEntry, Line, Lines, OrderDocument, RefundEntry
from orders.formats.base import Document, Format, RejectedError, Rows, article, refund_in_total
from orders.reading import JSON_HEADER, Row
from orders.values import NO_STATUS, NotUnderstoodError, clean_email, clean_phone, decimal_of

Record = dict[str, Any]
STATUSES = {
    **dict.fromkeys(["processing", "completed", "refunded"], "paid"),
    **dict.fromkeys(["pending", "on-hold", "checkout-draft", "draft", "auto-draft"], "pending"),
    **dict.fromkeys(["cancelled", "trash"], "cancelled"),
    "failed": "voided",
}


class _Records(Format[Document]):
    """Rows of one cell, a JSON object with an id."""

    _marks: frozenset[str]

    @classmethod
    def recognises(cls, header: tuple[str, ...], first: Row) -> bool:
        return header == JSON_HEADER and bool(first) and cls._marks <= set(json.loads(first[0]))

    @property
    def key(self) -> Callable[[Row], str]:
        return lambda row: str(json.loads(row[0]).get("id") or "")

    def document(self, key: str, rows: Rows, digest: bytes) -> Document:
        text = rows[-1][0]
        record: Record = json.loads(text)
        if "\\u" in text:
            _require_text(record)
        try:
            return self._understood(record, digest)
        except NotUnderstoodError as error:
            raise RejectedError(str(error)) from None
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise RejectedError(f"the record isn't shaped like WooCommerce's ({error})") from None

    def _understood(self, record: Record, digest: bytes) -> Document:
        raise NotImplementedError

    def _moment(self, record: Record, name: str) -> datetime | None:
        """`<name>_gmt` where it is there; else `<name>`, in the store's zone unless it has an offset of its own."""
        for key, zone in ((f"{name}_gmt", "UTC"), (name, self.terms.timezone)):
            if text := record.get(key):
                at = datetime.fromisoformat(text)
                return (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
        return None

    def _buyer(self, record: Record, customer_id: str, **details: Any) -> Buyer:
        billing = record.get("billing") or {}
        person = billing if billing.get("first_name") or billing.get("last_name") else record
        names = (str(person.get("first_name") or "").strip(), str(person.get("last_name") or "").strip())
        return Buyer(
            external_id=customer_id,
            email=clean_email(str(record.get("email") or billing.get("email") or "")),
            phone=clean_phone(str(billing.get("phone") or "")),
            name=" ".join(filter(None, names))[:200],
            country=str(billing.get("country") or "")[:60],
            **details,
        )


class WooCommerceOrders(_Records[OrderDocument]):
    name = "woocommerce_orders"
    label = "WooCommerce orders (REST, JSON)"
    _marks = frozenset({"id", "line_items", "billing", "total", "status"})

    def _understood(self, record: Record, digest: bytes) -> OrderDocument:
        self.cells.require_currency(str(record.get("currency") or ""))
        placed_at = self._moment(record, "date_created")
        if placed_at is None:
            raise RejectedError("the order has no date (date_created)")
        customer_id = str(record.get("customer_id") or "")
        customer_id = "" if customer_id == "0" else customer_id  # a guest's
        paid_at = self._moment(record, "date_paid")
        lines = record.get("line_items") or []
        return OrderDocument(
            external_id=str(record["id"]),
            placed_at=placed_at,
            total=self._total(record),
            buyer=self._buyer(record, customer_id, is_guest=not customer_id),
            number=str(record.get("number") or record["id"])[:60],
            status=_status(str(record.get("status") or "")),
            channel=str(record.get("created_via") or "")[:60],
            payment_method=str(record.get("payment_method_title") or record.get("payment_method") or "")[
                :120
            ],
            country=str((record.get("shipping") or {}).get("country") or "")[:60],
            discount_code=", ".join(str(coupon["code"]) for coupon in record.get("coupon_lines") or [])[:120],
            subtotal=sum(self._money(line.get("subtotal")) for line in lines),
            discount=self._money(record.get("discount_total")),
            shipping=self._money(record.get("shipping_total")),
            tax=self._money(record.get("total_tax")),
            lines=Lines.of(map(_line, lines)),
            refunds=self._refunds(record),
            events=(EventEntry("confirmed", paid_at),) if paid_at else (),
            digest=digest,
        )

    def _total(self, record: Record) -> int:
        if (total := record.get("total")) in (None, ""):
            raise RejectedError("the order has no total; bring it again as it comes from WooCommerce")
        return to_minor(decimal_of(str(total)), self.terms.currency)

    def _money(self, value: Any) -> int:
        return to_minor(decimal_of(str(value or "0")), self.terms.currency)

    def _refunds(self, record: Record) -> tuple[RefundEntry, ...]:
        """The order's refunds; one whose status says refunded, with none listed, was refunded in full."""
        listed = tuple(
            RefundEntry(str(refund["id"]), amount, None, str(refund.get("reason") or "")[:300])
            for refund in record.get("refunds") or []
            if (amount := abs(self._money(refund.get("total"))))
        )
        if listed or record.get("status") != "refunded":
            return listed
        return refund_in_total(0, self._total(record), is_refunded=True)


class WooCommerceCustomers(_Records[Buyer]):
    name = "woocommerce_customers"
    label = "WooCommerce customers (REST, JSON)"
    kind = "customers"
    _marks = frozenset({"id", "email", "username", "billing"})

    def _understood(self, record: Record, digest: bytes) -> Buyer:
        return self._buyer(
            record, str(record["id"]), registered_at=self._moment(record, "date_created"), is_guest=False
        )


def _require_text(record: Record) -> None:
    """Refuses escapes that no database keeps: half a character, or NUL."""
    try:
        written = json.dumps(record, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise RejectedError("the record holds half a character") from None
    if b"\\u0000" in written:
        raise RejectedError("the record holds a character (NUL) that isn't text")


def _status(word: str) -> str:
    kept = word.removeprefix("wc-").lower()
    if kept not in STATUSES:
        raise RejectedError(f"“{word}” {NO_STATUS}")
    return STATUSES[kept]


def _line(line: Record) -> Line:
    quantity = decimal_of(str(line.get("quantity") or "0"))
    price = line.get("price")
    if price in (None, ""):
        total = decimal_of(str(line.get("total") or "0"))
        price = total / quantity if quantity else total
    return Line(_article(line), quantity, Decimal(round(decimal_of(str(price)), 4)))


def _article(line: Record) -> Article:
    ids = [str(line[name]) for name in ("product_id", "variation_id") if line.get(name)]
    return article(str(line.get("sku") or "-".join(ids)), html.unescape(str(line.get("name") or "")))
