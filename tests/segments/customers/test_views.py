"""Pages of customers: the list, its export, one customer."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role, Store
from orders.models import Customer, OrderEvent, Refund
from segments.models import CustomerStats, Segment
from segments.scoring import refresh_store
from tests.factories.accounts import make_store, signed_in
from tests.factories.orders import make_customer, make_event, make_order
from tests.factories.segments import make_buyers, make_scored_buyers
from tests.pages import text_of

pytestmark = pytest.mark.django_db

DAY = date(2025, 6, 30)


@pytest.fixture
def shop(store: Store) -> list[Customer]:
    """Six customers, the first the best, scored."""
    return make_scored_buyers(store, [6, 5, 4, 2, 1, 1], as_of=DAY)


# The list


def test_list_counts_and_names_customers(client: Client, shop: list[Customer]) -> None:
    text = text_of(client, "segments:customer_list")
    assert "6 customers have ordered." in text
    assert all(customer.name in text for customer in shop)


def test_list_keeps_filters_and_sort_in_its_links(client: Client, shop: list[Customer]) -> None:
    path = reverse("segments:customer_list", args=["shop"])
    body = client.get(path, {"segment": "champions", "sort": "-last"}).content.decode()
    assert "segment=champions&amp;sort=-orders" in body
    assert 'aria-sort="descending"' in body
    assert "customers/export/?segment=champions&amp;sort=-last" in body


@pytest.mark.parametrize("sort", ["name", "segment", "-spent", "email"])
def test_one_column_s_header_says_that_the_list_is_sorted_by_it(
    client: Client, shop: list[Customer], sort: str
) -> None:
    body = client.get(reverse("segments:customer_list", args=["shop"]), {"sort": sort}).content.decode()
    assert body.count("aria-sort=") == 1


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"last_from": "2025-06-30", "last_to": "2025-06-01"}, "The first day lies after the last one."),
        ({"spent_from": "30", "spent_to": "20"}, "The lower amount is above the upper one."),
        ({"last_from": "last week"}, "This is no day. Choose one, or write it as 2026-03-31."),
        ({"spent_from": "lots"}, "This is no amount. Write a number, such as 25 or 99.50."),
        ({"spent_from": "1e400"}, "This amount is too large to look for."),
        ({"spent_from": "99999999999999999"}, "This amount is too large to look for."),
        ({"q": "x" * 121}, "Write 120 letters at most."),
        ({"q": "a\x00b"}, "Type it anew."),
        ({"r": "9"}, "“9” can’t be chosen here. Choose one of the list."),
    ],
)
def test_filter_in_error_says_so_and_filters_nothing(
    client: Client, shop: list[Customer], query: dict[str, str], sentence: str
) -> None:
    text = text_of(client, "segments:customer_list", **query)
    assert sentence in text
    assert all(customer.name in text for customer in shop)


@pytest.mark.parametrize("query", [{"sort": "nonsense"}, {"page": "%00"}, {"r": "9"}, {"segment": "unknown"}])
def test_list_takes_any_address(client: Client, shop: list[Customer], query: dict[str, str]) -> None:
    assert shop[0].name in text_of(client, "segments:customer_list", **query)


def test_nobody_fits(client: Client, shop: list[Customer]) -> None:
    assert "Nobody fits" in text_of(client, "segments:customer_list", q="zzz")


def test_empty_store_says_where_customers_come_from(client: Client, store: Store) -> None:
    assert "No customers yet" in text_of(client, "segments:customer_list")


def test_amounts_are_in_the_stores_currency(client: Client, shop: list[Customer]) -> None:
    text = text_of(client, "segments:customer_list", spent_from="50.00", spent_to="50.00")
    assert shop[1].name in text
    assert shop[0].name not in text


def test_filters_that_are_set_are_shown_each_with_a_way_to_take_it_away(
    client: Client, shop: list[Customer]
) -> None:
    path = reverse("segments:customer_list", args=["shop"])
    query = {
        "segment": "champions",
        "r": "5",
        "overdue": "0",
        "last_to": "2025-06-30",
        "sort": "-last",
        "page": "x",
    }
    body = " ".join(client.get(path, query).content.decode().split())
    for words in (
        "Segment: Champions",
        "Recency score: 5",
        "Overdue by their cadence: Overdue",
        "to: 30 Jun 2025",
    ):
        assert words in body
    assert 'href="?segment=champions&amp;r=5&amp;last_to=2025-06-30&amp;sort=-last"' in body


def test_list_of_a_store_is_selected_from_by_those_who_may_export(store: Store, shop: list[Customer]) -> None:
    path = reverse("segments:customer_list", args=["shop"])
    managers = signed_in(store, Role.MANAGER).get(path, {"sort": "-last"}).content.decode()
    assert f'name="customer" value="{shop[0].pk}"' in managers
    assert 'data-bulk="sort=-last"' in managers
    support = signed_in(store, Role.SUPPORT).get(path).content.decode()
    assert "customers/export/" not in support
    assert 'type="checkbox"' not in support


def test_selection_knows_how_many_a_segment_has(client: Client, shop: list[Customer]) -> None:
    path = reverse("segments:customer_list", args=["shop"])
    held = CustomerStats.objects.filter(segment__key="champions").count()
    assert held
    assert f'data-total="{held}"' in client.get(path, {"segment": "champions"}).content.decode()
    assert 'data-total=""' in client.get(path, {"segment": "champions", "spent_from": "1"}).content.decode()


# One customer


def test_customer_page_says_who_and_why_and_what_would_change_it(
    client: Client, shop: list[Customer]
) -> None:
    text = text_of(client, "segments:customer_page", shop[3].pk)
    stats = CustomerStats.objects.get(customer=shop[3])
    segment = Segment.objects.get(pk=stats.segment_id)
    assert f"Why {segment.name}" in text
    assert shop[3].email.replace("@", " @") in text  # it may break there
    assert "2 orders for £20.00" in text
    assert f"score {stats.r} of 5" in text
    assert "One more order, whenever it comes" in text


def test_timeline_tells_orders_refunds_moves_and_what_was_said(client: Client, store: Store) -> None:
    customer = make_customer(store, "anna")
    order = make_order(customer, "2025-06-01T10:00", total=5000, refunded=700, number="#77")
    Refund.objects.create(
        order=order,
        external_id="1",
        amount=700,
        refunded_at=datetime(2025, 6, 9, tzinfo=UTC),
        reason="Broken",
    )
    OrderEvent.objects.create(order=order, at=datetime(2025, 6, 2, tzinfo=UTC), kind="shipped")
    make_order(customer, "2025-06-03T10:00", status="cancelled", number="#78")
    refresh_store(store=store, as_of=DAY)
    text = text_of(client, "segments:customer_page", customer.pk)
    timeline = text[text.index("What happened") :]
    assert "£7.00 given back for #77: Broken" in timeline
    assert "On its way 2 Jun 2025" in timeline
    assert "Cancelled: doesn't count" in timeline
    newest_first = [timeline.index(word) for word in ("Entered", "given back", "#78", "#77 for")]
    assert newest_first == sorted(newest_first)


def test_customer_page_says_what_they_were_last_told(client: Client, store: Store) -> None:
    customer = make_customer(store, "anna")
    first = make_order(customer, "2025-05-02T10:00", number="#76")
    second = make_order(customer, "2025-06-01T10:00", number="#77")
    make_event(first, "2025-06-03T10:00", kind="message", channel="email")
    make_event(second, "2025-06-02T10:00")
    text = text_of(client, "segments:customer_page", customer.pk)
    assert "Last contact 3 Jun 2025 : Message, #76 by email" in text


def test_customer_who_was_told_nothing_has_no_contact(client: Client, store: Store) -> None:
    customer = make_customer(store, "anna")
    make_event(make_order(make_customer(store), "2025-05-02T10:00"), "2025-06-03T10:00")
    assert "Last contact –" in text_of(client, "segments:customer_page", customer.pk)


def test_customer_before_any_refresh_has_no_scores_yet(client: Client, store: Store) -> None:
    customer = make_customer(store, "anna")
    text = text_of(client, "segments:customer_page", customer.pk)
    assert "haven't been refreshed since this customer came" in text
    assert "No order that counts so far." in text


def test_customer_without_orders_is_led_to_the_first_one(client: Client, store: Store) -> None:
    customer = make_customer(store, "anna")
    make_buyers(store, [3, 2, 1], last_on=DAY)
    refresh_store(store=store, as_of=DAY)
    text = text_of(client, "segments:customer_page", customer.pk)
    assert "not scored" in text
    assert "One more order, whenever it comes" in text


def test_customer_of_another_store_isn_t_there(client: Client, store: Store) -> None:
    stranger = make_customer(make_store(), "stranger")
    path = reverse("segments:customer_page", args=["shop", stranger.pk])
    assert client.get(path).status_code == 404


def test_long_history_shows_its_newest_orders_and_says_so(client: Client, store: Store) -> None:
    customer = make_customer(store, "anna", registered_at=datetime(2020, 1, 1, tzinfo=UTC))
    for back in range(25):
        make_order(customer, f"{DAY - timedelta(days=back)}T12:00", number=f"#A{back}")
    text = text_of(client, "segments:customer_page", customer.pk)
    assert "#A19 " in text
    assert "#A20 " not in text
    assert "there are older ones" in text
    assert "Registered an account" not in text  # it lies before the oldest order shown


def test_support_sees_a_customer_without_a_way_to_pages_they_may_not_open(
    store: Store, shop: list[Customer]
) -> None:
    path = reverse("segments:customer_page", args=["shop", shop[0].pk])
    body = signed_in(store, Role.SUPPORT).get(path).content.decode()
    assert "/s/shop/segments/" not in body


def test_customer_page_takes_the_same_number_of_queries_whatever_the_history(
    client: Client, store: Store
) -> None:
    counts = []
    customer = make_customer(store, "anna")
    for number in range(3):
        for back in range(number * 4):
            order = make_order(customer, f"{DAY - timedelta(days=back)}T12:00", total=900, refunded=100)
            Refund.objects.create(order=order, external_id="1", amount=100)
            OrderEvent.objects.create(order=order, at=datetime(2025, 6, 2, tzinfo=UTC), kind="shipped")
        make_order(customer, f"{DAY}T12:00")
        refresh_store(store=store, as_of=DAY + timedelta(days=number))
        with CaptureQueriesContext(connection) as captured:
            text_of(client, "segments:customer_page", customer.pk)
        counts.append(len(captured))
    assert len(set(counts)) == 1
