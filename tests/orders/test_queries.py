"""The list of orders: what each filter lets through, what a search finds, what is overdue."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Store
from lib.keyset import page_of
from orders.filtering import OrderFilters
from orders.models import Order, OrderEvent, OrderLine, Product, Refund
from orders.queries import (
    NEWEST,
    SEARCHED,
    SORTS,
    order_detail,
    order_list,
    orders_beside,
    overdue_orders,
    search_orders,
)
from tests.factories.accounts import make_store
from tests.factories.orders import make_customer, make_order

pytestmark = pytest.mark.django_db
TODAY = date(2025, 7, 10)


def noon(day: int, month: int = 7) -> datetime:
    return datetime(2025, month, day, 12, tzinfo=UTC)


@pytest.fixture
def store() -> Store:
    return make_store(timezone="Europe/London")


def numbers(store: Store, **filters: Any) -> set[str]:
    return set(order_list(store, OrderFilters(**filters), today=TODAY).values_list("number", flat=True))


def found(store: Store, text: str) -> set[str]:
    return set(Order.objects.filter(pk__in=search_orders(store, text)).values_list("number", flat=True))


def test_no_filter_lets_the_whole_store_through_and_nothing_else(store: Store) -> None:
    make_order(make_customer(store), noon(1), number="A")
    make_order(make_customer(make_store()), noon(1), number="B")
    assert numbers(store) == {"A"}


def test_status_channel_payment_and_carrier_are_told_apart(store: Store) -> None:
    customer = make_customer(store)
    make_order(customer, noon(1), number="A", status="cancelled", channel="web", payment_method="Card")
    make_order(customer, noon(1), number="B", channel="pos", payment_method="Cash", carrier="Northway")
    assert numbers(store, status="cancelled") == {"A"}
    assert numbers(store, channel="pos") == {"B"}
    assert numbers(store, payment="Card") == {"A"}
    assert numbers(store, carrier="Northway") == {"B"}
    assert numbers(store, channel="pos", payment="Card") == set()


def test_what_the_shop_leaves_unsaid_can_be_asked_for(store: Store) -> None:
    make_order(make_customer(store), noon(1), number="A", channel="")
    make_order(make_customer(store), noon(1), number="B", channel="web")
    assert numbers(store, channel="none") == {"A"}


def test_delivery_late_on_time_overdue_and_unpromised(store: Store) -> None:
    customer = make_customer(store)
    promised = {"promised_on": date(2025, 7, 5)}
    make_order(customer, noon(1), number="late", delivered_at=noon(6), **promised)
    make_order(customer, noon(1), number="on the day", delivered_at=noon(5), **promised)
    make_order(customer, noon(1), number="early", delivered_at=noon(3), **promised)
    make_order(customer, noon(1), number="overdue", **promised)
    make_order(customer, noon(1), number="due today", promised_on=TODAY)
    make_order(customer, noon(1), number="unpromised", delivered_at=noon(3))
    assert numbers(store, delivery="late") == {"late"}
    assert numbers(store, delivery="on_time") == {"on the day", "early"}
    assert numbers(store, delivery="overdue") == {"overdue"}
    assert numbers(store, delivery="no_promise") == {"unpromised"}


def test_refunds_and_credit_notes(store: Store) -> None:
    customer = make_customer(store)
    make_order(customer, noon(1), 1000, number="plain")
    make_order(customer, noon(1), 1000, number="part", refunded=400)
    make_order(customer, noon(1), 1000, number="whole", refunded=1000)
    make_order(customer, noon(1), -500, number="credit")
    make_order(customer, noon(1), 0, number="free")
    assert numbers(store, documents="refunded") == {"part", "whole"}
    assert numbers(store, documents="refunded_in_full") == {"whole"}
    assert numbers(store, documents="credit_notes") == {"credit"}


def test_guests_registered_and_nobody_known(store: Store) -> None:
    make_order(make_customer(store), noon(1), number="registered")
    make_order(make_customer(store, "gil", external_id=None), noon(1), number="guest")
    make_order(None, noon(1), number="unknown", store=store)
    assert numbers(store, buyers="registered") == {"registered"}
    assert numbers(store, buyers="guest") == {"guest"}
    assert numbers(store, buyers="unknown") == {"unknown"}


def test_days_are_the_stores_and_both_included(store: Store) -> None:
    customer = make_customer(store)
    make_order(customer, datetime(2025, 6, 30, 22, 59, tzinfo=UTC), number="30 June")  # 23:59 in London
    make_order(customer, datetime(2025, 6, 30, 23, 0, tzinfo=UTC), number="1 July")
    make_order(customer, datetime(2025, 7, 2, 22, 59, tzinfo=UTC), number="2 July")
    make_order(customer, datetime(2025, 7, 2, 23, 0, tzinfo=UTC), number="3 July")
    assert numbers(store, since=date(2025, 7, 1), until=date(2025, 7, 2)) == {"1 July", "2 July"}


def test_search_finds_a_number_with_or_without_its_mark(store: Store) -> None:
    customer = make_customer(store)
    make_order(customer, noon(1), number="#1006")
    make_order(customer, noon(1), number="#1016")
    make_order(customer, noon(1), number="CL-1006")
    assert found(store, "1006") == {"#1006"}
    assert found(store, "#10") == {"#1006", "#1016"}
    assert found(store, "CL-") == {"CL-1006"}


def test_search_finds_the_orders_of_a_customer_by_mail_and_name(store: Store) -> None:
    make_order(
        make_customer(store, "Ada Wainwright", external_id="C1", email="ada@example.com"), noon(1), number="A"
    )
    make_order(
        make_customer(store, "Ben Adair", external_id="C2", email="ben@example.com"), noon(1), number="B"
    )
    assert found(store, "ADA@") == {"A"}
    assert found(store, "wainw") == {"A"}
    assert found(store, "ada") == {"A", "B"}  # a first name or mail, and a last name
    assert found(store, " ben@example.com ") == {"B"}


def test_search_stays_in_the_store_and_takes_text_as_text(store: Store) -> None:
    other = make_store()
    make_order(make_customer(other, "Ada", external_id="C1"), noon(1), number="#1")
    make_order(make_customer(store, "Zoe", external_id="C2", email="zoe@example.com"), noon(1), number="#2")
    assert found(store, "ada") == set()
    assert found(store, "#1") == set()
    assert found(store, "%") == found(store, "_") == found(store, "\\") == set()


def test_search_stops_at_its_limit(store: Store) -> None:
    customer = make_customer(store)
    Order.objects.bulk_create(
        Order(store=store, customer=customer, external_id=str(i), number=f"X{i}", placed_at=noon(1), total=1)
        for i in range(SEARCHED + 5)
    )
    assert len(search_orders(store, "X")) == SEARCHED + 1


def test_search_and_filters_join(store: Store) -> None:
    customer = make_customer(store)
    make_order(customer, noon(1), number="X1", status="cancelled")
    make_order(customer, noon(1), number="X2")
    rows = order_list(store, OrderFilters(search="X", status="cancelled"), found=search_orders(store, "X"))
    assert [row.number for row in rows] == ["X1"]


def test_overdue_leaves_out_what_is_not_waited_for(store: Store) -> None:
    customer = make_customer(store)
    promised = {"promised_on": date(2025, 7, 5)}
    make_order(customer, noon(1), number="waited for", **promised)
    make_order(customer, noon(1), number="longest", promised_on=date(2025, 7, 1))
    make_order(customer, noon(1), number="cancelled", status="cancelled", **promised)
    make_order(customer, noon(1), 1000, number="given back", refunded=1000, **promised)
    make_order(customer, noon(1), number="here", delivered_at=noon(9), **promised)
    make_order(customer, noon(1, 3), number="never recorded", promised_on=date(2025, 3, 5))
    assert [order.number for order in overdue_orders(store, TODAY)] == ["longest", "waited for"]


@pytest.mark.parametrize("sort", SORTS)
def test_sorts_order_the_list(store: Store, sort: str) -> None:
    customer = make_customer(store)
    made = [make_order(customer, noon(day), total) for day, total in ((3, 500), (1, 700), (2, 500))]
    reverse = sort.startswith("-")
    column = sort.lstrip("-")
    expected = sorted(
        made, key=lambda o: (o.placed_at if column == "placed" else o.total, o.pk), reverse=reverse
    )
    assert page_of(order_list(store, OrderFilters()), SORTS[sort]).rows == expected


def test_a_page_of_the_list_is_one_query_whatever_its_size(store: Store) -> None:
    for size in (1, 3):
        make_order(make_customer(store), noon(size))
        with CaptureQueriesContext(connection) as queries:
            rows = page_of(order_list(store, OrderFilters()), SORTS[NEWEST]).rows
            assert all(str(row.customer) for row in rows)
        assert len(queries) == 1


def test_an_order_comes_with_all_that_hangs_on_it_in_four_queries(store: Store) -> None:
    order = make_order(make_customer(store), noon(1))
    tea = Product.objects.create(store=store, external_id="T", title="Tea", category="Black tea")
    for position in (2, 1):
        OrderLine.objects.create(order=order, position=position, product=tea, quantity=position, unit_price=5)
    Refund.objects.create(order=order, external_id="r", amount=100)
    OrderEvent.objects.create(order=order, at=noon(2), kind="shipped")
    with CaptureQueriesContext(connection) as queries:
        detail = order_detail(store, order.pk)
        said = [(line.position, str(line.product)) for line in detail.lines]
    assert len(queries) == 4
    assert said == [(1, "Tea"), (2, "Tea")]
    assert (len(detail.refunds), len(detail.events)) == (1, 1)


def test_an_order_of_another_store_is_not_there(store: Store) -> None:
    order = make_order(make_customer(make_store()), noon(1))
    with pytest.raises(Order.DoesNotExist):
        order_detail(store, order.pk)


def test_orders_beside_are_the_newest_others_of_the_customer(store: Store) -> None:
    customer = make_customer(store)
    orders = [make_order(customer, noon(day)) for day in range(1, 9)]
    make_order(make_customer(store), noon(9))
    assert orders_beside(orders[0], size=3) == [orders[7], orders[6], orders[5]]
    assert orders_beside(make_order(None, noon(1), store=store)) == []
