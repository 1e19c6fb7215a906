"""The pure result of the generator: people, and the documents of what they bought.

Money is pence; times are aware, in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from loyalty_site.demo.shop import Article


@dataclass(frozen=True, slots=True)
class Shopper:
    """Somebody who buys, as the shop knew them at a sale. `registered_at` None: a guest then."""

    key: int
    name: str
    email: str
    phone: str
    country: str
    registered_at: datetime | None
    accepts_email: bool | None
    accepts_sms: bool | None


@dataclass(frozen=True, slots=True)
class Item:
    """One line: a quantity of an article at its price."""

    article: Article
    quantity: int


@dataclass(frozen=True, slots=True)
class Repayment:
    """Money given back."""

    amount: int
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Notice:
    """What the shopper was told; `kind` is one of orders.OrderEvent.Kind."""

    at: datetime
    kind: str
    channel: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Parcel:
    """The way of an order to the shopper."""

    carrier: str = ""
    promised_on: date | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    days_late: int = 0


@dataclass(frozen=True, slots=True)
class Sale:
    """One document of the shop: an order, or (negative total) a credit note. `shopper` None: nobody known."""

    shopper: Shopper | None
    placed_at: datetime
    status: str
    channel: str
    payment_method: str
    items: tuple[Item, ...]
    subtotal: int
    discount: int
    discount_code: str
    shipping: int
    tax: int
    total: int
    parcel: Parcel = Parcel()
    repayments: tuple[Repayment, ...] = ()
    notices: tuple[Notice, ...] = ()

    @property
    def is_credit_note(self) -> bool:
        return self.total < 0

    @property
    def refunded(self) -> int:
        return sum(repayment.amount for repayment in self.repayments)

    @property
    def as_guest(self) -> bool:
        """Whether the shopper was a guest when this was placed; False where nobody is known."""
        return self.shopper is not None and self.shopper.registered_at is None
