"""The retention tables: of a few orders written by hand, of any orders, and made twice."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from itertools import pairwise
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.models import Store
from orders.models import Customer, OrderLine, Product
from segments.models import (
    CohortMonth,
    ConcentrationStep,
    DeliveryReturn,
    GapSummary,
    LapseMonth,
    OrderGap,
    RetentionState,
    SecondOrderDay,
    SecondOrderWindow,
)
from segments.retention.tables import refresh_retention
from segments.scoring import refresh_store
from tests.factories.accounts import make_store
from tests.factories.orders import make_customer, make_order
from tests.segments.value.value_shop import Purchase, record_purchases

AS_OF = date(2025, 6, 15)
JAN, FEB, MAR, MAY = (date(2025, month, 1) for month in (1, 2, 3, 5))


def cohorts(store: Store, facet: str = "all") -> dict[tuple[str | None, date, int], tuple[int, int, int]]:
    rows = CohortMonth.objects.filter(store=store, facet=facet)
    return {(row.value, row.cohort, row.age): (row.customers, row.orders, row.net) for row in rows}


def windows(store: Store) -> dict[tuple[date, int], tuple[int, int]]:
    rows = SecondOrderWindow.objects.filter(store=store)
    return {(row.cohort, row.days): (row.elapsed, row.returned) for row in rows}


def refreshed(store: Store, as_of: date = AS_OF) -> RetentionState:
    refresh_store(store=store, as_of=as_of)
    return refresh_retention(store=store, as_of=as_of)


@pytest.fixture
def shop(db: None) -> Store:
    """Four people in London's time, which is an hour ahead of the orders' own in summer."""
    store = make_store()
    ann, bob, cat, eve = (make_customer(store, name) for name in ("ann", "bob", "cat", "eve"))
    cat.first_seen_as_guest = True
    cat.save()
    mug = Product.objects.create(store=store, external_id="mug", category="Mugs")
    first = make_order(ann, "2025-01-10T10:00", 1000, channel="web")
    OrderLine.objects.create(order=first, position=1, product=mug, quantity=1, unit_price=10)
    make_order(ann, "2025-01-20T10:00", 2000, channel="shop")  # 10 days after
    make_order(ann, "2025-03-01T10:00", 500)
    make_order(bob, "2025-01-31T10:00", 700, channel="shop")
    make_order(bob, "2025-02-05T10:00", 900, status="cancelled")  # neither returns nor revenue
    make_order(bob, "2025-05-11T10:00", 300)  # 100 days after
    make_order(cat, "2025-02-03T10:00", 100)
    make_order(cat, "2025-01-20T10:00", -400)  # a credit note before the first order
    make_order(eve, "2025-04-30T23:30", 50, channel="web")  # 1 May in London
    make_order(eve, "2025-06-16T10:00", 60)  # after the day looked at
    make_order(None, "2025-01-05T10:00", 9999, store=store)  # nobody known
    return store


def test_cohorts_count_customers_orders_and_net_by_the_store_s_months(shop: Store) -> None:
    refreshed(shop)
    assert cohorts(shop) == {
        ("", JAN, 0): (2, 3, 3700),
        ("", JAN, 2): (1, 1, 500),
        ("", JAN, 4): (1, 1, 300),
        ("", FEB, 0): (1, 1, -300),
        ("", MAY, 0): (1, 1, 50),
    }


def test_facets_part_customers_by_their_first_order(shop: Store) -> None:
    refreshed(shop)
    assert cohorts(shop, "channel") == {
        ("web", JAN, 0): (1, 2, 3000),
        ("web", JAN, 2): (1, 1, 500),
        ("shop", JAN, 0): (1, 1, 700),
        ("shop", JAN, 4): (1, 1, 300),
        ("", FEB, 0): (1, 1, -300),
        ("web", MAY, 0): (1, 1, 50),
    }
    assert {key: row[0] for key, row in cohorts(shop, "category").items() if key[2] == 0} == {
        ("Mugs", JAN, 0): 1,
        ("", JAN, 0): 1,
        ("", FEB, 0): 1,
        ("", MAY, 0): 1,
    }
    assert {key[0] for key in cohorts(shop, "buyer") if key[1] == FEB} == {"guest"}
    assert {key[0] for key in cohorts(shop, "buyer") if key[1] != FEB} == {"registered"}


def test_rare_values_of_a_facet_are_gathered(db: None) -> None:
    store = make_store()
    for number in range(10):
        for place in range(number + 1):
            make_order(make_customer(store), "2025-01-10", channel=f"channel {number}", total=100 + place)
    refreshed(store)
    found = {value: row[0] for (value, _, _), row in cohorts(store, "channel").items()}
    assert found == {f"channel {number}": number + 1 for number in range(2, 10)} | {None: 3}


def test_a_window_counts_once_it_is_over(shop: Store) -> None:
    refreshed(shop)
    assert windows(shop) == {
        (JAN, 30): (2, 1),
        (JAN, 60): (2, 1),
        (JAN, 90): (2, 1),
        (FEB, 30): (1, 0),
        (FEB, 60): (1, 0),
        (FEB, 90): (1, 0),
        (MAY, 30): (1, 0),
    }
    refresh_retention(store=shop, as_of=date(2025, 7, 9))  # Ann's 180th day, which isn't over
    assert (JAN, 180) not in windows(shop)
    refresh_retention(store=shop, as_of=date(2025, 7, 10))
    assert windows(shop)[JAN, 180] == (1, 1)
    days = SecondOrderDay.objects.filter(store=shop).values_list("cohort", "days", "customers")
    assert set(days) == {(JAN, 10, 1), (JAN, 100, 1), (MAY, 46, 1)}


def test_concentration_takes_those_in_the_red_as_bringing_nothing(shop: Store) -> None:
    state = refreshed(shop)
    steps = {row.percent: row for row in ConcentrationStep.objects.filter(store=shop)}
    assert (state.customers, state.in_the_red, state.loss) == (4, 1, -300)
    assert (steps[25].customers, steps[25].net, steps[25].least) == (1, 3500, 3500)
    assert (steps[26].customers, steps[26].net, steps[26].least) == (2, 4500, 1000)
    assert (steps[100].customers, steps[100].net, steps[100].least) == (4, 4550, 0)


def test_made_twice_the_tables_are_the_same_and_other_stores_keep_theirs(shop: Store) -> None:
    other = make_store()
    make_order(make_customer(other), "2025-01-10")
    refreshed(other)
    refreshed(shop)
    before, kept = (cohorts(shop), windows(shop)), cohorts(other)
    refresh_retention(store=shop, as_of=AS_OF)
    assert (cohorts(shop), windows(shop)) == before
    assert cohorts(other) == kept != {}


def test_a_store_without_orders_has_empty_tables(db: None) -> None:
    state = refreshed(make_store())
    assert (state.customers, state.in_the_red, state.loss) == (0, 0, 0)


def test_the_running_site_may_make_them(shop: Store, app_role: None) -> None:
    refreshed(shop)
    assert len(cohorts(shop)) == 5


purchases = st.lists(
    st.tuples(
        st.sampled_from("abcdef"),
        st.integers(0, 500).map(lambda days: date(2024, 1, 1) + timedelta(days)),
        st.integers(0, 10_000),
    ),
    min_size=1,
    max_size=25,
)


class AnyOrders(TestCase):
    @settings(max_examples=30, deadline=None)
    @given(purchases)
    def test_cohorts_sum_to_the_whole_and_concentration_is_a_curve(self, rows: list[Purchase]) -> None:
        store = make_store()
        record_purchases(store, rows)
        refreshed(store, date(2025, 6, 1))
        first: dict[str, date] = {}
        for who, day, _ in rows:
            first[who] = min(day, first.get(who, day))
        sizes: dict[date, int] = defaultdict(int)
        for day in first.values():
            sizes[day.replace(day=1)] += 1
        for facet in CohortMonth.Facet.values:
            found = cohorts(store, facet)
            by_cohort: dict[date, int] = defaultdict(int)
            for (_, cohort, age), row in found.items():
                by_cohort[cohort] += row[0] if age == 0 else 0
            assert by_cohort == sizes
            assert sum(row[1] for row in found.values()) == len(rows)
            assert sum(row[2] for row in found.values()) == sum(amount for _, _, amount in rows)
        self._lapsed_now_are_the_silent(store, rows)
        steps = list(ConcentrationStep.objects.filter(store=store).order_by("percent"))
        assert [step.percent for step in steps] == list(range(1, 101))
        assert (steps[-1].customers, steps[-1].net) == (len(first), sum(amount for _, _, amount in rows))
        places = {0: 0} | {step.customers: step.net for step in steps}
        gains = [places[place] - places[place - 1] for place in range(1, len(first) + 1)]
        assert gains == sorted(gains, reverse=True)
        assert min(gains) >= 0

    def _lapsed_now_are_the_silent(self, store: Store, rows: list[Purchase]) -> None:
        """Everybody who lapsed and wasn't won back is silent for longer than their limit today."""
        days = {who: sorted(day for name, day, _ in rows if name == who) for who, _, _ in rows}
        own = {who: sorted((b - a).days for a, b in pairwise(dates)) for who, dates in days.items()}
        every = sorted(gap for kept in own.values() for gap in kept)
        if not every:
            assert lapses(store) == {}
            return
        median, long = (every[ceil(len(every) * tenths / 10) - 1] for tenths in (5, 9))
        silent = 0
        for who, dates in days.items():
            limit = max(2 * own[who][ceil(len(own[who]) / 2) - 1], median) if own[who] else long
            silent += (date(2025, 6, 1) - dates[-1]).days > limit
        assert sum(lapsed - won_back for lapsed, won_back in lapses(store).values()) == silent


def gaps(store: Store) -> dict[tuple[int, int], int]:
    return {(row.number, row.days): row.gaps for row in OrderGap.objects.filter(store=store)}


def lapses(store: Store) -> dict[date, tuple[int, int]]:
    return {row.month: (row.lapsed, row.won_back) for row in LapseMonth.objects.filter(store=store)}


def test_gaps_are_days_between_the_orders_that_count(shop: Store) -> None:
    state = refreshed(shop)
    assert gaps(shop) == {(1, 10): 1, (2, 40): 1, (1, 100): 1}
    summaries = GapSummary.objects.filter(store=shop).order_by("number")
    assert list(summaries.values_list("number", "gaps", "median", "long")) == [
        (0, 3, 40, 100),
        (1, 2, 10, 100),
        (2, 1, 40, 40),
    ]
    assert (state.median_gap, state.long_gap) == (40, 100)


def test_a_customer_lapses_past_their_limit_and_is_won_back_by_an_order(shop: Store) -> None:
    """The store's median gap is 40 days, its 90th percentile 100. Ann's own median is 10, so her limit is 40:
    silent since 1 March she lapses on 11 April. Bob's is 200 days, which he keeps. Cat and Eve ordered once:
    Cat's 100 days end with 14 May.
    """
    refreshed(shop)
    assert lapses(shop) == {date(2025, 4, 1): (1, 0), MAY: (1, 0)}
    ann = Customer.objects.get(store=shop, external_id="ann")
    make_order(ann, "2025-06-01T10:00", 500)  # 92 days after; her median is 40 now, her limit 80
    refreshed(shop)
    # on 21 May, and back on 1 June
    assert lapses(shop) == {MAY: (2, 0), date(2025, 6, 1): (0, 1)}


def test_a_store_where_nobody_came_back_has_no_lapses(db: None) -> None:
    store = make_store()
    make_order(make_customer(store), "2020-01-10")
    state = refreshed(store)
    assert (state.median_gap, state.long_gap, lapses(store)) == (None, None, {})


def test_delivery_outcomes_count_orders_within_90_days_after_it(db: None) -> None:
    store = make_store()
    promised = {"promised_on": date(2025, 1, 10)}
    told = [  # delivered, the next order, and what is expected of them
        ("2025-01-10T12:00", "2025-04-10T12:00"),  # kept, and the 90th day
        ("2025-01-09T12:00", "2025-04-10T12:00"),  # kept, and the 91st
        ("2025-01-13T12:00", "2025-01-12T12:00"),  # three days late, ordered before it came
        ("2025-01-14T12:00", "2025-01-15T12:00"),  # four days late
        ("2025-04-20T12:00", "2025-04-25T12:00"),  # its 90 days aren't over
    ]
    for delivered, again in told:
        customer = make_customer(store)
        make_order(customer, "2025-01-05T10:00", delivered_at=f"{delivered}+00:00", **promised)
        make_order(customer, again)
    refreshed(store, date(2025, 7, 1))
    rows = DeliveryReturn.objects.filter(store=store)
    assert {row.outcome: (row.customers, row.returned) for row in rows} == {
        "kept": (2, 1),
        "late": (1, 0),
        "very_late": (1, 1),
    }
