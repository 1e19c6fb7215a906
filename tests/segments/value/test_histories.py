"""The histories that SQL sums up equal those that plain Python sums up, one order at a time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Store
from orders.models import Customer, Order
from segments.clv.histories import Unit
from segments.value.histories import outcome_after_cut, purchase_histories
from tests.factories.accounts import make_store
from tests.factories.orders import make_customer, make_order

pytestmark = pytest.mark.django_db

START = date(2025, 3, 1)
UNTIL, CUT = date(2025, 4, 20), date(2025, 3, 31)
Transaction = tuple[date, int]


def transactions_of(orders: list[Order], timezone: str, until: date) -> list[Transaction]:
    """A customer's days with a counted order and what each brought, in order."""
    bought = sorted(
        (order.placed_at.astimezone(ZoneInfo(timezone)).date(), order.total - order.refunded)
        for order in orders
        if order.status not in ("cancelled", "voided")
        and (order.total == 0 or (order.total > 0 and order.refunded < order.total))
    )
    days = groupby(bought, key=lambda purchase: purchase[0])
    return [(day, sum(net for _, net in purchases)) for day, purchases in days if day <= until]


def history_of(transactions: list[Transaction], until: date) -> tuple[int, int, int, float]:
    """x, t_x, T in days, m_x in pounds."""
    first, repeat = transactions[0][0], transactions[1:]
    mean = sum(net for _, net in repeat) / len(repeat) / 100 if repeat else 0.0
    return len(repeat), (transactions[-1][0] - first).days, (until - first).days, mean


order_kinds = st.tuples(
    st.integers(0, 24 * 55),  # hours since the start
    st.integers(-500, 3000),
    st.sampled_from([0, 0, 0, 400, 3000]),
    st.sampled_from(["paid", "paid", "pending", "cancelled", "voided"]),
)
shops = st.lists(st.lists(order_kinds, max_size=6), min_size=1, max_size=6)


def fill(store: Store, shop: list[list[tuple[int, int, int, str]]]) -> dict[int, list[Order]]:
    people = {}
    for orders in shop:
        customer = make_customer(store)
        people[customer.pk] = [
            make_order(
                customer,
                datetime(START.year, START.month, START.day, tzinfo=UTC) + timedelta(hours=hour),
                total,
                refunded=refunded,
                status=status,
            )
            for hour, total, refunded, status in orders
        ]
    return people


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shop=shops, timezone=st.sampled_from(["Europe/London", "Pacific/Auckland", "America/Sao_Paulo"]))
def test_histories_are_those_of_the_definitions(
    shop: list[list[tuple[int, int, int, str]]], timezone: str
) -> None:
    Order.objects.all().delete()
    Customer.objects.all().delete()
    store = make_store(timezone=timezone)
    bought = {
        customer_id: transactions
        for customer_id, orders in fill(store, shop).items()
        if (transactions := transactions_of(orders, timezone, UNTIL))
    }
    found = purchase_histories(store, until=UNTIL, cut_on=CUT)

    summary = found.summary(Unit.DAY)
    assert summary.customer.tolist() == sorted(bought)
    assert summary.first_day.tolist() == [bought[customer][0][0] for customer in sorted(bought)]
    columns = summary.histories
    rows = zip(
        columns.x.tolist(), columns.t_x.tolist(), columns.T.tolist(), columns.m_x.tolist(), strict=True
    )
    for customer, row in zip(sorted(bought), rows, strict=True):
        assert row == pytest.approx(history_of(bought[customer], UNTIL))

    then = {
        customer: past
        for customer, transactions in bought.items()
        if (past := [one for one in transactions if one[0] <= CUT])
    }
    cut, (orders, spend) = found.summary_at_cut(Unit.DAY), found.after_cut()
    assert cut.customer.tolist() == sorted(then)
    for place, customer in enumerate(sorted(then)):
        history = (
            cut.histories.x[place],
            cut.histories.t_x[place],
            cut.histories.T[place],
            cut.histories.m_x[place],
        )
        assert history == pytest.approx(history_of(then[customer], CUT))
        later = bought[customer][len(then[customer]) :]
        assert orders[place] == len(later)
        assert spend[place] == pytest.approx(sum(net for _, net in later) / 100)

    outcome = outcome_after_cut(store, found)
    repeat = sorted(day for customer in then for day, _ in bought[customer][1:])
    assert dict(zip(outcome.repeat_day.tolist(), outcome.repeat_count.tolist(), strict=True)) == {
        day: repeat.count(day) for day in set(repeat)
    }


def test_two_orders_of_a_day_are_one_transaction_of_their_sum() -> None:
    store = make_store()
    customer = make_customer(store)
    for moment, total in (("2025-03-01T09:00", 500), ("2025-03-05T10:00", 700), ("2025-03-05T18:00", 300)):
        make_order(customer, moment, total)
    histories = purchase_histories(store, until=date(2025, 3, 10)).summary(Unit.DAY).histories
    assert (histories.x.tolist(), histories.t_x.tolist(), histories.T.tolist()) == ([1], [4], [9])
    assert histories.m_x.tolist() == [10.0]


def test_a_credit_note_without_its_order_changes_no_history() -> None:
    store = make_store()
    customer = make_customer(store)
    make_order(customer, "2025-03-01T09:00", 500)
    make_order(customer, "2025-03-05T09:00", 800)
    before = purchase_histories(store, until=UNTIL).summary(Unit.DAY).histories
    make_order(customer, "2025-03-09T09:00", -800)
    after = purchase_histories(store, until=UNTIL).summary(Unit.DAY).histories
    assert np.array_equal(np.column_stack([after.x, after.t_x, after.m_x]), [[1, 4, 8.0]])
    assert np.array_equal(before.m_x, after.m_x)


def test_orders_of_nobody_and_of_another_store_are_nobody_s_history() -> None:
    store, other = make_store(), make_store()
    make_order(None, "2025-03-01T09:00", 500, store=store)
    make_order(make_customer(other), "2025-03-01T09:00", 500)
    assert len(purchase_histories(store, until=UNTIL).customer_id) == 0


def test_weeks_are_seven_days_and_yen_have_no_hundredths() -> None:
    store = make_store(currency="JPY", timezone="Asia/Tokyo")
    customer = make_customer(store)
    make_order(customer, "2025-03-01T03:00", 500)
    make_order(customer, "2025-03-15T03:00", 700)
    histories = purchase_histories(store, until=date(2025, 4, 5)).summary(Unit.WEEK).histories
    assert (histories.t_x.tolist(), histories.T.tolist(), histories.m_x.tolist()) == ([2], [5], [700])
