"""Writes normalised documents: each order once, by the shop's own id; only what differs is touched.

New rows take the short way: their ids are taken from the sequences first, so that every table is filled by one
COPY. Documents of orders that are there go to a temporary table and are merged; their lines, refunds and events
are replaced where they differ. One transaction at a time writes a store's orders (an advisory lock), so what was
read stays true while it writes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.timezone import now

from accounts.models import Store
from lib import sql
from orders.catalogue import Catalogue
from orders.children import Written, replace_children, write_children
from orders.copying import copy_rows
from orders.crediting import settle_credits, unchanged_credits
from orders.documents import Buyer, OrderDocument, RecordingResult, document_digest
from orders.identity import People, Person
from orders.models import Customer, Import

__all__ = ["RecordingResult", "StoredOrder", "record_customers", "record_orders", "stored_orders"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LOCK_NAMESPACE = 0x4F52  # the upper 16 bits of the lock's key; jobs' locks have another
_CUSTOMER_TYPES = [
    "int8", "varchar", "varchar", "varchar", "varchar", "varchar", "varchar", "text", "bool", "bool", "bool",
    "timestamptz", "timestamptz",
]  # fmt: skip
_ORDER_TYPES = [
    "int8", "int8", "int8", "varchar", "varchar", "timestamptz", "varchar", "varchar", "varchar", "date",
    "timestamptz", "timestamptz", "varchar", "varchar", "varchar", "int8", "int8", "int8", "int8", "int8", "int8",
    "varchar", "bytea", "int8", "timestamptz",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class StoredOrder:
    """What has to be known of an order to tell whether a document changes it."""

    id: int
    external_id: str
    digest: bytes | None
    import_id: int | None
    created_at: datetime
    customer_id: int | None


def record_orders(
    *,
    store: Store,
    documents: Sequence[OrderDocument],
    source_import: Import | None = None,
    catalogue: Catalogue | None = None,
) -> RecordingResult:
    """Writes the documents into the store in one transaction; an order already there as it is stays untouched.

    Documents without a digest get that of what they say. Of two documents with one id the later counts. Orders
    that are new to the store, by this call or by an earlier part of `source_import`, are `created`;
    `customer_ids` are the customers whose orders were created or updated, before and after. `catalogue`: one that
    is kept from batch to batch of an import.
    """
    said = {document.external_id: document for document in map(_with_digest, documents)}
    with transaction.atomic():
        _lock(store)
        stored = stored_orders(store, said)
        done = [known for known in stored.values() if known.digest == said[known.external_id].digest]
        settled = unchanged_credits(store, said.values())
        untouched = {known.external_id for known in done} | settled
        left = [document for key, document in said.items() if key not in untouched]
        earlier = written_by(done, source_import)
        unchanged = RecordingResult(unchanged=len(settled))
        return (
            earlier + unchanged + _written(store, left, stored, source_import, catalogue or Catalogue(store))
        )


def written_by(known: Iterable[StoredOrder], source_import: Import | None) -> RecordingResult:
    """How orders that a document leaves as they are count: as what an earlier part of the import did to them."""
    created = updated = unchanged = 0
    for order in known:
        if source_import is None or order.import_id != source_import.id:
            unchanged += 1
        elif order.created_at == source_import.created_at:
            created += 1
        else:
            updated += 1
    return RecordingResult(created, updated, unchanged)


def stored_orders(store: Store, external_ids: Iterable[str]) -> dict[str, StoredOrder]:
    """The store's orders of these ids, by id at the shop."""
    parameters = {"store_id": store.id, "external_ids": json.dumps(list(external_ids))}
    rows = sql.rows("orders", "stored_orders", parameters)
    return {
        row.external_id: StoredOrder(
            row.id,
            row.external_id,
            None if row.source_digest is None else bytes(row.source_digest),
            row.source_import_id,
            row.created_at,
            row.customer_id,
        )
        for row in rows
    }


def record_customers(*, store: Store, buyers: Sequence[Buyer]) -> RecordingResult:
    """Creates and updates customers in one transaction, without orders. Each buyer has an id, e-mail or phone."""
    with transaction.atomic():
        _lock(store)
        today = now()
        people = _people(store, buyers)
        before = set(map(id, people))
        found = {id(person): person for person in (people.identify(buyer, None) for buyer in buyers)}
        for person in found.values():
            people.note_change(person, today)
        _write_people(store, people, today)
        created = sum(1 for person in found if person not in before)
        updated = sum(1 for key, person in found.items() if key in before and person.has_changed)
        ids = frozenset(person.id for person in found.values())
        return RecordingResult(created, updated, len(found) - created - updated, ids)


def _with_digest(document: OrderDocument) -> OrderDocument:
    return document if document.digest else document._replace(digest=document_digest(document))


def _lock(store: Store) -> None:
    sql.rows("orders", "lock_orders", {"key": LOCK_NAMESPACE << 48 | store.id})


def _written(
    store: Store,
    documents: Sequence[OrderDocument],
    stored: dict[str, StoredOrder],
    source_import: Import | None,
    catalogue: Catalogue,
) -> RecordingResult:
    """Writes documents that are new or differ from what was stored."""
    if not documents:
        return RecordingResult()
    created_at = source_import.created_at if source_import else now()
    persons, joined = _buyers(store, documents, created_at)
    products = catalogue.ids(documents)
    known = [document for document in documents if document.external_id in stored]
    elsewhere = _refunded_elsewhere([stored[document.external_id].id for document in known])
    ids = {document.external_id: stored[document.external_id].id for document in known}
    fresh = [document for document in documents if document.external_id not in stored]
    ids.update(zip((document.external_id for document in fresh), _new_ids("order", len(fresh)), strict=True))
    terms = (store.id, source_import.id if source_import else None, created_at)

    def rows(of: Iterable[OrderDocument]) -> Iterable[tuple[Any, ...]]:
        for document in of:
            order_id = ids[document.external_id]
            customer_id = persons[document.external_id]
            if customer_id is None and document.external_id in stored:
                customer_id = stored[document.external_id].customer_id  # what isn't said isn't taken away
            yield order_row(document, order_id, customer_id, elsewhere.get(order_id, 0), terms)

    if fresh:
        copy_rows("copy_orders", _ORDER_TYPES, rows(fresh))
        write_children([(ids[document.external_id], document) for document in fresh], products)
    pairs = [(ids[document.external_id], document) for document in known]
    changed = _merged(pairs, rows(known), products)
    settled = settle_credits(store, list(ids))
    mine = sum(
        written_by([stored[document.external_id]], source_import).created
        for order_id, document in pairs
        if order_id in changed
    )
    written = {document.external_id for document in fresh} | {
        document.external_id for order_id, document in pairs if order_id in changed
    }
    customers = {persons[key] for key in written} | {
        stored[key].customer_id for key in written if key in stored
    }
    customer_ids = frozenset(customer for customer in customers | joined | settled if customer is not None)
    return RecordingResult(len(fresh) + mine, len(changed) - mine, len(known) - len(changed), customer_ids)


def _buyers(
    store: Store, documents: Sequence[OrderDocument], created_at: datetime
) -> tuple[dict[str, int | None], set[int | None]]:
    """The customer of each document, written; and the customers whom guests turned out to be."""
    people = _people(store, [document.buyer for document in documents if document.buyer.is_known])
    persons = [
        (
            document.external_id,
            people.identify(document.buyer, document.placed_at) if document.buyer.is_known else None,
        )
        for document in documents
    ]
    joined = _write_people(store, people, created_at)
    return {key: person.id if person else None for key, person in persons}, joined


def order_row(
    document: OrderDocument,
    order_id: int,
    customer_id: int | None,
    refunded_elsewhere: int,
    terms: tuple[int, int | None, datetime],
) -> tuple[Any, ...]:
    """The order's row, as the statements name its columns. `terms`: store, import, and when it was created."""
    store_id, import_id, created_at = terms
    return (
        order_id, store_id, customer_id, document.external_id, document.number or document.external_id[:60],
        document.placed_at, document.status, document.channel, document.payment_method, document.promised_on,
        document.shipped_at, document.delivered_at, document.carrier, document.country, document.discount_code,
        document.subtotal, document.discount, document.shipping, document.tax, document.total,
        document.refunded + refunded_elsewhere, document.credits, document.digest, import_id, created_at,
    )  # fmt: skip


def _merged(known: Written, rows: Iterable[tuple[Any, ...]], products: dict[str, int]) -> set[int]:
    """Brings orders that are there up to date; returns the ids of those that differed."""
    if not known:
        return set()
    sql.execute("orders", "stage_orders")
    copy_rows("copy_staged_orders", _ORDER_TYPES, rows)
    changed = {row.id for row in sql.rows("orders", "merge_orders")}
    rewritten = replace_children(known, products)
    sql.execute("orders", "mark_rewritten", {"ids": list(rewritten - changed)})
    changed |= rewritten
    sql.execute(
        "orders", "mark_read", {"ids": [order_id for order_id, _ in known if order_id not in changed]}
    )
    return changed


def _refunded_elsewhere(order_ids: list[int]) -> dict[int, int]:
    rows = sql.rows("orders", "credited_elsewhere", {"order_ids": order_ids})
    return {row.order_id: row.amount for row in rows}


def _people(store: Store, buyers: Iterable[Buyer]) -> People:
    """The customers that the buyers may be."""
    wanted: dict[str, set[str]] = {"external_ids": set(), "emails": set(), "phones": set()}
    for buyer in buyers:
        wanted["external_ids"].add(buyer.external_id)
        wanted["emails"].add(buyer.email)
        wanted["phones"].add(buyer.phone)
    parameters = {name: json.dumps(list(values - {""})) for name, values in wanted.items()}
    rows = sql.rows("orders", "known_customers", {"store_id": store.id, **parameters})
    return People(map(_stored_person, rows))


def _stored_person(row: Any) -> Person:
    *values, first_order_us, last_order_us = row
    person = Person(*values)
    if first_order_us is not None:
        person.first_order_at = EPOCH + timedelta(microseconds=first_order_us)
        person.last_order_at = EPOCH + timedelta(microseconds=last_order_us)
    person.stored = person.values()
    return person


def _write_people(store: Store, people: People, created_at: datetime) -> set[int | None]:
    """Writes customers that are new or changed; returns ids of guests and customers that became one."""
    new = [person for person in people if person.stored is None]
    for person, made in zip(new, _new_ids("customer", len(new)), strict=True):
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


def _join_guests(store: Store, people: People) -> set[int | None]:
    """Moves the orders of guests who turned out to be registered, and forgets the guests."""
    joined: set[int | None] = set()
    for guest, customer in people.joined:
        if guest.stored is not None:
            values = {"store_id": store.id, "guest_id": guest.id, "customer_id": customer.id}
            sql.execute("orders", "join_guest", values)
            Customer.objects.filter(store=store, id=guest.id).delete()
            joined.add(customer.id)
        guest.id = customer.id  # documents of this batch that found the guest
    return joined


def _new_ids(table: str, count: int) -> list[int]:
    """Ids from the sequence of customers, products or orders."""
    if not count:
        return []
    return [row.id for row in sql.rows("orders", f"new_{table}_ids", {"count": count})]
