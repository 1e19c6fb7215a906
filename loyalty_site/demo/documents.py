"""The shop's sales as order documents, the way an import would bring them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from loyalty_site.demo.sales import Sale, Shopper
from orders.documents import NOBODY, Article, Buyer, Line, Lines, OrderDocument, RefundEntry

FIRST_NUMBER = 10_001


def documents_of(sales: Sequence[Sale]) -> Iterator[OrderDocument]:
    """One document per sale, in their order; numbers run on from FIRST_NUMBER."""
    for number, sale in enumerate(sales, FIRST_NUMBER):
        yield OrderDocument(
            external_id=str(number),
            number=f"{'CN' if sale.is_credit_note else 'CL'}-{number}",
            placed_at=sale.placed_at,
            total=sale.total,
            buyer=_buyer(sale.shopper) if sale.shopper else NOBODY,
            status=sale.status,
            channel=sale.channel,
            payment_method=sale.payment_method,
            promised_on=sale.parcel.promised_on,
            shipped_at=sale.parcel.shipped_at,
            delivered_at=sale.parcel.delivered_at,
            carrier=sale.parcel.carrier,
            country=sale.shopper.country if sale.shopper else "",
            discount_code=sale.discount_code,
            subtotal=sale.subtotal,
            discount=sale.discount,
            shipping=sale.shipping,
            tax=sale.tax,
            lines=Lines.of(_lines(sale)),
            refunds=tuple(
                RefundEntry(str(place), repayment.amount, repayment.at, repayment.reason)
                for place, repayment in enumerate(sale.repayments, 1)
            ),
        )


def _buyer(shopper: Shopper) -> Buyer:
    registered = shopper.registered_at is not None
    return Buyer(
        external_id=f"C{1001 + shopper.key}" if registered else "",
        email=shopper.email,
        phone=shopper.phone,
        name=shopper.name,
        country=shopper.country,
        accepts_email=shopper.accepts_email,
        accepts_sms=shopper.accepts_sms,
        registered_at=shopper.registered_at,
        is_guest=not registered,
    )


def _lines(sale: Sale) -> Iterator[Line]:
    for item in sale.items:
        article = Article(item.article.sku, item.article.title, item.article.category)
        yield Line(article, Decimal(item.quantity), Decimal(item.article.price).scaleb(-2))
