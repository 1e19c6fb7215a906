"""What an export says of a customer: the columns of each kind of file. Pure, but for the names of what is read.

The headers of Klaviyo's and Mailchimp's columns are those their imports recognise by themselves (docs/exports.md).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from lib.money import to_decimal
from lib.spreadsheets import Cell


class Person(NamedTuple):
    """A customer as read: SOURCES in their order. Money in minor units; days are the store's."""

    external_id: str | None
    email: str
    name: str
    phone: str
    country: str
    tags: str
    accepts_email: bool | None
    accepts_sms: bool | None
    segment: str | None
    r: int
    f: int
    m: int
    first_on: date | None
    last_on: date | None
    frequency: int
    monetary: int
    lifetime_orders: int
    lifetime_net: int
    gap_days: float | None
    due_on: date | None
    expected_value: int | None
    p_alive: float | None
    last_contact_on: date | None


_OF_CUSTOMER = ("external_id", "email", "name", "phone", "country", "tags", "accepts_email", "accepts_sms")
_OF_VALUE = ("expected_value", "p_alive")


def _source(field: str) -> str:
    """Where a person's field comes from, as CustomerStats names it."""
    if field in _OF_CUSTOMER:
        return f"customer__{field}"
    if field in _OF_VALUE:
        return f"value__{field}"
    return "segment__name" if field == "segment" else field


SOURCES = tuple(_source(field) for field in Person._fields)


@dataclass(frozen=True)
class Shop:
    """What a person's cells depend on besides the person. `as_of`: the day that recency is counted to."""

    currency: str
    as_of: date


@dataclass(frozen=True)
class Column:
    """`header` may name the {currency}."""

    header: str
    cell: Callable[[Person, Shop], Cell]


def headers(columns: Sequence[Column], shop: Shop) -> list[str]:
    return [column.header.format(currency=shop.currency) for column in columns]


def cells(columns: Sequence[Column], person: Person, shop: Shop) -> list[Cell]:
    return [column.cell(person, shop) for column in columns]


def first_and_last(name: str) -> tuple[str, str]:
    """Anna Maria, Bell: the last word is the last name; of one word, the first."""
    first, _, last = name.strip().rpartition(" ")
    return (first.strip(), last) if first else (last, "")


_BETWEEN_DIGITS = re.compile(r"\(0\)|[\s().\-/]")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


def e164(phone: str) -> str:
    """The number with its country, +442071234567; empty where it doesn't say which country it is of.

    E.164 of the ITU: a plus, the country's code, 15 digits at most in all.
    """
    digits = _BETWEEN_DIGITS.sub("", phone)
    digits = f"+{digits[2:]}" if digits.startswith("00") else digits
    return digits if _E164.fullmatch(digits) else ""


def _recency(person: Person, shop: Shop) -> Cell:
    return max((shop.as_of - person.last_on).days, 0) if person.last_on else None


def _expected(person: Person, shop: Shop) -> Cell:
    return None if person.expected_value is None else to_decimal(person.expected_value, shop.currency)


def _alive(person: Person, shop: Shop) -> Cell:
    return None if person.p_alive is None else round(person.p_alive, 4)


def _said(consent: bool | None) -> str:
    return "not known" if consent is None else "given" if consent else "refused"


# As manage.py export_customers writes them; others rely on these names and their order.
SCORES = (
    Column("external_id", lambda one, shop: one.external_id),
    Column("email", lambda one, shop: one.email),
    Column("first_order_on", lambda one, shop: one.first_on),
    Column("last_order_on", lambda one, shop: one.last_on),
    Column("recency_days", _recency),
    Column("frequency", lambda one, shop: one.frequency),
    Column("monetary", lambda one, shop: to_decimal(one.monetary, shop.currency)),
    Column("r", lambda one, shop: one.r or None),
    Column("f", lambda one, shop: one.f or None),
    Column("m", lambda one, shop: one.m or None),
    Column("segment", lambda one, shop: one.segment),
)

EVERYTHING = (
    Column("Customer number", lambda one, shop: one.external_id),
    Column("E-mail", lambda one, shop: one.email),
    Column("Name", lambda one, shop: one.name),
    Column("Phone", lambda one, shop: one.phone),
    Column("Country", lambda one, shop: one.country),
    Column("Account", lambda one, shop: "guest" if one.external_id is None else "registered"),
    Column("E-mail consent", lambda one, shop: _said(one.accepts_email)),
    Column("SMS consent", lambda one, shop: _said(one.accepts_sms)),
    Column("Segment", lambda one, shop: one.segment),
    Column("Recency score", lambda one, shop: one.r or None),
    Column("Frequency score", lambda one, shop: one.f or None),
    Column("Monetary score", lambda one, shop: one.m or None),
    Column("First order", lambda one, shop: one.first_on),
    Column("Last order", lambda one, shop: one.last_on),
    Column("Days since last order", _recency),
    Column("Orders", lambda one, shop: one.frequency),
    Column("Spent ({currency})", lambda one, shop: to_decimal(one.monetary, shop.currency)),
    Column("Orders in all", lambda one, shop: one.lifetime_orders),
    Column("Spent in all ({currency})", lambda one, shop: to_decimal(one.lifetime_net, shop.currency)),
    Column("Usual gap (days)", lambda one, shop: one.gap_days),
    Column("Next order due", lambda one, shop: one.due_on),
    Column("Expected in 365 days ({currency})", _expected),
    Column("P(alive)", _alive),
    Column("Last contact", lambda one, shop: one.last_contact_on),
    Column("Tags", lambda one, shop: one.tags),
)

_KLAVIYO_CONSENT = {True: "Subscribed", False: "Unsubscribed", None: ""}


def _sms_consent(person: Person, shop: Shop) -> Cell:
    """Consent without a number that can be reached would be refused by the import."""
    return _KLAVIYO_CONSENT[person.accepts_sms] if e164(person.phone) else ""


# Who somebody is, as Klaviyo and Mailchimp both call it.
_WHO = (
    Column("First Name", lambda one, shop: first_and_last(one.name)[0]),
    Column("Last Name", lambda one, shop: first_and_last(one.name)[1]),
    Column("Phone Number", lambda one, shop: e164(one.phone)),
    Column("Country", lambda one, shop: one.country),
)

KLAVIYO = (
    Column("Email", lambda one, shop: one.email),
    *_WHO,
    Column("Email Marketing Consent", lambda one, shop: _KLAVIYO_CONSENT[one.accepts_email]),
    Column("SMS Marketing Consent", _sms_consent),
    Column("Segment", lambda one, shop: one.segment),
    Column("Recency Score", lambda one, shop: one.r or None),
    Column("Frequency Score", lambda one, shop: one.f or None),
    Column("Monetary Score", lambda one, shop: one.m or None),
    Column("First Order Date", lambda one, shop: one.first_on),
    Column("Last Order Date", lambda one, shop: one.last_on),
    Column("Number Of Orders", lambda one, shop: one.lifetime_orders),
    Column("Total Spent", lambda one, shop: to_decimal(one.lifetime_net, shop.currency)),
    Column("Expected Value 365 Days", _expected),
    Column("Probability Alive", _alive),
)


def _tag(person: Person, shop: Shop) -> Cell:
    """The segment as a tag: a comma would part it in two, and the import cuts at 100 letters."""
    return " ".join((person.segment or "").replace(",", " ").split())[:100]


MAILCHIMP = (
    Column("Email Address", lambda one, shop: one.email),
    *_WHO,
    Column("Tags", _tag),
    Column("Last Order", lambda one, shop: one.last_on),
    Column("Orders", lambda one, shop: one.lifetime_orders),
    Column("Total Spent", lambda one, shop: to_decimal(one.lifetime_net, shop.currency)),
)
