"""The retention page: what it shows, in how many queries, and what it says where there is nothing."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role, Store
from jobs.models import Job
from segments.retention.tables import refresh_retention
from segments.scoring import refresh_store
from tests.factories.accounts import make_store, make_user
from tests.factories.orders import make_customer, make_order
from tests.segments.value.value_shop import drawn_purchases, record_purchases

pytestmark = pytest.mark.django_db

FIRST, AS_OF = date(2024, 1, 1), date(2025, 6, 15)


def filled(store: Store, customers: int) -> None:
    record_purchases(store, drawn_purchases(customers=customers, first=FIRST, days=(AS_OF - FIRST).days))
    refresh_store(store=store, as_of=AS_OF)
    refresh_retention(store=store)


def page_text(client: Client, store: Store, **query: object) -> str:
    response = client.get(reverse("segments:retention", args=[store.slug]), query)
    assert response.status_code == 200
    return response.content.decode()


def test_page_says_what_share_comes_back_and_how_much_few_bring(client: Client, store: Store) -> None:
    filled(store, 120)
    text = page_text(client, store)
    for words in (
        "order a second time within 90 days",
        "10% of customers bring",
        "order in the month after their first",
    ):
        assert words in text
    assert "Open these 12 customers" in text


def test_cohorts_of_long_ago_are_named_where_none_is_shown(client: Client, store: Store) -> None:
    for customer in (make_customer(store), make_customer(store)):
        make_order(customer, "2023-01-05")
        make_order(customer, "2023-03-05")
    refresh_retention(store=store, as_of=date(2025, 1, 15))
    assert "Jan 2023" in page_text(client, store)
    refresh_retention(store=store, as_of=AS_OF)
    text = page_text(client, store)
    assert "The newest customers came in Jan 2023." in text
    assert "here is what there is.." not in text
    make_order(make_customer(store), "2025-06-05")
    refresh_retention(store=store, as_of=AS_OF)
    text = page_text(client, store)
    assert "The newest customers came" not in text
    assert "Shares come with a cohort’s second month." in text


def test_every_choice_has_a_page(client: Client, store: Store) -> None:
    filled(store, 60)
    choices = product(
        ("customers", "orders", "revenue"), ("share", "amount"), ("all", "category", "channel", "buyer")
    )
    for measure, show, facet in choices:
        text = page_text(client, store, measure=measure, show=show, facet=facet, months=24)
        assert 'id="cohorts-figure"' in text


def test_an_address_nobody_knows_shows_the_page(client: Client, store: Store) -> None:
    filled(store, 30)
    text = page_text(client, store, measure="x", show="x", facet="x", value="x", months="x")
    assert text.count('aria-current="true"') >= 4


def test_the_list_behind_the_curve_holds_its_customers(client: Client, store: Store) -> None:
    filled(store, 120)
    response = client.get(reverse("segments:retention", args=[store.slug]))
    people = client.get(response.context["page"].vip.url)
    assert len(people.context["people"].rows) == 12


def test_queries_do_not_grow_with_the_store(client: Client, store: Store) -> None:
    counts = []
    for customers in (1, 40):
        shop = make_store()
        filled(shop, customers)
        user = make_user(store=shop, role=Role.MANAGER)
        client.force_login(user)
        page_text(client, shop, facet="channel")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page_text(client, shop, facet="channel")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_rhythm_page_says_how_long_people_take_and_who_fell_silent(client: Client, store: Store) -> None:
    filled(store, 120)
    text = client.get(reverse("segments:rhythm", args=[store.slug])).content.decode()
    for words in ("Half of all waits between two orders last", "have lapsed.", "The wait", "won back"):
        assert words in text
    assert "No deliveries to compare" in text


def test_rhythm_page_compares_first_deliveries(client: Client, store: Store) -> None:
    for number in range(80):
        customer, late = make_customer(store), number % 2 == 0
        delivered = f"2025-01-1{4 if late else 0}T12:00:00+00:00"
        make_order(customer, "2025-01-05", promised_on=date(2025, 1, 10), delivered_at=delivered)
        if not late:
            make_order(customer, "2025-02-05")
    refresh_store(store=store, as_of=AS_OF)
    refresh_retention(store=store)
    text = client.get(reverse("segments:rhythm", args=[store.slug])).content.decode()
    assert "0.0% come back after a first delivery 4 days late or more, 100% after one on time" in text
    assert "not proof that lateness drives people away" in text


def test_rhythm_page_of_a_store_where_few_came_back(client: Client, store: Store) -> None:
    url = reverse("segments:rhythm", args=[store.slug])
    assert "They are made every night" in client.get(url).content.decode()
    make_order(make_customer(store), "2025-01-05")
    refresh_retention(store=store, as_of=AS_OF)
    assert "once some of them have ordered twice" in client.get(url).content.decode()
    buyers = [make_customer(store) for _ in range(29)]
    for buyer in buyers:
        make_order(buyer, "2025-01-05")
        make_order(buyer, "2025-02-05")
    refresh_retention(store=store, as_of=AS_OF)
    text = client.get(url).content.decode()
    assert "Customers came back 29 times so far." in text
    assert "have lapsed" not in text
    make_order(buyers[0], "2025-03-05")
    refresh_retention(store=store, as_of=AS_OF)
    assert "have lapsed" in client.get(url).content.decode()


def test_a_store_without_figures_says_when_they_come(client: Client, store: Store) -> None:
    assert "They are made every night" in page_text(client, store)
    Job.objects.create(store=store, kind="segments.retention", key="newest")
    assert "being worked out" in page_text(client, store)


def test_a_scored_store_without_figures_offers_a_refresh(client: Client, store: Store) -> None:
    refresh_store(store=store, as_of=AS_OF)
    text = page_text(client, store)
    assert reverse("segments:refresh_now", args=[store.slug]) in text
    assert reverse("orders:import_list", args=[store.slug]) not in text.partition("<main")[2]


def test_a_store_without_customers_says_so(client: Client, store: Store) -> None:
    refresh_retention(store=store)
    assert "No customer has an order that counts" in page_text(client, store)
