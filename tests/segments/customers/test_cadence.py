"""A customer's own cadence: against its definition in plain Python, at night and between nights."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from math import ceil
from statistics import median

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Store
from orders.models import Customer
from segments.customers.cadence import Cadence, cadence, refresh_cadence
from segments.models import CustomerStats
from segments.scoring import refresh_store, rescore_customers
from segments.stats import Basis
from tests.factories.accounts import make_store
from tests.factories.orders import make_customer, make_order
from tests.factories.segments import keep_statistics

FIRST = date(2025, 1, 1)
AS_OF = date(2025, 6, 30)


@pytest.fixture
def store(db: None) -> Store:
    return make_store(timezone="Europe/London")


def defined(days: list[date]) -> tuple[float | None, date | None]:
    """Gap and due day of somebody who came on these days, by the definition."""
    visits = sorted(set(days))
    gaps = [(after - before).days for before, after in pairwise(visits)]
    if len(gaps) < 2:
        return None, None
    return median(gaps), visits[-1] + timedelta(days=ceil(median(gaps)))


def kept(customer: Customer) -> tuple[float | None, date | None]:
    stats = CustomerStats.objects.get(customer=customer)
    return stats.gap_days, stats.due_on


@given(offsets=st.lists(st.integers(0, 180), max_size=9), more=st.lists(st.integers(0, 180), max_size=2))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_cadence_is_by_definition_every_night_and_lasts_through_the_day(
    store: Store, offsets: list[int], more: list[int]
) -> None:
    customer = make_customer(store)
    basis = Basis(as_of=AS_OF, window_months=None, timezone=store.timezone)
    days = [FIRST + timedelta(days=offset) for offset in offsets]
    for day in days:
        make_order(customer, f"{day}T12:00")
    keep_statistics(store, basis, rebuild=True)
    refresh_cadence(store=store, as_of=AS_OF)
    assert kept(customer) == defined(days)
    later = [FIRST + timedelta(days=offset) for offset in more]
    for day in later:
        make_order(customer, f"{day}T12:00")
    keep_statistics(store, basis, previous=basis)
    assert kept(customer)[0] == defined(days)[0]  # until the night
    refresh_cadence(store=store, as_of=AS_OF)
    assert kept(customer) == defined(days + later)
    assert refresh_cadence(store=store, as_of=AS_OF) == 0
    keep_statistics(store, basis, rebuild=True)
    assert kept(customer) == defined(days + later)


def test_orders_of_one_day_are_one_visit(store: Store) -> None:
    customer = make_customer(store)
    for moment in ("2025-01-01T09:00", "2025-01-01T10:00", "2025-01-11T09:00"):
        make_order(customer, moment)
    refresh_store(store=store, as_of=AS_OF)
    refresh_cadence(store=store, as_of=AS_OF)
    assert kept(customer) == (None, None)


def test_day_is_the_stores_own(store: Store) -> None:
    """Half past eleven at night in UTC is the next day in a London summer."""
    customer = make_customer(store)
    for moment in ("2025-06-01T12:00", "2025-06-11T12:00", "2025-06-20T23:30+00:00"):
        make_order(customer, moment)
    refresh_store(store=store, as_of=AS_OF)
    refresh_cadence(store=store, as_of=AS_OF)
    assert kept(customer) == (10.0, date(2025, 7, 1))


def test_cancelled_orders_are_no_visits_and_the_window_doesnt_matter(store: Store) -> None:
    customer = make_customer(store)
    for moment in ("2021-01-01T12:00", "2021-01-11T12:00", "2021-01-31T12:00"):
        make_order(customer, moment)
    make_order(customer, "2025-06-01T12:00", status="cancelled")
    basis = Basis(as_of=AS_OF, window_months=6, timezone=store.timezone)
    keep_statistics(store, basis)
    refresh_cadence(store=store, as_of=AS_OF)
    assert kept(customer) == (15.0, date(2021, 2, 15))


def test_nobody_is_due_by_orders_that_are_counted_no_longer(store: Store) -> None:
    customer = make_customer(store)
    orders = [make_order(customer, f"{FIRST + timedelta(days=10 * number)}T12:00") for number in range(3)]
    refresh_store(store=store, as_of=AS_OF)
    refresh_cadence(store=store, as_of=AS_OF)
    assert kept(customer) == (10, FIRST + timedelta(days=30))
    orders[-1].delete()
    rescore_customers(store=store, customer_ids=[customer.pk])
    assert CustomerStats.objects.get(customer=customer).due_on is None


def test_cadence_waits_for_statistics_that_know_the_orders(store: Store) -> None:
    customer = make_customer(store)
    make_order(customer, f"{FIRST}T12:00")
    refresh_store(store=store, as_of=AS_OF)
    for number in (1, 2):
        make_order(customer, f"{FIRST + timedelta(days=10 * number)}T12:00")
    refresh_cadence(store=store, as_of=AS_OF)
    assert kept(customer) == (None, None)
    rescore_customers(store=store, customer_ids=[customer.pk])
    refresh_cadence(store=store, as_of=AS_OF)
    assert kept(customer) == (10, FIRST + timedelta(days=30))


def test_order_just_placed_ends_being_overdue(store: Store) -> None:
    customer = make_customer(store)
    for moment in ("2025-01-01T12:00", "2025-01-11T12:00", "2025-01-21T12:00"):
        make_order(customer, moment)
    refresh_store(store=store, as_of=AS_OF)
    refresh_cadence(store=store, as_of=AS_OF)
    assert kept(customer) == (10.0, date(2025, 1, 31))
    make_order(customer, "2025-01-31T12:00")
    rescore_customers(store=store, customer_ids=[customer.pk])
    assert kept(customer) == (10.0, date(2025, 2, 10))


@pytest.mark.parametrize(
    ("due_on", "gaps", "text"),
    [
        (date(2025, 7, 1), 0.0, "next due"),
        (AS_OF, 0.0, "next due"),
        (date(2025, 6, 20), 1.0, "1 gap overdue, since"),
        (date(2025, 6, 5), 2.5, "2.5 gaps overdue, since"),
    ],
)
def test_overdue_is_counted_in_the_customers_own_gaps(due_on: date, gaps: float, text: str) -> None:
    found = Cadence(10.0, due_on, AS_OF)
    assert found.gaps_overdue == gaps
    assert found.due_text.startswith(text)


def test_nobody_without_a_gap_has_a_cadence() -> None:
    assert cadence(None, None, AS_OF) is None
