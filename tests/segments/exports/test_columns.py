"""What files say of a customer, against rows written by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from accounts.models import Store
from orders.models import Customer
from segments.exports.columns import (
    EVERYTHING,
    KLAVIYO,
    MAILCHIMP,
    SCORES,
    SOURCES,
    Column,
    Person,
    Shop,
    cells,
    e164,
    first_and_last,
    headers,
)
from segments.models import CustomerStats, Segment
from tests.factories.accounts import make_store
from tests.factories.segments import give_value

SHOP = Shop("GBP", date(2025, 6, 30))
ANNA = Person(
    external_id="c-17",
    email="anna@example.com",
    name="Anna Maria Bell",
    phone="+44 (0)20 7946-0018",
    country="GB",
    tags="vip, wholesale",
    accepts_email=True,
    accepts_sms=False,
    segment="Champions, gold",
    r=5,
    f=4,
    m=3,
    first_on=date(2024, 1, 2),
    last_on=date(2025, 6, 20),
    frequency=7,
    monetary=12_345,
    lifetime_orders=9,
    lifetime_net=20_000,
    gap_days=31.5,
    due_on=date(2025, 7, 22),
    expected_value=8_050,
    p_alive=0.987654,
    last_contact_on=date(2025, 6, 21),
)
NOBODY = Person(
    None, "guest@example.com", "", "", "", "", None, None, None, 0, 0, 0, None, None, 0, 0, 0, 0, None, None, None,
    None, None,
)  # fmt: skip


def said(columns: tuple[Column, ...], person: Person) -> dict[str, object]:
    return dict(zip(headers(columns, SHOP), cells(columns, person, SHOP), strict=True))


@pytest.mark.django_db
def test_each_field_is_read_from_its_own_place() -> None:
    store: Store = make_store()
    segment = Segment.objects.create(store=store, key="best", name="Best", health=1)
    of_customer = {"external_id", "email", "name", "phone", "country", "tags", "accepts_email", "accepts_sms"}
    given = ANNA._replace(segment="Best")._asdict()
    customer = Customer.objects.create(store=store, **{name: given[name] for name in of_customer})
    of_value = {"expected_value", "p_alive"}
    kept = {name: value for name, value in given.items() if name not in {*of_customer, *of_value, "segment"}}
    stats = CustomerStats.objects.create(customer=customer, store=store, segment=segment, **kept)
    give_value(stats, expected_value=given["expected_value"], p_alive=given["p_alive"])
    assert Person._make(CustomerStats.objects.values_list(*SOURCES).get()) == ANNA._replace(segment="Best")


def test_everything_of_a_customer() -> None:
    assert said(EVERYTHING, ANNA) == {
        "Customer number": "c-17",
        "E-mail": "anna@example.com",
        "Name": "Anna Maria Bell",
        "Phone": "+44 (0)20 7946-0018",
        "Country": "GB",
        "Account": "registered",
        "E-mail consent": "given",
        "SMS consent": "refused",
        "Segment": "Champions, gold",
        "Recency score": 5,
        "Frequency score": 4,
        "Monetary score": 3,
        "First order": date(2024, 1, 2),
        "Last order": date(2025, 6, 20),
        "Days since last order": 10,
        "Orders": 7,
        "Spent (GBP)": Decimal("123.45"),
        "Orders in all": 9,
        "Spent in all (GBP)": Decimal("200.00"),
        "Usual gap (days)": 31.5,
        "Next order due": date(2025, 7, 22),
        "Expected in 365 days (GBP)": Decimal("80.50"),
        "P(alive)": 0.9877,
        "Last contact": date(2025, 6, 21),
        "Tags": "vip, wholesale",
    }


def test_what_isn_t_known_is_an_empty_cell() -> None:
    row = said(EVERYTHING, NOBODY)
    assert (row["Account"], row["E-mail consent"], row["Orders"]) == ("guest", "not known", 0)
    empty = {name for name, value in row.items() if value in (None, "")}
    assert empty >= {
        "Segment",
        "Recency score",
        "Last order",
        "Days since last order",
        "P(alive)",
        "Last contact",
    }


def test_order_since_the_refresh_is_no_days_ago() -> None:
    row = said(SCORES, ANNA._replace(last_on=date(2025, 7, 4)))
    assert row["recency_days"] == 0


def test_amounts_follow_the_currency() -> None:
    yen = replace(SHOP, currency="JPY")
    assert headers(EVERYTHING, yen)[16] == "Spent (JPY)"
    assert cells(EVERYTHING, ANNA, yen)[16] == Decimal(12_345)


def test_scores_have_the_header_that_others_rely_on() -> None:
    assert ",".join(headers(SCORES, SHOP)) == (
        "external_id,email,first_order_on,last_order_on,recency_days,frequency,monetary,r,f,m,segment"
    )


def test_klaviyo_s_row() -> None:
    assert said(KLAVIYO, ANNA) == {
        "Email": "anna@example.com",
        "First Name": "Anna Maria",
        "Last Name": "Bell",
        "Phone Number": "+442079460018",
        "Country": "GB",
        "Email Marketing Consent": "Subscribed",
        "SMS Marketing Consent": "Unsubscribed",
        "Segment": "Champions, gold",
        "Recency Score": 5,
        "Frequency Score": 4,
        "Monetary Score": 3,
        "First Order Date": date(2024, 1, 2),
        "Last Order Date": date(2025, 6, 20),
        "Number Of Orders": 9,
        "Total Spent": Decimal("200.00"),
        "Expected Value 365 Days": Decimal("80.50"),
        "Probability Alive": 0.9877,
    }


def test_klaviyo_hears_of_consent_only_where_it_is_known() -> None:
    assert said(KLAVIYO, NOBODY)["Email Marketing Consent"] == ""
    assert said(KLAVIYO, ANNA._replace(accepts_email=False))["Email Marketing Consent"] == "Unsubscribed"
    assert said(KLAVIYO, ANNA._replace(phone="020 7946 0018"))["SMS Marketing Consent"] == ""


def test_mailchimp_s_row_has_the_segment_as_one_tag() -> None:
    assert said(MAILCHIMP, ANNA) == {
        "Email Address": "anna@example.com",
        "First Name": "Anna Maria",
        "Last Name": "Bell",
        "Phone Number": "+442079460018",
        "Country": "GB",
        "Tags": "Champions gold",
        "Last Order": date(2025, 6, 20),
        "Orders": 9,
        "Total Spent": Decimal("200.00"),
    }
    assert said(MAILCHIMP, NOBODY)["Tags"] == ""
    assert said(MAILCHIMP, ANNA._replace(segment="x" * 130))["Tags"] == "x" * 100


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Anna Bell", ("Anna", "Bell")),
        ("Anna  Maria  Bell ", ("Anna  Maria", "Bell")),
        ("Anna", ("Anna", "")),
        ("", ("", "")),
    ],
)
def test_last_word_is_the_last_name(name: str, parts: tuple[str, str]) -> None:
    assert first_and_last(name) == parts


@pytest.mark.parametrize(
    ("phone", "number"),
    [
        ("+44 20 7946 0018", "+442079460018"),
        ("0044 20 7946 0018", "+442079460018"),
        ("+36-1/234.5678", "+3612345678"),
        ("020 7946 0018", ""),
        ("+0 20 7946 0018", ""),
        ("+44 20 7946 0018 ext 3", ""),
        ("+44", ""),
        ("+1234567890123456", ""),
        ("+٤٤٢٠٧٩٤٦٠٠١٨", ""),
        ("", ""),
    ],
)
def test_phone_has_its_country_or_is_left_out(phone: str, number: str) -> None:
    assert e164(phone) == number
