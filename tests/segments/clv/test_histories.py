"""Transactions turned into histories, against the published summary, CDNOW's reference and plain Python."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segments.clv.histories import Histories, Transactions, Unit, summarise

PUBLISHED_ROWS = [
    (1, "2015-01-01", 1), (1, "2015-02-06", 2), (2, "2015-01-01", 2), (3, "2015-01-01", 3),
    (3, "2015-01-02", 1), (3, "2015-01-05", 5), (4, "2015-01-16", 6), (4, "2015-02-02", 3),
    (4, "2015-02-05", 3), (4, "2015-02-05", 6), (5, "2015-01-16", 3), (5, "2015-01-17", 1),
    (5, "2015-01-18", 8), (6, "2015-02-02", 5),
]  # fmt: skip
PUBLISHED_SUMMARY = [
    (1, 1, 36, 37, 2), (2, 0, 0, 37, 0), (3, 2, 4, 37, 3), (4, 2, 20, 22, 6), (5, 2, 2, 22, 4.5), (6, 0, 0, 5, 0),
]  # fmt: skip

START = date(2020, 1, 1)
ROWS = st.lists(
    st.tuples(st.integers(1, 6), st.integers(0, 40), st.integers(0, 500)), min_size=1, max_size=60
)


def transactions(rows: list[tuple[int, str, float]]) -> Transactions:
    customer, day, amount = zip(*rows, strict=True)
    return Transactions.merged(customer=customer, day=day, amount=amount)


def test_summary_equals_the_published_one() -> None:
    summary = summarise(transactions(PUBLISHED_ROWS), until=date(2015, 2, 7), unit=Unit.DAY)
    found = summary.histories
    rows = zip(summary.customer, found.x, found.t_x, found.T, found.m_x, strict=True)
    assert [tuple(row) for row in rows] == PUBLISHED_SUMMARY


def test_summary_equals_cdnow_reference(cdnow_summary, cdnow_reference) -> None:
    found = cdnow_summary.histories
    assert cdnow_summary.customer.tolist() == [int(row["id"]) for row in cdnow_reference]
    for name, column in {"x": found.x, "tx": found.t_x, "T": found.T, "m": found.m_x}.items():
        np.testing.assert_allclose(
            column, [float(row[name]) for row in cdnow_reference], rtol=1e-12, err_msg=name
        )
    assert (found.customers, found.repeat_buyers) == (2357, 946)


def test_a_week_is_seven_days() -> None:
    days = summarise(transactions(PUBLISHED_ROWS), until=date(2015, 2, 7), unit=Unit.DAY).histories
    weeks = summarise(transactions(PUBLISHED_ROWS), until=date(2015, 2, 7), unit=Unit.WEEK).histories
    np.testing.assert_allclose(weeks.t_x * 7, days.t_x)
    np.testing.assert_allclose(weeks.T * 7, days.T)
    assert weeks.m_x.tolist() == days.m_x.tolist()


def test_customers_of_later_days_are_left_out_and_those_of_the_last_day_have_no_age() -> None:
    summary = summarise(transactions(PUBLISHED_ROWS), until=date(2015, 1, 16), unit=Unit.DAY)
    assert summary.customer.tolist() == [1, 2, 3, 4, 5]
    assert summary.histories.T.tolist() == [15, 15, 15, 0, 0]


def test_a_customer_whose_only_order_was_free_counts() -> None:
    summary = summarise(transactions([(7, "2020-01-01", 0)]), until=date(2020, 1, 3), unit=Unit.DAY)
    assert (summary.histories.customers, summary.histories.T.tolist()) == (1, [2.0])


def test_nobody_bought_yet_makes_no_history() -> None:
    summary = summarise(transactions(PUBLISHED_ROWS), until=date(2014, 12, 31), unit=Unit.DAY)
    assert (len(summary.customer), summary.histories.customers) == (0, 0)


@given(rows=ROWS, order=st.randoms())
def test_summary_equals_plain_python_whatever_the_order_of_rows(rows, order) -> None:
    end = 30
    expected = {}
    for customer in sorted({row[0] for row in rows}):
        days: dict[int, int] = {}
        for _, day, amount in (row for row in rows if row[0] == customer and row[1] <= end):
            days[day] = days.get(day, 0) + amount
        if days:
            first, *repeat = sorted(days)
            mean = sum(days[day] for day in repeat) / len(repeat) if repeat else 0
            expected[customer] = (len(repeat), max(days) - first, end - first, pytest.approx(mean))
    order.shuffle(rows)
    dated = [(customer, (START + timedelta(day)).isoformat(), amount) for customer, day, amount in rows]
    summary = summarise(transactions(dated), until=START + timedelta(end), unit=Unit.DAY)
    found = summary.histories
    columns = zip(found.x, found.t_x, found.T, found.m_x, strict=True)
    assert dict(zip(summary.customer.tolist(), columns, strict=True)) == expected


@given(times=st.lists(st.sampled_from([(0, 0, 9), (1, 2, 9), (1, 3, 9), (4, 9, 9), (0, 0, 0)]), max_size=30))
def test_merging_equal_histories_keeps_every_customer(times) -> None:
    x, t_x, end = zip(*times, strict=True) if times else ((), (), ())
    merged = Histories.of(x=x, t_x=t_x, T=end).by_timing()
    found = dict(zip(zip(merged.x, merged.t_x, merged.T, strict=True), merged.count, strict=True))
    assert found == {time: times.count(time) for time in times}


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"x": [1], "t_x": [3], "T": [2]}, "between 0 and T"),
        ({"x": [0], "t_x": [1], "T": [2]}, "one-time buyers"),
        ({"x": [2], "t_x": [0], "T": [2]}, "one-time buyers"),
        ({"x": [1.5], "t_x": [1], "T": [2]}, "whole number"),
        ({"x": [-1], "t_x": [1], "T": [2]}, "whole number"),
        ({"x": [1], "t_x": [1], "T": [np.inf]}, "finite"),
        ({"x": [1, 1], "t_x": [1], "T": [2]}, "one length"),
        ({"x": [1], "t_x": [1], "T": [2], "count": [0]}, "positive"),
    ],
)
def test_histories_that_nobody_can_have_are_refused(columns, sentence) -> None:
    with pytest.raises(ValueError, match=sentence):
        Histories.of(**columns)


@pytest.mark.parametrize(
    ("day", "amount", "sentence"),
    [
        (["NaT"], [1], "needs a day"),
        (["2020-01-01"], [float("nan")], "finite amount"),
        ([], [1], "one length"),
    ],
)
def test_transactions_without_a_day_or_an_amount_are_refused(day, amount, sentence) -> None:
    with pytest.raises(ValueError, match=sentence):
        Transactions.merged(customer=[1], day=day, amount=amount)
