"""Shopify's customers export (19 or 20 columns, by year) and its import template: customers without orders."""

from __future__ import annotations

from collections.abc import Callable

from orders.documents import Buyer
from orders.formats.base import NamedColumns, RejectedError, Rows
from orders.reading import Row
from orders.values import clean_email, clean_phone, yes_or_no

_CONSENT = ("Accepts Email Marketing", "Accepts Marketing")
_PHONES = ("Phone", "Default Address Phone")
_COUNTRIES = ("Default Address Country Code", "Country Code", "Country")


class ShopifyCustomers(NamedColumns[Buyer]):
    name = "shopify_customers"
    label = "Shopify customers export"
    kind = "customers"

    @classmethod
    def recognises(cls, header: tuple[str, ...], first: Row) -> bool:
        named = set(header)
        return {"First Name", "Last Name", "Email", "Tax Exempt"} <= named and bool(named & set(_CONSENT))

    @property
    def key(self) -> Callable[[Row], str]:
        return self._identity

    def _identity(self, row: Row) -> str:
        found = self.text(row, "Customer ID", 120) or clean_email(self.raw(row, "Email"))
        return found or next((phone for name in _PHONES if (phone := clean_phone(self.raw(row, name)))), "")

    def document(self, key: str, rows: Rows, digest: bytes) -> Buyer:
        row = rows[-1]
        email = clean_email(self.raw(row, "Email"))
        if self.raw(row, "Email").strip() and not email:
            raise RejectedError(
                f"“{self.raw(row, 'Email')}” isn't an e-mail address (column Email)", len(rows) - 1
            )
        buyer = Buyer(
            external_id=self.text(row, "Customer ID", 120),
            email=email,
            phone=next((phone for name in _PHONES if (phone := clean_phone(self.raw(row, name)))), ""),
            name=" ".join(filter(None, (self.text(row, "First Name", 100), self.text(row, "Last Name", 99)))),
            country=next((text for name in _COUNTRIES if (text := self.text(row, name, 60))), ""),
            tags=self.text(row, "Tags", 500),
            note=self.text(row, "Note", 10_000),
            accepts_email=next(
                (said for name in _CONSENT if (said := yes_or_no(self.raw(row, name))) is not None), None
            ),
            accepts_sms=yes_or_no(self.raw(row, "Accepts SMS Marketing")),
        )
        if not buyer.is_known:
            raise RejectedError("the customer has neither an id nor an e-mail nor a phone number")
        return buyer
