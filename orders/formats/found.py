"""What is made of the values found in a table's columns: articles, buyers, statuses, refunds, events. Pure; no
database.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import repeat
from typing import Any

from orders.documents import NOBODY, Article, Buyer, EventEntry, RefundEntry
from orders.formats.base import article, refund_in_total
from orders.values import REMEMBERED

Found = dict[str, list[Any]]  # the values of fields, one an order
ARTICLE_FIELDS = ("product_id", "product_title", "product_category")
BUYER_FIELDS = dict.fromkeys(["customer_id", "email", "phone", "customer_name", "country"], "") | {
    "accepts_email": None
}
_EVENTS = (("shipped", "shipped_at"), ("delivered", "delivered_at"), ("cancelled", "cancelled_at"))


class Articles(dict[tuple[str, ...], Article]):
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


class Buyers(dict[tuple[Any, ...], Buyer]):
    """Buyers by what their fields say, made once each. `names_customers`: who has no id there is a guest."""

    def __init__(self, *, names_customers: bool) -> None:
        super().__init__()
        self._names_customers = names_customers

    def __missing__(self, said: tuple[Any, ...]) -> Buyer:
        if len(self) >= REMEMBERED:
            self.clear()
        customer_id, email, phone, name, country, accepts_email = said
        made = NOBODY
        if customer_id or email or phone:
            is_guest = not customer_id if self._names_customers else None
            made = Buyer(
                customer_id, email, phone, name, country, accepts_email=accepts_email, is_guest=is_guest
            )
        self[said] = made
        return made


def unit_price(total: Decimal, quantity: Decimal) -> Decimal:
    """Of a line whose total is known, to four decimals; the total where nothing was sold."""
    return round(total / quantity, 4) if quantity else total


def order_numbers(keys: Sequence[str], found: Found) -> Iterable[str]:
    """What people call the orders: their ids where the file has no other numbers."""
    if "number" not in found:
        return [key[:60] for key in keys]
    return [number or key[:60] for number, key in zip(found["number"], keys, strict=True)]


def statuses(found: Found) -> Iterable[str]:
    """As the file has them; paid if it has none, cancelled if it has a date of that."""
    said: Iterable[str] = repeat("paid")
    if "status" in found:
        said = ["paid" if status == "refunded" else status for status in found["status"]]
    if "cancelled_at" not in found:
        return said
    return ["cancelled" if at else status for at, status in zip(found["cancelled_at"], said, strict=False)]


def refunds(found: Found, totals: Sequence[int]) -> Iterable[tuple[RefundEntry, ...]]:
    """One entry with the total refunded; an order whose status says refunded, without an amount, was refunded in
    full.
    """
    amounts, words = found.get("refunded", [0] * len(totals)), found.get("status", [""] * len(totals))
    if not any(amounts) and "refunded" not in words:
        return repeat(())
    return [
        refund_in_total(amount, total, is_refunded=word == "refunded")
        for amount, total, word in zip(amounts, totals, words, strict=True)
    ]


def events(found: Found) -> Iterable[tuple[EventEntry, ...]]:
    """What the file dates of each order."""
    dated = [(kind, found[field]) for kind, field in _EVENTS if field in found]
    if not dated:
        return repeat(())
    kinds = [kind for kind, _moments in dated]
    return [
        tuple(EventEntry(kind, at) for kind, at in zip(kinds, moments, strict=True) if at)
        for moments in zip(*(moments for _kind, moments in dated), strict=True)
    ]
