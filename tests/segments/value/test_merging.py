"""The segment and the last order that a value has for its lists: those of its customer's statistics, whatever happens."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Store
from lib import sql
from orders.models import Customer, Order
from segments.models import CustomerStats, CustomerValue
from segments.schemes.versions import set_preset
from segments.scoring import refresh_store, rescore_customers
from tests.factories.accounts import make_store
from tests.factories.orders import make_order
from tests.factories.segments import make_buyers

AS_OF = date(2025, 6, 30)
FREQUENCIES = [1, 1, 1, 2, 2, 3, 4, 5, 7, 9]

_who = st.integers(0, len(FREQUENCIES) - 1)
_days = st.integers(-10, 40)
_events = st.lists(
    st.one_of(
        st.tuples(st.just("order"), _who, st.sampled_from([-3000, 0, 500, 900_000]), _days),
        st.tuples(st.just("cancel"), _who),
        st.tuples(st.just("hand over"), _who, _who),
        st.tuples(st.just("leave"), _who),
        st.tuples(st.just("score at once"), st.sets(_who, min_size=1, max_size=3)),
        st.tuples(st.just("refresh"), _days, st.booleans()),
        st.tuples(st.just("fit"), st.sets(_who)),
        st.tuples(st.just("scheme"), st.sampled_from(["thirds", "eleven"])),
    ),
    max_size=10,
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=_events)
def test_values_stand_beside_the_statistics_whatever_happens(db: None, events: list[Any]) -> None:
    store = make_store()
    people = make_buyers(store, FREQUENCIES, last_on=AS_OF)
    write_values(store, people)
    for event in [("refresh", 0, False), *events, ("refresh", 1, False)]:
        happen(store, people, *event)
        standing = CustomerStats.objects.filter(store=store).values_list("pk", "segment_id", "last_on")
        kept = CustomerValue.objects.filter(store=store).values_list("pk", "segment_id", "last_on")
        assert set(kept) <= set(standing)


def happen(store: Store, people: list[int], what: str, *how: Any) -> None:
    """One of the events that change statistics, values or what they follow from; people are named by place."""
    orders = Order.objects.filter(store=store)
    match what, how:
        case "order", (who, total, days):
            if customer := Customer.objects.filter(pk=people[who]).first():
                make_order(customer, f"{AS_OF + timedelta(days=days)}T12:00", total)
        case "cancel", (who,):
            orders.filter(customer=people[who]).update(status="cancelled")
        case "hand over", (who, to):
            if Customer.objects.filter(pk=people[to]).exists():
                orders.filter(customer=people[who]).update(customer=people[to])
        case "leave", (who,):
            orders.filter(customer=people[who]).delete()
            Customer.objects.filter(pk=people[who]).delete()
        case "score at once", (some,):
            rescore_customers(store=store, customer_ids=[people[who] for who in some])
        case "refresh", (days, rebuild):
            refresh_store(store=store, as_of=AS_OF + timedelta(days=days), rebuild=rebuild)
        case "fit", (some,):
            write_values(store, [people[who] for who in some])
        case "scheme", (preset,):
            set_preset(store=store, preset=preset)


def write_values(store: Store, people: list[int]) -> None:
    """As a fit that knows these people: by the statement that takes over what it found."""
    sql.execute("segments", "value_staging")
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into value_staging select id, 1.5, 0.5, 1000, 1500 from unnest(%s::bigint[]) as id",
            [people],
        )
    sql.one("segments", "merge_values", {"store_id": store.pk})
