"""Why segments change: each part is what it says, and the parts add up."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Store
from orders.models import Customer, Order
from segments.chain import chain
from segments.history.decomposition import explain_moves, explain_outstanding
from segments.history.past import reconstruct_history
from segments.models import Cause, CauseFlow, Move, MoveCause, Refresh, Segment, SegmentSize
from segments.schemes.versions import set_preset
from segments.scoring import refresh_store, rescore_customers
from tests.factories.accounts import make_store
from tests.factories.orders import make_customer, make_order

pytestmark = pytest.mark.django_db

DAY = date(2025, 6, 1)
FIXED = {"recency": [10, 20, 30, 40], "frequency": [2, 3, 4, 5], "monetary": [1000, 2000, 3000, 4000]}


@pytest.fixture
def store() -> Store:
    """Cut points fixed by hand, so that each example shows one cause."""
    store = make_store()
    set_preset(store=store, preset="classic", thresholds=FIXED)
    return store


def buyer(store: Store, *days_ago: int, total: int = 1000) -> Customer:
    customer = make_customer(store)
    for days in days_ago:
        make_order(customer, f"{DAY - timedelta(days=days)}T12:00", total=total)
    return customer


def refresh_after(store: Store, days: int) -> Refresh:
    refresh = refresh_store(store=store, as_of=DAY + timedelta(days=days))
    explain_moves(refresh=refresh)
    return refresh


def parts(refresh: Refresh, customer: Customer) -> list[tuple[Cause, str, str]]:
    names = {None: "nobody", **dict(Segment.objects.values_list("pk", "key"))}
    rows = MoveCause.objects.filter(refresh=refresh, customer=customer).order_by("cause")
    return [(Cause(row.cause), names[row.before_id], names[row.after_id]) for row in rows]


def test_who_doesnt_buy_went_quiet(store: Store) -> None:
    customer = buyer(store, 5)
    refresh_after(store, 0)
    assert parts(refresh_after(store, 10), customer) == [(Cause.AGED, "new", "promising")]


def test_who_buys_moves_by_that_alone_however_long_it_took(store: Store) -> None:
    customer = buyer(store, 5)
    refresh_after(store, 0)
    make_order(customer, f"{DAY + timedelta(days=12)}T12:00")
    assert parts(refresh_after(store, 25), customer) == [(Cause.BOUGHT, "new", "potential-loyalist")]


def test_refund_cancellation_and_late_order_are_corrections(store: Store) -> None:
    refunded, cancelled, late = buyer(store, 5, 6), buyer(store, 5, 6), buyer(store, 5)
    refresh_after(store, 0)
    Order.objects.filter(customer=refunded).earliest("placed_at").delete()
    Order.objects.filter(customer=cancelled).update(status="cancelled")
    make_order(late, f"{DAY - timedelta(days=30)}T12:00")
    refresh = refresh_after(store, 1)
    corrected = Cause.CORRECTED
    assert parts(refresh, refunded) == [(corrected, "potential-loyalist", "new")]
    assert parts(refresh, cancelled) == [(corrected, "potential-loyalist", "nobody")]
    assert parts(refresh, late) == [(corrected, "new", "potential-loyalist")]


def test_a_credit_note_since_corrects_what_was_spent_before() -> None:
    store = make_store()
    set_preset(store=store, preset="eleven", thresholds=FIXED)
    customer = buyer(store, 5, 6, total=3000)
    refresh_after(store, 0)
    make_order(customer, f"{DAY + timedelta(days=1)}T12:00", total=-5500)
    assert [cause for cause, _, _ in parts(refresh_after(store, 2), customer)] == [Cause.CORRECTED]


def test_orders_that_leave_the_window_are_not_renewed() -> None:
    store = make_store()
    set_preset(
        store=store, preset="classic", thresholds=FIXED | {"recency": [90, 120, 150, 170]}, window_months=3
    )
    faded, gone = buyer(store, 80, 30), buyer(store, 80)
    refresh_after(store, 0)
    refresh = refresh_after(store, 20)
    assert parts(refresh, faded) == [(Cause.NOT_RENEWED, "potential-loyalist", "new")]
    assert parts(refresh, gone)[-1] == (Cause.NOT_RENEWED, "promising", "nobody")


def test_who_is_passed_by_others_moves_by_the_cut_points() -> None:
    store = make_store()
    customers = [buyer(store, 10 * place) for place in range(5)]
    refresh_after(store, 0)
    for _ in range(5):
        buyer(store, 0)
    refresh = refresh_store(store=store, as_of=DAY)
    explain_moves(refresh=refresh)
    moved = Move.objects.filter(refresh=refresh, before__isnull=False)
    assert moved.count() > 0
    assert set(MoveCause.objects.filter(refresh=refresh).values_list("cause", flat=True)) == {
        Cause.CUT_POINTS
    }
    arrived = CauseFlow.objects.filter(refresh=refresh, cause=Cause.ARRIVED)
    assert sum(flow.customers for flow in arrived) == 5
    assert {move.customer_id for move in moved} <= {customer.pk for customer in customers}


def test_a_new_scheme_moves_by_the_scheme(store: Store) -> None:
    customer = buyer(store, 5, 6, 7)
    refresh_after(store, 0)
    set_preset(store=store, preset="thirds")
    assert [cause for cause, _, _ in parts(refresh_after(store, 0), customer)] == [Cause.SCHEME]


def test_several_causes_are_walked_in_their_order(store: Store) -> None:
    customer = buyer(store, 5, 6)
    refresh_after(store, 0)
    Order.objects.filter(customer=customer).earliest("placed_at").delete()
    refresh = refresh_after(store, 10)
    assert parts(refresh, customer) == [
        (Cause.CORRECTED, "potential-loyalist", "new"),
        (Cause.AGED, "new", "promising"),
    ]


def test_what_changed_before_it_was_explained_is_a_correction(store: Store) -> None:
    customer = buyer(store, 5)
    refresh_after(store, 0)
    late = refresh_store(store=store, as_of=DAY + timedelta(days=10))
    Order.objects.filter(customer=customer).delete()
    explain_moves(refresh=late)
    assert parts(late, customer) == [
        (Cause.CORRECTED, "new", "nobody"),
        (Cause.CORRECTED_SINCE, "nobody", "promising"),
    ]


def test_explaining_again_has_the_effect_of_once(store: Store) -> None:
    buyer(store, 5)
    refresh_after(store, 0)
    refresh = refresh_after(store, 10)
    flows = CauseFlow.objects.order_by("refresh", "cause", "before", "after")
    rows = list(flows.values_list("refresh", "cause", "before", "after", "customers"))
    assert explain_moves(refresh=refresh) == 1
    assert list(flows.values_list("refresh", "cause", "before", "after", "customers")) == rows
    assert explain_outstanding(store) == 0


def test_a_refresh_that_is_gone_has_no_parts(store: Store) -> None:
    buyer(store, 5)
    gone = refresh_after(store, 0)
    Move.objects.filter(refresh=gone).delete()
    Refresh.objects.filter(pk=gone.pk).delete()
    assert explain_moves(refresh=gone) == 0


def assert_parts_add_up(store: Store) -> None:
    """Every segment's change is the sum of its parts, and each move's parts lead from its start to its end."""
    links = chain(store)
    sizes: Counter[int | None] = Counter()
    for refresh in links:
        then = Counter(sizes)
        sizes = Counter(dict(SegmentSize.objects.filter(refresh=refresh).values_list("segment", "customers")))
        change: Counter[int | None] = Counter()
        for flow in CauseFlow.objects.filter(refresh=refresh):
            change[flow.before_id] -= flow.customers
            change[flow.after_id] += flow.customers
        for segment in {*then, *sizes, *change} - {None}:
            assert sizes[segment] - then[segment] == change[segment]
        for move in Move.objects.filter(refresh=refresh, before__isnull=False):
            where = move.before_id
            for part in MoveCause.objects.filter(refresh=refresh, customer=move.customer_id).order_by(
                "cause"
            ):
                assert part.before_id == where != part.after_id
                where = part.after_id
            assert where == move.after_id


_order = st.tuples(st.integers(0, 9), st.integers(-60, 0), st.sampled_from([-700, 0, 1000, 5000]))
_event = st.one_of(
    st.tuples(st.just("order"), _order),
    st.tuples(st.just("refund"), st.integers(0, 40)),
    st.tuples(st.just("cancel"), st.integers(0, 40)),
    st.tuples(st.just("delete"), st.integers(0, 40)),
    st.tuples(st.just("scheme"), st.sampled_from(["classic", "eleven", "thirds"])),
    st.tuples(st.just("window"), st.sampled_from([None, 1, 6])),
    st.tuples(st.just("timezone"), st.sampled_from(["Europe/London", "Asia/Tokyo"])),
)
_nights = st.lists(st.tuples(st.integers(-3, 50), st.lists(_event, max_size=8)), min_size=1, max_size=5)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.lists(_order, min_size=4, max_size=14), nights=_nights, past=st.booleans())
def test_parts_add_up_on_any_history(
    db: None,
    first: list[tuple[int, int, int]],
    nights: list[tuple[int, list[tuple[str, object]]]],
    past: bool,
) -> None:
    store = make_store()
    people = [make_customer(store) for _ in range(10)]
    day = DAY
    for who, days, total in first:
        make_order(people[who], f"{day + timedelta(days=days)}T23:30", total=total)
    refresh_after(store, 0)
    for gap, events in nights:
        day += timedelta(days=gap)
        for kind, value in events:
            happen(store, people, day, kind, value)
        refresh = refresh_store(store=store, as_of=day)
        explain_moves(refresh=refresh)
    if past:
        reconstruct_history(store=store)
    assert_parts_add_up(store)


def happen(store: Store, people: list[Customer], day: date, kind: str, value: object) -> None:
    orders = list(Order.objects.filter(store=store).order_by("pk"))
    if kind == "order":
        who, days, total = value  # type: ignore[misc]
        make_order(people[who], f"{day + timedelta(days=days // 4)}T23:30", total=total)
        if days % 2:
            rescore_customers(store=store, customer_ids=[people[who].pk])
    elif kind == "scheme":
        set_preset(store=store, preset=str(value))
    elif kind == "window":
        set_preset(store=store, preset="classic", window_months=value)  # type: ignore[arg-type]
    elif kind == "timezone":
        store.timezone = str(value)
        store.save()
    elif orders:
        order = Order.objects.filter(pk=orders[int(value) % len(orders)].pk)  # type: ignore[call-overload]
        if kind == "refund":
            order.update(refunded=max(order.get().total, 0))
        elif kind == "cancel":
            order.update(status="cancelled")
        else:
            order.delete()
