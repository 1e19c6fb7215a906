"""The people of each list that can be exported are those of its page."""

from __future__ import annotations

from datetime import date, timedelta
from urllib.parse import urlencode

import pytest

from accounts.models import Store
from orders.models import Customer
from segments.exports.lists import people_of_list, picked_people
from segments.models import CustomerStats, Segment
from segments.scoring import refresh_store
from tests.factories.accounts import make_store
from tests.factories.orders import make_customer, make_order
from tests.factories.segments import give_value, make_buyers

pytestmark = pytest.mark.django_db

DAY = date(2025, 6, 30)
NEXT = DAY + timedelta(days=2)


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def mover(store: Store) -> Customer:
    """Eight buyers scored on two days; the last of them bought in between."""
    ids = make_buyers(store, [6, 5, 4, 3, 2, 1, 1, 1], last_on=DAY - timedelta(days=20))
    refresh_store(store=store, as_of=DAY)
    mover = Customer.objects.get(pk=ids[-1])
    for hour in range(10, 16):
        make_order(mover, f"{NEXT}T{hour}:00", total=9000)
    refresh_store(store=store, as_of=NEXT)
    return mover


def ids_of(store: Store, name: str, **query: str) -> list[int]:
    people = people_of_list(store, name, urlencode(query))
    assert people
    return list(people.rows.values_list("customer_id", flat=True))


def moved(store: Store, mover: Customer) -> dict[str, str]:
    """Where the mover went from and to, as addresses name it."""
    move = mover.moves.latest("refresh_id")
    return {"before": move.before.key, "after": move.after.key}


def test_customers_come_in_the_order_of_their_sort(store: Store, mover: Customer) -> None:
    stats = CustomerStats.objects.filter(store=store)
    assert ids_of(store, "customers") == [one.pk for one in stats.order_by("-monetary", "-pk")]
    fewest = [one.pk for one in stats.filter(monetary__gte=2000).order_by("frequency", "pk")]
    assert ids_of(store, "customers", spent_from="20", sort="orders") == fewest


def test_sort_by_what_is_known_of_few_still_holds_everybody(store: Store, mover: Customer) -> None:
    give_value(CustomerStats.objects.get(customer=mover), expected_value=5)
    found = ids_of(store, "customers", sort="-value")
    assert found[0] == mover.pk
    assert len(found) == 8


@pytest.mark.parametrize(
    ("query", "words", "name"),
    [
        ("", "of the shop", "customers"),
        ("segment=champions&sort=-last", "in Champions", "champions"),
        ("segment=champions&r=5", "who fit these filters", "champions"),
    ],
)
def test_customers_are_named_by_their_filter(
    store: Store, mover: Customer, query: str, words: str, name: str
) -> None:
    people = people_of_list(store, "customers", query)
    assert people
    assert (people.words, people.name) == (words, name)


@pytest.mark.parametrize("name", ["compare", "moves"])
def test_who_moved_between_two_days(store: Store, mover: Customer, name: str) -> None:
    days = {"from": DAY.isoformat(), "to": NEXT.isoformat(), "since": DAY.isoformat()}
    assert mover.pk in ids_of(store, name, **days, **moved(store, mover))
    back = moved(store, mover)
    assert mover.pk not in ids_of(store, name, **days, before=back["after"], after=back["before"])
    assert mover.pk in ids_of(store, name, **days, before="any", after=back["after"])
    people = people_of_list(store, name, urlencode(days | back))
    assert people
    before, after = (Segment.objects.get(store=store, key=back[end]).name for end in ("before", "after"))
    assert people.words.startswith(f"who went from {before} to {after}")


def test_people_of_a_cause_are_there_once(store: Store, mover: Customer) -> None:
    into = moved(store, mover)["after"]
    days = {"from": DAY.isoformat(), "to": NEXT.isoformat()}
    found = ids_of(store, "why", **days, segment=into, cause="unexplained", way="in")
    assert found.count(mover.pk) == 1


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("nothing", ""),
        ("compare", ""),
        ("compare", "before=no&after=no"),
        ("why", "segment=champions&cause=no"),
        ("moves", "before=any&after=champions"),
        ("moves", "since=yesterday&before=any&after=champions"),
    ],
)
def test_what_names_no_people_is_no_list(store: Store, mover: Customer, name: str, query: str) -> None:
    assert people_of_list(store, name, query) is None


def test_lists_of_a_store_without_refreshes_hold_nobody_who_moved(store: Store) -> None:
    make_customer(store)
    for name in ("compare", "why", "moves"):
        assert people_of_list(store, name, "since=2025-06-30&before=any&after=champions") is None


def test_picked_people_of_another_store_are_left_out(store: Store, mover: Customer) -> None:
    stranger = make_customer(make_store())
    CustomerStats.objects.create(store=stranger.store, customer=stranger)
    people = picked_people(store, [stranger.pk, mover.pk])
    assert list(people.rows.values_list("customer_id", flat=True)) == [mover.pk]
