"""What a file or a webhook says, after parsing and before writing: plain, frozen, no database.

Money is integer minor units of the store's currency; moments are aware.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from hashlib import blake2b
from typing import NamedTuple

DIGEST_BYTES = 16


class Article(NamedTuple):
    """What a line sells: the SKU (or the shop's product id, or the title) and what is known of it."""

    external_id: str
    title: str = ""
    category: str = ""


class Line(NamedTuple):
    """One line of a document. `unit_price` is in major units, as the document says."""

    article: Article
    quantity: Decimal
    unit_price: Decimal


class Lines(NamedTuple):
    """The lines of a document by column: the first article in the first quantity at the first price, and so on."""

    articles: Sequence[Article]
    quantities: Sequence[Decimal]
    unit_prices: Sequence[Decimal]

    @classmethod
    def of(cls, lines: Iterable[Line]) -> Lines:
        columns = tuple(zip(*lines, strict=True))
        return cls(*columns) if columns else NO_LINES

    def rows(self) -> Iterator[Line]:
        return map(Line, *self)


NO_LINES = Lines((), (), ())


class RefundEntry(NamedTuple):
    """Money given back for the order; `amount` is positive."""

    external_id: str
    amount: int
    refunded_at: datetime | None = None
    reason: str = ""


class EventEntry(NamedTuple):
    """Something that happened to the order, by the source's own account (`kind` of OrderEvent)."""

    kind: str
    at: datetime


class Buyer(NamedTuple):
    """Who bought. Without `external_id` a guest; without any of id, e-mail and phone nobody we know.

    `is_guest` None: the source doesn't tell guests from registered customers.
    """

    external_id: str = ""
    email: str = ""
    phone: str = ""
    name: str = ""
    country: str = ""
    tags: str = ""
    note: str = ""
    accepts_email: bool | None = None
    accepts_sms: bool | None = None
    registered_at: datetime | None = None
    is_guest: bool | None = None

    @property
    def is_known(self) -> bool:
        return bool(self.external_id or self.email or self.phone)

    @property
    def is_known_by_id_alone(self) -> bool:
        """Whether only the id at the shop, the name and the country are given."""
        is_guest_or_reached = self.is_guest or self.email or self.phone
        return bool(self.external_id) and not is_guest_or_reached and self[_DETAILS] == NOBODY[_DETAILS]


_DETAILS = slice(Buyer._fields.index("tags"), Buyer._fields.index("is_guest"))
NOBODY = Buyer()


class OrderDocument(NamedTuple):
    """An order or, with a negative total, a credit note.

    `credits` names the order that a credit note gives money back for; it then becomes that order's refund.
    `digest` identifies what it was made from: a document whose digest equals the stored one changes nothing.
    """

    external_id: str
    placed_at: datetime
    total: int
    buyer: Buyer = NOBODY
    number: str = ""
    status: str = "paid"
    channel: str = ""
    payment_method: str = ""
    promised_on: date | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    carrier: str = ""
    country: str = ""
    discount_code: str = ""
    subtotal: int = 0
    discount: int = 0
    shipping: int = 0
    tax: int = 0
    credits: str = ""
    lines: Lines = NO_LINES
    refunds: tuple[RefundEntry, ...] = ()
    events: tuple[EventEntry, ...] = ()
    digest: bytes = b""

    @property
    def refunded(self) -> int:
        return sum(refund.amount for refund in self.refunds) if self.refunds else 0


@dataclass(frozen=True)
class RecordingResult:
    """What writing documents did. Orders (or, from a customers file, customers), not rows."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    customer_ids: frozenset[int] = frozenset()

    def __add__(self, other: RecordingResult) -> RecordingResult:
        return RecordingResult(
            self.created + other.created,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            self.customer_ids | other.customer_ids,
        )


def document_digest(document: OrderDocument) -> bytes:
    """The digest of a document that has no source rows: of everything it says."""
    return blake2b(repr(document._replace(digest=b"")).encode(), digest_size=DIGEST_BYTES).digest()
