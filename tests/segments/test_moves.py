from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from accounts.models import Store
from orders.models import Customer, Order
from segments.models import Move, Refresh, Segment
from segments.moves import Flow, flows_between
from segments.schemes.versions import current_scheme
from segments.scoring import refresh_store
from tests.factories.accounts import make_store
from tests.factories.orders import make_customer, make_order
from tests.factories.segments import make_buyers

pytestmark = pytest.mark.django_db

AS_OF = date(2025, 6, 30)


@pytest.fixture
def store() -> Store:
    return make_store()


def make_refresh(store: Store, reason: str = "nightly") -> Refresh:
    return Refresh.objects.create(
        store=store,
        as_of=AS_OF,
        scheme_version=current_scheme(store),
        reason=reason,
        rebuilt=False,
        finished_at=now(),
    )


def move(refresh: Refresh, customer: Customer, before: Segment | None, after: Segment | None) -> None:
    Move.objects.create(refresh=refresh, customer=customer, before=before, after=after)


def test_flows_of_several_refreshes_are_net_by_customer(store: Store) -> None:
    ann, ben, cat, dan = (make_customer(store) for _ in range(4))
    first, second, third = (make_refresh(store) for _ in range(3))
    loyal, asleep, lost = (
        Segment.objects.get(store=store, key=key) for key in ("loyal", "at-risk", "cant-lose")
    )
    for person in (ann, ben, cat):
        move(first, person, None, loyal)
    move(second, ann, loyal, asleep)
    move(third, ann, asleep, lost)
    move(second, ben, loyal, asleep)
    move(third, ben, asleep, loyal)
    move(second, cat, loyal, None)
    move(third, dan, None, loyal)
    assert flows_between(store, first, third) == [
        Flow(loyal.pk, lost.pk, 1),
        Flow(loyal.pk, None, 1),
        Flow(None, loyal.pk, 1),
    ]
    assert flows_between(store, second, third) == [
        Flow(asleep.pk, loyal.pk, 1),
        Flow(asleep.pk, lost.pk, 1),
        Flow(None, loyal.pk, 1),
    ]
    assert flows_between(store, third, third) == []


def test_flows_leave_out_other_stores_and_reconstructed_refreshes(store: Store) -> None:
    first = make_refresh(store)
    customer = make_customer(store)
    loyal = Segment.objects.get(store=store, key="loyal")
    move(make_refresh(store, "reconstructed"), customer, None, loyal)
    make_buyers(make_store(), [1])
    other = make_store()
    make_buyers(other, [1, 2])
    refresh_store(store=other, as_of=AS_OF)
    assert flows_between(store, first, make_refresh(store)) == []


def test_flows_lead_from_one_picture_to_the_other(store: Store) -> None:
    ids = make_buyers(store, [1, 2, 3, 4, 5, 1, 1])
    earlier = refresh_store(store=store, as_of=AS_OF)
    sizes = dict(earlier.sizes.values_list("segment_id", "customers"))
    for night in range(1, 4):
        customer = Order.objects.filter(customer_id=ids[night + 3]).first().customer
        make_order(customer, f"{AS_OF + timedelta(days=night)}T12:00", total=9000)
        later = refresh_store(store=store, as_of=AS_OF + timedelta(days=night))
    flows = flows_between(store, earlier, later)
    assert flows
    for flow in flows:
        sizes[flow.before_id] -= flow.customers
        sizes[flow.after_id] += flow.customers
    assert sizes == dict(later.sizes.values_list("segment_id", "customers"))


def test_net_flows_are_read_from_the_moves_once(
    store: Store,
) -> None:
    first, second, third = (make_refresh(store) for _ in range(3))
    loyal = Segment.objects.get(store=store, key="loyal")
    move(second, make_customer(store), None, loyal)
    move(third, make_customer(store), None, loyal)
    expected = [Flow(None, loyal.pk, 2)]
    assert flows_between(store, first, third) == expected

    with CaptureQueriesContext(connection) as taken:
        assert flows_between(store, first, third) == expected

    assert not [query for query in taken.captured_queries if "segments_move" in query["sql"]]
