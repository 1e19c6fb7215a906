"""The pages of orders as they are served: what is on them, for whom, in how many queries."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role, Store
from orders.models import Order, OrderLine, Product
from orders.rollups import refresh_rollups
from tests.factories.accounts import make_store, signed_in
from tests.factories.orders import make_customer, make_order

pytestmark = [pytest.mark.django_db]
NOW = datetime(2025, 7, 20, 12, tzinfo=UTC)
LISTS = ["orders:order_list", "orders:delivery", "orders:payments", "orders:guests"]


@pytest.fixture(autouse=True)
def _clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def store() -> Store:
    return make_store("shop", timezone="Europe/London")


@pytest.fixture
def client(store: Store) -> Client:
    return signed_in(store, Role.MANAGER)


def make_orders(store: Store, count: int, **fields: Any) -> list[Order]:
    """Orders of as many customers, each delivered a day late, a guest's every third."""
    made = []
    for place in range(count):
        guest = {"external_id": None, "first_seen_as_guest": True} if place % 3 == 2 else {}
        customer = make_customer(store, **guest)
        placed = NOW - timedelta(days=10 + place)
        delivery = {
            "promised_on": placed.date() + timedelta(days=2),
            "delivered_at": placed + timedelta(days=3),
        }
        made.append(
            make_order(customer, placed, 1000 + place, **({"payment_method": "Card"} | delivery | fields))
        )
    return made


def page(client: Client, name: str, store: Store, query: str = "", **headers: str) -> str:
    response = client.get(reverse(name, args=[store.slug]) + query, headers=headers)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("name", LISTS)
def test_queries_do_not_grow_with_the_orders(client: Client, store: Store, name: str) -> None:
    counts = []
    for orders in (3, 9):  # the factory's kinds of buyers are all there from three on
        make_orders(store, orders)
        refresh_rollups(store=store)
        with CaptureQueriesContext(connection) as queries:
            page(client, name, store)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_queries_of_an_order_do_not_grow_with_what_hangs_on_it(client: Client, store: Store) -> None:
    order = make_orders(store, 1)[0]
    counts = []
    for lines in (1, 3):
        for position in range(lines):
            product = Product.objects.create(store=store, external_id=f"{lines}-{position}", title="Tea")
            OrderLine.objects.create(
                order=order, position=10 * lines + position, product=product, quantity=1, unit_price=5
            )
        make_order(order.customer, NOW)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("orders:order_page", args=[store.slug, order.pk])).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("name", LISTS)
def test_store_without_orders_says_what_to_do(client: Client, store: Store, name: str) -> None:
    assert "No orders yet" in page(client, name, store)


@pytest.mark.parametrize("name", LISTS[1:])
def test_period_without_orders_is_not_an_empty_store(client: Client, store: Store, name: str) -> None:
    make_order(make_customer(store), NOW - timedelta(days=500))
    refresh_rollups(store=store)
    text = page(client, name, store, "?months=3")
    assert "No orders in this period" in text
    assert "No orders yet" not in text


def test_support_sees_the_list_without_the_dashboards(store: Store) -> None:
    make_orders(store, 1)
    text = page(signed_in(store, Role.SUPPORT), "orders:order_list", store)
    assert reverse("orders:delivery", args=[store.slug]) not in text
    assert reverse("orders:delivery", args=[store.slug]) in page(
        signed_in(store, Role.ADMIN), "orders:order_list", store
    )


def test_list_shows_each_order_as_a_row_that_opens(client: Client, store: Store) -> None:
    order = make_orders(store, 1)[0]
    text = page(client, "orders:order_list", store)
    assert f'data-href="{reverse("orders:order_page", args=[store.slug, order.pk])}"' in text
    assert order.number in text
    assert "£10.00" in text
    assert "1 day late" in text


def test_htmx_gets_the_list_alone_and_its_address(client: Client, store: Store) -> None:
    make_orders(store, 1)
    response = client.get(
        reverse("orders:order_list", args=[store.slug]) + "?q=&delivery=late&page=",
        headers={"HX-Request": "true"},
    )
    text = response.content.decode()
    assert "<!DOCTYPE" not in text
    assert 'id="orders"' in text
    assert response["HX-Replace-Url"] == "/s/shop/orders/?delivery=late"
    assert "HX-Request" in response["Vary"]


def test_list_pages_forth_and_back(client: Client, store: Store) -> None:
    make_orders(store, 53)
    first = client.get(reverse("orders:order_list", args=[store.slug]))
    assert len(first.context["orders"]) == 50
    second = client.get(reverse("orders:order_list", args=[store.slug]) + first.context["next_url"])
    assert len(second.context["orders"]) == 3
    assert not second.context["next_url"]
    back = client.get(reverse("orders:order_list", args=[store.slug]) + second.context["previous_url"])
    assert back.context["orders"] == first.context["orders"]


@pytest.mark.parametrize(
    "query",
    [
        "?page=nonsense",
        "?sort=nonsense",
        "?status=nonsense",
        "?since=nonsense",
        "?since=0001-01-01&until=9999-12-31",
        "?since=2025-07-20&until=2025-07-01",
        "?channel=none",
        "?q=%00",
        "?q=%25&page=%00",
        "?q=" + "x" * 500,
    ],
)
def test_wrong_parameters_are_told_or_passed_over(client: Client, store: Store, query: str) -> None:
    make_orders(store, 1)
    page(client, "orders:order_list", store, query)


def test_days_in_the_wrong_order_are_told_at_the_field_and_filter_nothing(
    client: Client, store: Store
) -> None:
    order = make_orders(store, 1)[0]
    text = page(client, "orders:order_list", store, "?since=2025-07-20&until=2025-07-01&q=zzz")
    assert "This day is before the first one." in text
    assert order.number not in text  # the search still holds


def test_filters_that_fit_nothing_offer_the_way_back(client: Client, store: Store) -> None:
    make_orders(store, 1)
    assert "No order fits" in page(client, "orders:order_list", store, "?status=voided")


def test_order_page_says_who_what_and_whether_it_counts(client: Client, store: Store) -> None:
    order = make_orders(store, 1, refunded=1000)[0]
    tea = Product.objects.create(store=store, external_id="T-1", title="Breakfast tea", category="Black tea")
    OrderLine.objects.create(order=order, position=1, product=tea, quantity=2, unit_price="5.0000")
    text = client.get(reverse("orders:order_page", args=[store.slug, order.pk])).content.decode()
    for said in (order.number, str(order.customer), "Breakfast tea", "T-1", "refunded in full", "1 day late"):
        assert said in text


def test_times_on_the_page_are_the_stores(client: Client, store: Store) -> None:
    order = make_order(make_customer(store), "2025-07-01T23:30")
    text = client.get(reverse("orders:order_page", args=[store.slug, order.pk])).content.decode()
    assert ">2 Jul</time>, 00:30" in text
    assert ">1 Jul<" not in text


def test_names_from_a_shop_cannot_bring_markup(client: Client, store: Store) -> None:
    customer = make_customer(store, "mallory", email="m@example.com")
    customer.name = "<script>alert(1)</script>"
    customer.save()
    order = make_order(customer, NOW - timedelta(days=1), payment_method="</script><b>", carrier="<i>")
    refresh_rollups(store=store)
    for text in (
        page(client, "orders:order_list", store),
        page(client, "orders:payments", store),
        page(client, "orders:delivery", store),
        client.get(reverse("orders:order_page", args=[store.slug, order.pk])).content.decode(),
    ):
        assert "<script>alert" not in text
        assert "</script><b>" not in text
        assert "<i>" not in text


def test_delivery_shows_overdue_orders_the_longest_first(client: Client, store: Store) -> None:
    customer = make_customer(store)
    for number, day in (("LATER", 18), ("FIRST", 15)):
        make_order(customer, NOW - timedelta(days=9), number=number, promised_on=date(2025, 7, day))
    refresh_rollups(store=store)
    text = page(client, "orders:delivery", store)
    assert text.index("FIRST") < text.index("LATER")
    assert "5 days overdue" in text


def test_delivery_says_how_much_it_rests_on(client: Client, store: Store) -> None:
    make_orders(store, 3)
    make_orders(store, 2, promised_on=None, delivered_at=None)
    refresh_rollups(store=store)
    assert "3 of 5 orders have a promised day" in page(client, "orders:delivery", store)


def test_payments_lists_methods_with_their_orders(client: Client, store: Store) -> None:
    make_orders(store, 3, payment_method="Card")
    make_orders(store, 1, payment_method="")
    refresh_rollups(store=store)
    response = client.get(reverse("orders:payments", args=[store.slug]))
    assert [(name, each.figures.orders) for name, each, _ in response.context["methods"]] == [
        ("Card", 3),
        ("Not said", 1),
    ]


def test_order_dated_far_ahead_leaves_the_dashboards_as_they_are(client: Client, store: Store) -> None:
    make_orders(store, 3, payment_method="Card")
    make_orders(store, 1, payment_method="Cash")
    make_order(make_customer(store), "2099-01-01", payment_method="Card")
    refresh_rollups(store=store)
    response = client.get(reverse("orders:payments", args=[store.slug]), {"months": "all"})
    assert {name: each.figures.orders for name, each, _ in response.context["methods"]} == {
        "Card": 3,
        "Cash": 1,
    }
    for line in response.context["chart"].figure["data"]:
        assert len(line["x"]) == 1
    for name in ("orders:delivery", "orders:guests"):
        assert "2099" not in page(client, name, store)


def test_guests_counts_people_and_their_orders(client: Client, store: Store) -> None:
    make_orders(store, 6)
    refresh_rollups(store=store)
    response = client.get(reverse("orders:guests", args=[store.slug]))
    assert response.context["found"].guests == 2
    assert {name: each.figures.orders for name, each in response.context["buyers"]} == {
        "Registered from the start": 4,
        "Guest": 2,
    }
