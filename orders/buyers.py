"""The customers that documents concern: found, made, changed, and guests joined to who they turned out to be."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any

from accounts.models import Store
from lib import sql
from orders.copying import copy_rows, new_ids
from orders.documents import Buyer, OrderDocument
from orders.identity import People, Person
from orders.models import Customer

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CUSTOMER_TYPES = [
    "int8", "varchar", "varchar", "varchar", "varchar", "varchar", "varchar", "text", "bool", "bool", "bool",
    "timestamptz", "timestamptz",
]  # fmt: skip


def customers_of(
    store: Store, documents: Sequence[OrderDocument], created_at: datetime
) -> tuple[dict[str, int | None], dict[int, int]]:
    """The customer of each document, written; and, by id, the customers whom guests turned out to be."""
    heard = _heard(store, documents)
    ids = {document.external_id: heard.get(document.buyer.external_id) for document in documents}
    bought = [
        document for document in documents if ids[document.external_id] is None and document.buyer.is_known
    ]
    people = known_people(store, {document.buyer for document in bought})
    persons = {
        document.external_id: people.identify(document.buyer, document.placed_at) for document in bought
    }
    joined = write_people(store, people, created_at)
    ids.update((key, person.id) for key, person in persons.items())
    return ids, joined


def _heard(store: Store, documents: Sequence[OrderDocument]) -> dict[str, int]:
    """The customers, by id at the shop, about whom nothing new is said; looked up only where buyers have nothing but
    ids.

    Most customers of such files are among them, and needn't be read, compared and dated. Where buyers have an e-mail
    address or a phone number, one document may be about the customer of another.
    """
    buyers = [buyer for buyer in set(map(attrgetter("buyer"), documents)) if buyer.is_known]
    if not buyers or not all(buyer.is_known_by_id_alone for buyer in buyers):
        return {}
    telling = [buyer for buyer in buyers if buyer.name or buyer.country]
    parameters = {
        "store_id": store.id,
        "external_ids": sql.array_text([buyer.external_id for buyer in buyers]),
        "since": min(document.placed_at for document in documents),
        "telling_ids": sql.array_text([buyer.external_id for buyer in telling]),
        "names": sql.array_text([buyer.name for buyer in telling]),
        "countries": sql.array_text([buyer.country for buyer in telling]),
    }
    return dict(sql.rows("orders", "heard_customers", parameters))


def known_people(store: Store, buyers: Collection[Buyer]) -> People:
    """The customers that the buyers may be; with when they first and last ordered, where that may decide anything."""
    wanted = {
        "external_ids": {buyer.external_id for buyer in buyers},
        "emails": {buyer.email for buyer in buyers},
        "phones": {buyer.phone for buyer in buyers},
    }
    parameters = {name: sql.array_text(values - {""}) for name, values in wanted.items()}
    rows = sql.rows("orders", "known_customers", {"store_id": store.id, **parameters})
    people = {row.id: _person(row) for row in rows}
    _date(store, people, _that_hear_news(people.values(), buyers))
    return People(people.values())


def _that_hear_news(people: Iterable[Person], buyers: Iterable[Buyer]) -> list[int]:
    """The ids of those about whom the buyers may say something new; for most returning customers there is nothing."""
    named: dict[str, list[Buyer]] = {}
    for buyer in buyers:
        named.setdefault(buyer.external_id, []).append(buyer)
    unnamed = named.pop("", [])
    emails, phones = {buyer.email for buyer in unnamed} - {""}, {buyer.phone for buyer in unnamed} - {""}
    return [
        person.id
        for person in people
        if person.external_id is None
        or person.email in emails
        or person.phone in phones
        or not all(map(person.has_heard, named.get(person.external_id, ())))
    ]


def _date(store: Store, people: dict[int, Person], ids: Sequence[int]) -> None:
    """Adds when customers first and last ordered."""
    if not ids:
        return
    values = {"store_id": store.id, "customer_ids": sql.array_text(ids)}
    for row in sql.rows("orders", "ordered_between", values):
        person = people[row.customer_id]
        person.first_order_at = _moment(row.first_us)
        person.last_order_at = _moment(row.last_us)


def _person(row: Any) -> Person:
    *values, registered_us, details_us = row
    stored: tuple[Any, ...] = (*values, _moment(registered_us), _moment(details_us))
    person = Person(*stored)
    person.stored = stored
    return person


def _moment(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else EPOCH + timedelta(microseconds=microseconds)


def write_people(store: Store, people: People, created_at: datetime) -> dict[int, int]:
    """Writes customers that are new or changed; returns guest -> customer where a guest turned out to be one."""
    new = [person for person in people if person.stored is None]
    for person, made in zip(new, new_ids("customer", len(new)), strict=True):
        person.id = made
    joined = _join_guests(store, people)
    changed = [person.values() for person in people if person.has_changed]
    if changed:
        sql.execute("orders", "stage_customers")
        copy_rows("copy_staged_customers", _CUSTOMER_TYPES, changed)
        sql.execute("orders", "merge_customers")
    rows = ((store.id, created_at, *person.values()) for person in new)
    copy_rows("copy_customers", ["int8", "timestamptz", *_CUSTOMER_TYPES], rows)
    return joined


def _join_guests(store: Store, people: People) -> dict[int, int]:
    """Moves the orders of guests who turned out to be registered, and forgets the guests."""
    joined: dict[int, int] = {}
    for guest, customer in people.joined:
        if guest.stored is not None:
            values = {"store_id": store.id, "guest_id": guest.id, "customer_id": customer.id}
            sql.execute("orders", "join_guest", values)
            Customer.objects.filter(store=store, id=guest.id).delete()
            joined[guest.id] = customer.id
        guest.id = customer.id  # documents of this batch that found the guest
    return joined
