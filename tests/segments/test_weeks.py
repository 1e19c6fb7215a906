"""The weekly figures of Today, from roll-ups."""

from datetime import date, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import Store
from orders.rollups import refresh_rollups
from segments.models import CustomerStats
from segments.scoring import refresh_store
from segments.tally_models import arrivals
from segments.weeks import WEEKS, weeks
from tests.factories.accounts import make_store
from tests.factories.orders import make_customer, make_order
from tests.factories.segments import make_buyers

pytestmark = pytest.mark.django_db

TODAY = date(2025, 7, 1)


@pytest.fixture
def store() -> Store:
    return make_store()


def ago(days: int) -> str:
    return f"{TODAY - timedelta(days=days)}T12:00"


def test_a_week_is_the_seven_days_before_today(store: Store) -> None:
    anna, bert = make_customer(store, "anna"), make_customer(store, "bert")
    for days in (0, 1, 7, 8):
        make_order(anna, ago(days), total=1000)
    make_order(bert, ago(2), total=500, refunded=100)
    make_order(bert, ago(3), total=9000, status="cancelled")
    make_order(bert, ago(3), total=-200)
    make_order(None, ago(4), total=50, store=store)
    refresh_store(store=store, as_of=TODAY)
    refresh_rollups(store=store)
    found = weeks(store, today=TODAY)
    assert len(found) == WEEKS
    last, before = found[-1], found[-2]
    assert last.ends == TODAY - timedelta(days=1)
    assert (last.revenue, last.orders, last.identified) == (1000 + 1000 + 400 - 200 + 50, 4, 3)
    assert (before.revenue, before.orders) == (1000, 1)


def test_returning_share_leaves_out_each_customers_first_order(store: Store) -> None:
    anna = make_customer(store, "anna")
    make_order(anna, ago(9))
    make_order(anna, ago(2))
    make_order(make_customer(store, "bert"), ago(3))
    refresh_store(store=store, as_of=TODAY)
    refresh_rollups(store=store)
    *_, before, last = weeks(store, today=TODAY)
    assert (before.returning_share, last.returning_share) == (0.0, 0.5)


def test_week_without_orders_has_no_share(store: Store) -> None:
    assert {week.returning_share for week in weeks(store, today=TODAY)} == {None}


def test_regulars_are_counted_at_the_weeks_last_refresh(store: Store) -> None:
    make_buyers(store, [9, 1, 1, 1, 1], last_on=TODAY - timedelta(days=10))  # one of them is a champion
    for days in (9, 3, 0):
        refresh_store(store=store, as_of=TODAY - timedelta(days=days))
    found = weeks(store, today=TODAY)
    assert [week.regulars for week in found[-3:]] == [None, 1, 1]


def test_weeks_take_three_queries(store: Store, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for number in range(3):
        with django_assert_num_queries(3):
            weeks(store, today=TODAY)
        make_order(make_customer(store), ago(number))
        refresh_store(store=store, as_of=TODAY)
        refresh_rollups(store=store)


def test_arrivals_follow_the_statistics(store: Store) -> None:
    yesterday, tomorrow = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
    for number in range(3):
        make_order(make_customer(store), ago(number % 2))
    make_customer(store, "browser")
    refresh_store(store=store, as_of=TODAY)
    assert arrivals(store, first=yesterday, until=tomorrow) == {TODAY: 2, yesterday: 1}
    assert arrivals(store, first=TODAY, until=tomorrow) == {TODAY: 2}
    CustomerStats.objects.filter(store=store, first_on=TODAY).update(first_on=yesterday)
    assert arrivals(store, first=yesterday, until=tomorrow) == {yesterday: 3}
