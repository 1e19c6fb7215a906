from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from orders.documents import Buyer
from orders.identity import People, Person

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)


def test_buyer_is_found_by_id_then_email_then_phone() -> None:
    people = People(
        [
            Person(id=1, external_id="7", email="ana@example.com", phone="+361111111"),
            Person(id=2, email="bo@example.com"),
            Person(id=3, phone="+362222222"),
        ]
    )
    assert people.identify(Buyer("7", "other@example.com"), MONDAY).id == 1
    assert people.identify(Buyer(email="bo@example.com"), MONDAY).id == 2
    assert people.identify(Buyer(phone="+362222222"), MONDAY).id == 3
    assert people.identify(Buyer(phone="+361111111"), MONDAY).id == 1


def test_guest_who_comes_back_with_an_id_becomes_registered_in_place() -> None:
    people = People([])
    guest = people.identify(Buyer(email="ana@example.com", is_guest=True), MONDAY)
    assert guest.external_id is None
    registered = people.identify(Buyer("7", "ana@example.com", is_guest=False), TUESDAY)
    assert registered is guest
    assert registered.external_id == "7"
    assert registered.first_seen_as_guest
    assert registered.registered_at == TUESDAY


def test_guest_order_that_is_found_later_but_is_older_counts_the_same() -> None:
    people = People([])
    people.identify(Buyer("7", "ana@example.com", is_guest=False), TUESDAY)
    person = people.identify(Buyer(email="ana@example.com", is_guest=True), MONDAY)
    assert person.external_id == "7"
    assert person.first_seen_as_guest
    assert person.registered_at == TUESDAY


def test_guest_order_after_registering_does_not_make_them_a_guest_at_first() -> None:
    people = People([])
    people.identify(Buyer("7", "ana@example.com", is_guest=False), MONDAY)
    assert not people.identify(Buyer(email="ana@example.com", is_guest=True), TUESDAY).first_seen_as_guest


def test_guests_join_the_oldest_of_two_registered_with_one_email() -> None:
    people = People(
        [
            Person(id=9, external_id="young", email="ana@example.com"),
            Person(id=4, external_id="old", email="ana@example.com"),
        ]
    )
    assert people.identify(Buyer(email="ana@example.com"), MONDAY).id == 4
    assert people.identify(Buyer("third", "ana@example.com"), MONDAY).id == 0


def test_guest_known_by_phone_gets_an_email() -> None:
    people = People([Person(id=3, phone="+362222222")])
    person = people.identify(Buyer(email="cy@example.com", phone="+362222222"), MONDAY)
    assert (person.id, person.email) == (3, "cy@example.com")


def test_registered_customer_takes_over_the_guest_whose_email_they_now_use() -> None:
    ana = Person(id=1, external_id="7", email="old@example.com", first_order_at=TUESDAY)
    guest = Person(id=2, email="new@example.com", first_seen_as_guest=True, first_order_at=MONDAY)
    people = People([ana, guest])
    assert people.identify(Buyer("7", "new@example.com"), TUESDAY) is ana
    assert people.joined == [(guest, ana)]
    assert ana.email == "new@example.com"
    assert ana.first_seen_as_guest
    assert people.identify(Buyer(email="new@example.com"), TUESDAY) is ana


def test_newest_document_says_who_somebody_is() -> None:
    people = People([])
    people.identify(Buyer("7", name="Ana Kiss", country="HU", accepts_email=True), TUESDAY)
    person = people.identify(Buyer("7", name="Ana Nagy", phone="+361111111", accepts_email=False), MONDAY)
    assert (person.name, person.country, person.phone) == ("Ana Kiss", "HU", "+361111111")
    assert person.accepts_email is True


def test_list_of_customers_overrules_orders_placed_before_it() -> None:
    people = People([Person(id=1, external_id="7", name="Ana Kiss", details_at=TUESDAY)])
    assert people.identify(Buyer("7", name="Ana Nagy"), MONDAY).name == "Ana Kiss"
    assert people.identify(Buyer("7", name="Ana Nagy"), TUESDAY + timedelta(days=1)).name == "Ana Nagy"
    assert people.identify(Buyer("7", name="Anna Nagy"), None).name == "Anna Nagy"


def test_shop_that_does_not_tell_guests_makes_none() -> None:
    assert not People([]).identify(Buyer(email="ana@example.com"), MONDAY).first_seen_as_guest


MOMENTS = st.sampled_from([MONDAY, TUESDAY, TUESDAY + timedelta(days=1)])
SAID = st.fixed_dictionaries(
    {
        "email": st.sampled_from(["", "ana@example.com", "bo@example.com"]),
        "name": st.sampled_from(["", "Ana", "Bo"]),
        "country": st.sampled_from(["", "FR"]),
        "phone": st.sampled_from(["", "+361111111"]),
        "accepts_email": st.sampled_from([None, True, False]),
    }
)


REPEATED = st.sets(st.sampled_from(["email", "name", "country", "phone", "accepts_email"]))


@given(
    SAID, st.lists(st.tuples(REPEATED, st.sampled_from([None, False]), MOMENTS), min_size=1), MOMENTS, MOMENTS
)
def test_when_a_customer_ordered_decides_nothing_where_buyers_say_nothing_new(
    known: dict[str, Any],
    said: list[tuple[set[str], bool | None, datetime]],
    first: datetime,
    last: datetime,
) -> None:
    def told(*, is_dated: bool) -> tuple[Any, ...]:
        person = Person(id=1, external_id="7", registered_at=TUESDAY, **known)
        if is_dated:
            person.first_order_at, person.last_order_at = first, last
        people = People([person])
        for buyer, (_fields, _is_guest, moment) in zip(buyers, said, strict=True):
            assert people.identify(buyer, moment) is person
        return person.values()

    buyers = [
        Buyer("7", is_guest=is_guest, **{field: known[field] for field in fields})
        for fields, is_guest, _moment in said
    ]
    assert all(map(Person(id=1, external_id="7", **known).has_heard, buyers))
    assert told(is_dated=True) == told(is_dated=False)


def test_customer_hears_what_differs_and_what_a_guest_says() -> None:
    ana = Person(id=1, external_id="7", email="ana@example.com", name="Ana", accepts_email=True)
    assert ana.has_heard(Buyer("7", "ana@example.com", name="Ana"))
    assert ana.has_heard(Buyer("7", accepts_email=True))
    for news in ({"name": "Anna"}, {"email": "a@example.com"}, {"accepts_email": False}, {"is_guest": True}):
        assert not ana.has_heard(Buyer("7", **news))
    assert not Person(id=1, external_id="7", first_seen_as_guest=True).has_heard(Buyer("7"))
