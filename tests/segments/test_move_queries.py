"""Moves over a stretch of refreshes: their flows and the people behind them."""

from datetime import date, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import Store
from orders.models import Customer
from segments import move_queries, queries
from segments.addresses import Ends
from segments.models import Refresh, Segment
from segments.move_queries import direction, look_back, stretch_since
from segments.queries import SegmentFlow
from segments.scoring import refresh_store
from tests.factories.accounts import make_store
from tests.factories.orders import make_customer, make_order
from tests.factories.segments import make_buyers

pytestmark = pytest.mark.django_db

DAY = date(2025, 6, 30)


@pytest.fixture
def store() -> Store:
    return make_store()


def on(days: int) -> date:
    return DAY + timedelta(days=days)


def segments_of(store: Store) -> dict[int, Segment]:
    return {segment.pk: segment for segment in Segment.objects.filter(store=store)}


@pytest.fixture
def looks(store: Store) -> list[Refresh]:
    """Four days: five arrive on the first, one of them buys again before the third, one is new on the fourth."""
    ids = make_buyers(store, [5, 4, 3, 1, 1], last_on=DAY)
    first = refresh_store(store=store, as_of=on(0))
    second = refresh_store(store=store, as_of=on(1))
    make_order(Customer.objects.get(pk=ids[4]), f"{on(2)}T10:00", total=4000)
    third = refresh_store(store=store, as_of=on(2))
    make_order(make_customer(store, "newcomer"), f"{on(3)}T10:00")
    return [first, second, third, refresh_store(store=store, as_of=on(3))]


def test_stretch_sums_the_flows_of_its_refreshes_alone(store: Store, looks: list[Refresh]) -> None:
    stretch = stretch_since(store, looks[3], on(1))
    flows = move_queries.flows(stretch, segments_of(store))
    assert sum(flow.customers for flow in flows) == looks[2].moved + looks[3].moved
    arrived = [flow for flow in flows if flow.before is None]
    assert sum(flow.customers for flow in arrived) == 1


def test_people_of_a_flow_are_as_many_as_it_says(store: Store, looks: list[Refresh]) -> None:
    stretch = stretch_since(store, looks[3], on(-1))
    flows = move_queries.flows(stretch, segments_of(store))
    assert flows
    for flow in flows:
        people = move_queries.moves(stretch, Ends(flow.before, flow.after))
        assert people.count() == flow.customers


def test_people_who_came_from_anywhere(store: Store, looks: list[Refresh]) -> None:
    stretch = stretch_since(store, looks[3], on(-1))
    flows = move_queries.flows(stretch, segments_of(store))
    for segment in segments_of(store).values():
        ends = Ends(None, segment, from_anywhere=True)
        came = move_queries.moves(stretch, ends)
        assert came.count() == sum(flow.customers for flow in flows if flow.after == segment)
        assert move_queries.moves_counted(stretch, ends) == came.count()


def test_stretch_reaches_back_no_further_than_its_longest(store: Store, looks: list[Refresh]) -> None:
    assert stretch_since(store, looks[3], date(2000, 1, 1)).since == on(3) - move_queries.LONGEST


def test_flows_take_two_queries_however_many_refreshes(
    store: Store, looks: list[Refresh], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    segments = segments_of(store)
    for since in (on(2), on(-1)):
        with django_assert_num_queries(2):
            move_queries.flows(stretch_since(store, looks[3], since), segments)


def test_looking_back_finds_the_newest_of_the_day_or_earlier(store: Store, looks: list[Refresh]) -> None:
    again = refresh_store(store=store, as_of=on(3))
    assert look_back(again, on(2)) == looks[2]
    assert look_back(again, on(1)) == looks[1]


def test_looking_back_further_than_the_history_finds_its_first_day(
    store: Store, looks: list[Refresh]
) -> None:
    assert look_back(looks[3], on(-30)) == looks[0]


def test_the_first_day_has_nothing_to_look_back_to(store: Store, looks: list[Refresh]) -> None:
    assert look_back(looks[0], on(-1)) is None


def test_sizes_at_a_refresh_hold_every_segment_of_its_scheme(store: Store, looks: list[Refresh]) -> None:
    assert sum(queries.sizes_at(looks[0]).values()) == 5
    assert set(queries.sizes_at(looks[0])) == looks[0].scheme_version.segment_ids()


def test_direction_is_by_health() -> None:
    good, bad = Segment(pk=1, health=1), Segment(pk=2, health=7)
    assert direction(SegmentFlow(bad, good, 1)) == "up"
    assert direction(SegmentFlow(good, bad, 1)) == "down"
    assert direction(SegmentFlow(None, bad, 1)) == "arrived"
    assert direction(SegmentFlow(good, None, 1)) == "left"


def test_moves_of_another_store_are_not_seen(store: Store, looks: list[Refresh]) -> None:
    other = make_store()
    make_buyers(other, [2, 1], last_on=DAY)
    latest = refresh_store(store=other, as_of=on(3))
    stretch = stretch_since(other, latest, on(-1))
    assert sum(flow.customers for flow in move_queries.flows(stretch, segments_of(other))) == 2
