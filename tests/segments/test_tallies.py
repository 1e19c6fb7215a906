"""Tallies of figures and standings: counted by the database as statistics are written, whoever writes them."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.models import Store
from segments.models import CustomerStats, FigureTally, FreshFigures, Segment, StandingTally
from segments.rules import score
from segments.schemes.versions import current_scheme
from segments.scoring import find_cut_points, refresh_store
from segments.stats import recount_tallies
from tests.factories.accounts import make_store
from tests.factories.orders import make_customer
from tests.factories.segments import defined_score, make_buyers

pytestmark = pytest.mark.django_db

AS_OF = date(2025, 6, 30)
DAY, ORDERS, MONEY, ARRIVAL = FigureTally.Figure


@pytest.fixture
def store() -> Store:
    return make_store()


def leading_digits(amount: int) -> int:
    """The amount with all but its first two decimal digits made 0."""
    digits = str(abs(amount))
    kept = int(digits[:2] + "0" * (len(digits) - 2))
    return kept if amount >= 0 else -kept


def tallied(store: Store) -> Counter[tuple[int, int]]:
    rows = FigureTally.objects.filter(store=store, customers__gt=0)
    return Counter(
        {(figure, value): many for figure, value, many in rows.values_list("figure", "value", "customers")}
    )


def counted(store: Store) -> Counter[tuple[int, int]]:
    """The same counts, made row by row."""
    found: Counter[tuple[int, int]] = Counter()
    for row in CustomerStats.objects.filter(store=store):
        if row.first_on:
            found[ARRIVAL, row.first_on.toordinal()] += 1
        if row.last_on:
            found[DAY, row.last_on.toordinal()] += 1
            found[ORDERS, row.frequency] += 1
            found[MONEY, leading_digits(row.monetary)] += 1
    return found


def standings(store: Store) -> dict[tuple[Any, ...], tuple[int, ...]]:
    rows = StandingTally.objects.filter(store=store).exclude(customers=0)
    return {
        (row.segment_id, row.r, row.f): (row.customers, row.orders, row.revenue, row.last_days)
        for row in rows
    }


def counted_standings(store: Store) -> dict[tuple[Any, ...], tuple[int, ...]]:
    found: dict[tuple[Any, ...], tuple[int, ...]] = {}
    for row in CustomerStats.objects.filter(store=store):
        key = (row.segment_id, row.r, row.f)
        last = row.last_on.toordinal() if row.last_on else 0
        before = found.get(key, (0, 0, 0, 0))
        found[key] = (before[0] + 1, before[1] + row.frequency, before[2] + row.monetary, before[3] + last)
    return found


def test_refreshed_store_is_counted(store: Store) -> None:
    make_buyers(store, [9, 5, 3, 1, 1], last_on=AS_OF)
    make_customer(store, "browser")
    refresh_store(store=store, as_of=AS_OF)
    assert tallied(store) == counted(store)
    assert standings(store) == counted_standings(store)


_figures = st.tuples(
    st.integers(0, 3),
    st.one_of(st.integers(-2_000, 2_000), st.integers(-(10**12), 10**12)),
    st.integers(0, 20),
    st.integers(0, 2),
)
_writes = st.lists(
    st.one_of(
        st.tuples(st.just("insert"), st.lists(_figures, min_size=1, max_size=4)),
        st.tuples(st.just("update"), st.integers(0, 20), _figures),
        st.tuples(st.just("update all"), st.integers(0, 2)),
        st.tuples(st.just("upsert"), st.integers(0, 20), _figures),
        st.tuples(st.just("delete"), st.integers(0, 20)),
    ),
    max_size=8,
)


def stats_of(store: Store, figures: tuple[int, int, int, int], segments: list[Segment]) -> CustomerStats:
    frequency, monetary, days, place = figures
    last_on = AS_OF - timedelta(days=days) if frequency else None
    return CustomerStats(
        store=store,
        frequency=frequency,
        monetary=monetary,
        last_on=last_on,
        first_on=last_on,
        r=place if frequency else 0,
        f=1 if frequency else 0,
        segment=segments[place] if frequency else None,
    )


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(writes=_writes)
def test_whatever_is_written_is_counted_and_a_recount_finds_nothing(db: None, writes: list[Any]) -> None:
    store, other = make_store(), make_store()
    segments = list(Segment.objects.filter(pk__in=current_scheme(store).segment_ids()).order_by("pk")[:3])
    stranger = stats_of(other, (1, 500, 0, 0), segments)
    stranger.customer = make_customer(other)
    stranger.save()
    written = ["first_on", "last_on", "frequency", "monetary", "r", "f", "segment"]
    for kind, *values in writes:
        rows = list(CustomerStats.objects.filter(store=store).order_by("pk"))
        if kind == "insert":
            fresh = [stats_of(store, figures, segments) for figures in values[0]]
            for one in fresh:
                one.customer = make_customer(store)
            CustomerStats.objects.bulk_create(fresh)
        elif kind == "update all":
            CustomerStats.objects.filter(store=store, frequency__gt=0).update(r=values[0])
        elif rows:
            chosen = rows[values[0] % len(rows)]
            if kind == "delete":
                CustomerStats.objects.filter(pk=chosen.pk).delete()
            else:
                changed = stats_of(store, values[1], segments)
                changed.customer_id = chosen.customer_id
                CustomerStats.objects.bulk_create(
                    [changed], update_conflicts=True, unique_fields=["customer"], update_fields=written
                )
    assert tallied(store) == counted(store)
    assert standings(store) == counted_standings(store)
    assert recount_tallies(store) == 0
    assert tallied(other) == counted(other)


def test_recount_mends_counts_that_are_wrong(store: Store) -> None:
    make_buyers(store, [4, 2, 1], last_on=AS_OF)
    refresh_store(store=store, as_of=AS_OF)
    kept, stood = tallied(store), standings(store)
    FigureTally.objects.filter(store=store, figure=ORDERS, value=4).update(customers=7)
    FigureTally.objects.filter(store=store, figure=MONEY).delete()
    FigureTally.objects.create(store=store, figure=ORDERS, value=99, customers=1)
    StandingTally.objects.filter(store=store).update(revenue=0)
    assert recount_tallies(store) > 0
    assert (tallied(store), standings(store)) == (kept, stood)


def test_rebuild_trusts_no_count(store: Store) -> None:
    make_buyers(store, [4, 2, 1], last_on=AS_OF)
    first = refresh_store(store=store, as_of=AS_OF)
    FigureTally.objects.filter(store=store).update(customers=5)
    rebuilt = refresh_store(store=store, as_of=AS_OF, rebuild=True)
    assert (rebuilt.cut_points, rebuilt.customers) == (first.cut_points, first.customers)


_people = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.one_of(
            st.integers(-300, 300),
            st.integers(-(10**9), 10**9),
            st.sampled_from([999, 1000, 1009, 1010, 99_999]),
        ),
        st.integers(0, 30),
    ),
    min_size=1,
    max_size=30,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kept=_people, fresh=_people, replaced=st.integers(0, 30))
@example(kept=[(1, 1000, 0)], fresh=[(1, -1000, 0)], replaced=0)
def test_cut_points_are_those_of_everybodys_figures_kept_and_fresh(
    db: None, kept: list[tuple[int, int, int]], fresh: list[tuple[int, int, int]], replaced: int
) -> None:
    """The first `replaced` of those kept have fresh figures; cut points must score all by the definition."""
    store = make_store()
    scheme = current_scheme(store)
    for figures in kept:
        _write(CustomerStats, store, make_customer(store).pk, *figures)
    ids = list(
        CustomerStats.objects.filter(store=store).order_by("pk").values_list("pk", flat=True)[:replaced]
    )
    ids += [make_customer(store).pk for _ in range(len(fresh) - len(ids))]
    for customer_id, figures in zip(ids, fresh, strict=False):
        _write(FreshFigures, store, customer_id, *figures)
    waiting = set(FreshFigures.objects.values_list("customer_id", flat=True))
    rows = [
        *CustomerStats.objects.filter(store=store, frequency__gt=0).exclude(pk__in=waiting),
        *FreshFigures.objects.filter(store=store, frequency__gt=0),
    ]
    cuts, customers = find_cut_points(store, scheme, AS_OF)
    assert customers == len(rows)
    recencies = [(AS_OF - row.last_on).days for row in rows if row.last_on]
    frequencies, amounts = [row.frequency for row in rows], [row.monetary for row in rows]
    for recency, frequency, amount in zip(recencies, frequencies, amounts, strict=True):
        scored = score(recency=recency, frequency=frequency, monetary=amount, cuts=cuts)
        assert (scored.r, scored.f, scored.m) == (
            defined_score(recency, recencies, 5, less_is_better=True),
            defined_score(frequency, frequencies, 5),
            defined_score(amount, amounts, 5),
        )


def _write(
    model: type[CustomerStats] | type[FreshFigures],
    store: Store,
    customer_id: int,
    frequency: int,
    monetary: int,
    days: int,
) -> None:
    last_on = AS_OF - timedelta(days=days) if frequency else None
    model.objects.create(
        store=store, customer_id=customer_id, frequency=frequency, monetary=monetary, last_on=last_on
    )


def test_tallies_of_a_deleted_store_are_gone(store: Store) -> None:
    make_buyers(store, [2, 1], last_on=AS_OF)
    refresh_store(store=store, as_of=AS_OF)
    with connection.cursor() as cursor:
        cursor.execute("delete from segments_customerstats where store_id = %s", [store.pk])
    assert not tallied(store)
    empty = make_store()
    FigureTally.objects.create(store=empty, figure=ORDERS, value=1, customers=1)
    empty.delete()
    assert not FigureTally.objects.filter(customers=1, figure=ORDERS, value=1).exclude(store=store).exists()


@pytest.mark.django_db(transaction=True)
def test_statistics_forgotten_at_once_leave_no_tallies() -> None:
    store = make_store()
    make_buyers(store, [2, 1], last_on=AS_OF)
    refresh_store(store=store, as_of=AS_OF)
    with connection.cursor() as cursor:
        cursor.execute("truncate segments_customerstats")
    assert not FigureTally.objects.exists()
    assert not StandingTally.objects.exists()
