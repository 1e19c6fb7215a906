"""Any two refreshes compared, against following every customer by hand."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Store
from orders.models import Customer
from segments.addresses import Ends
from segments.chain import chain, picture_of, pictures, span_between
from segments.history.compare import comparison, customer_segment_history, people_between
from segments.history.decomposition import explain_outstanding
from segments.history.past import reconstruct_history, thin_history
from segments.models import Cause, CustomerStats, Refresh, Segment
from segments.moves import flows_between
from segments.scoring import refresh_store
from tests.factories.accounts import make_store
from tests.factories.orders import make_customer, make_order
from tests.factories.segments import make_buyers

pytestmark = pytest.mark.django_db

DAY = date(2025, 6, 1)
_order = st.tuples(st.integers(0, 7), st.integers(0, 200), st.sampled_from([0, 1000, 5000]))
_nights = st.lists(st.tuples(st.integers(1, 60), st.lists(_order, max_size=5)), min_size=2, max_size=6)


def standing(store: Store) -> dict[int, int | None]:
    return dict(CustomerStats.objects.filter(store=store).values_list("customer_id", "segment_id"))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    first=st.lists(_order, min_size=3, max_size=10), nights=_nights, thinned=st.booleans(), past=st.booleans()
)
def test_any_two_pictures_compare_by_customer(
    db: None,
    first: list[tuple[int, int, int]],
    nights: list[tuple[int, list[tuple[int, int, int]]]],
    thinned: bool,
    past: bool,
) -> None:
    store, day = make_store(), DAY
    people = [make_customer(store) for _ in range(8)]
    stood: dict[int, dict[int, int | None]] = {}
    for gap, orders in [(0, first), *nights]:
        day += timedelta(days=gap)
        for who, days_ago, total in orders:
            make_order(people[who], f"{day - timedelta(days=days_ago)}T12:00", total=total)
        refresh = refresh_store(store=store, as_of=day)
        stood[refresh.pk] = standing(store)
    if past:
        reconstruct_history(store=store)
    if thinned:
        thin_history(store=store, today=day + timedelta(days=200))
    known = [refresh for refresh in pictures(chain(store)) if refresh.pk in stood]
    for earlier in known:
        for later in known:
            assert_compares(store, earlier, later, stood)


def assert_compares(
    store: Store, one: Refresh, other: Refresh, stood: dict[int, dict[int, int | None]]
) -> None:
    span = span_between(store, one, other)
    then, now = stood[span.earlier.pk], stood[span.later.pk]
    moved = {who: (then.get(who), now.get(who)) for who in then.keys() | now.keys()}
    expected = Counter(pair for pair in moved.values() if pair[0] != pair[1])
    found = comparison(span)
    assert {(flow.before_id, flow.after_id): flow.customers for flow in found.flows} == expected
    segments = {None: None, **Segment.objects.in_bulk()}
    for (before, after), customers in expected.items():
        listed = people_between(span, Ends(segments[before], segments[after]))
        assert {row.customer_id for row in listed} == {
            who for who, pair in moved.items() if pair == (before, after)
        }
        assert listed.count() == customers
    for change in found.changes:
        assert change.then == list(then.values()).count(change.segment.pk)
        assert change.now == list(now.values()).count(change.segment.pk)
        assert change.change == change.came - change.left == change.moves_in - change.moves_out
        assert change.came <= change.moves_in
        assert change.stayed == sum(pair == (change.segment.pk,) * 2 for pair in moved.values())
        came = people_between(span, Ends(None, change.segment, from_anywhere=True))
        assert came.count() == change.came


@pytest.fixture
def store() -> Store:
    return make_store()


def test_who_went_and_came_back_is_in_the_gross_flows_alone(store: Store) -> None:
    ids = make_buyers(store, [1, 2, 3, 4, 5], last_on=DAY)
    first = refresh_store(store=store, as_of=DAY)
    extra = make_order(Customer.objects.get(pk=ids[4]), f"{DAY}T12:00", total=9000)
    refresh_store(store=store, as_of=DAY + timedelta(days=1))
    extra.delete()
    last = refresh_store(store=store, as_of=DAY + timedelta(days=2))
    found = comparison(span_between(store, first, last))
    assert (found.moved, {change.change for change in found.changes}) == (0, {0})
    assert sum(change.moves_in for change in found.changes) >= 2


def test_two_refreshes_compare_the_same_whichever_is_named_first(store: Store) -> None:
    make_buyers(store, [1, 2, 3], last_on=DAY)
    first = refresh_store(store=store, as_of=DAY)
    make_buyers(store, [4])
    last = refresh_store(store=store, as_of=DAY + timedelta(days=1))
    assert flows_between(store, last, first) == flows_between(store, first, last) != []


def test_a_day_names_its_last_refresh_or_the_last_before_it(store: Store) -> None:
    make_buyers(store, [1, 2, 3])
    refresh_store(store=store, as_of=DAY)
    first, second = (
        refresh_store(store=store, as_of=DAY),
        refresh_store(store=store, as_of=DAY + timedelta(days=4)),
    )
    shown = pictures(chain(store))
    assert shown == [first, second]
    assert picture_of(shown, DAY + timedelta(days=3)) == first
    assert picture_of(shown, DAY + timedelta(days=9)) == second
    assert picture_of(shown, DAY - timedelta(days=9)) == first


def test_a_customer_s_history_begins_in_the_reconstructed_past(store: Store) -> None:
    ids = make_buyers(store, [1, 2, 3, 4, 5], last_on=date(2025, 3, 20))
    make_buyers(store, [1, 1, 2, 2, 2], last_on=DAY)
    refresh_store(store=store, as_of=DAY)
    reconstruct_history(store=store)
    explain_outstanding(store)
    customer = Customer.objects.get(pk=ids[0])
    history = customer_segment_history(store, customer)
    assert [stay.as_of for stay in history] == sorted((stay.as_of for stay in history), reverse=True)
    assert (history[-1].before, history[-1].as_of, history[-1].reconstructed) == (
        None,
        date(2025, 3, 31),
        True,
    )
    assert history[-1].because == ""
    now = CustomerStats.objects.get(customer=customer).segment
    assert history[0].after == now
    assert len(history) > 1
    assert all(stay.causes and set(stay.causes) <= set(Cause) for stay in history[:-1])
    assert customer_segment_history(store, customer, limit=1) == history[:1]
