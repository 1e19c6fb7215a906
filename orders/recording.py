"""Writes normalised documents: each order once, by the shop's own id; only what differs is touched.

New rows take the short way: their ids are taken from the sequences first, so that every table is filled by one COPY.
Documents of existing orders go to a temporary table and are merged; their lines, refunds and events are replaced
where they differ. One transaction at a time writes a store's orders (an advisory lock), so what was read stays true
while it writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.db import transaction
from django.utils.timezone import now

from accounts.models import Store
from lib import sql
from orders.buyers import EPOCH, customers_of, known_people, write_people
from orders.catalogue import Catalogue
from orders.children import Written, replace_children, write_children
from orders.copying import copy_rows, new_ids
from orders.crediting import settle_credits, unchanged_credits
from orders.documents import Buyer, OrderDocument, RecordingResult, document_digest
from orders.models import Import

__all__ = ["RecordingResult", "StoredOrder", "record_customers", "record_orders", "stored_orders"]

LOCK_NAMESPACE = 0x4F52  # the upper 16 bits of the lock's key; jobs' locks have another
_ORDER_TYPES = [
    "int8", "int8", "int8", "varchar", "varchar", "timestamptz", "varchar", "varchar", "varchar", "date",
    "timestamptz", "timestamptz", "varchar", "varchar", "varchar", "int8", "int8", "int8", "int8", "int8", "int8",
    "varchar", "bytea", "int8", "timestamptz",
]  # fmt: skip


class StoredOrder(Protocol):
    """What has to be known of an order to tell whether a document changes it: a row of `stored_orders.sql`."""

    id: int
    external_id: str
    digest: bytes | None
    import_id: int | None
    customer_id: int | None
    created_us: int  # microseconds since 1970


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
    """How orders are counted that a document leaves unchanged: by what an earlier part of the import did to them."""
    created = updated = unchanged = 0
    began = (source_import.created_at - EPOCH) // timedelta(microseconds=1) if source_import else None
    for order in known:
        if source_import is None or order.import_id != source_import.id:
            unchanged += 1
        elif order.created_us == began:
            created += 1
        else:
            updated += 1
    return RecordingResult(created, updated, unchanged)


def stored_orders(store: Store, external_ids: Iterable[str]) -> dict[str, StoredOrder]:
    """The store's orders of these ids, by id at the shop."""
    parameters = {"store_id": store.id, "external_ids": sql.array_text(list(external_ids))}
    rows = sql.rows("orders", "stored_orders", parameters)
    return {row.external_id: row for row in rows}


def record_customers(*, store: Store, buyers: Sequence[Buyer]) -> RecordingResult:
    """Creates and updates customers in one transaction, without orders. Each buyer has an id, e-mail or phone."""
    with transaction.atomic():
        _lock(store)
        today = now()
        people = known_people(store, set(buyers))
        before = set(map(id, people))
        found = {id(person): person for person in (people.identify(buyer, None) for buyer in buyers)}
        for person in found.values():
            people.note_change(person, today)
        write_people(store, people, today)
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
    customers, joined = customers_of(store, documents, created_at)
    for key, order in stored.items():
        if customers.get(key, 0) is None:
            kept = order.customer_id or 0  # what a document doesn't say isn't removed
            customers[key] = joined.get(kept, order.customer_id)
    products = catalogue.ids(documents)
    fresh, known = _with_ids(documents, stored)
    terms = (store.id, source_import.id if source_import else None, created_at)
    if fresh:
        rows = (
            order_row(document, key, customers[document.external_id], 0, terms) for key, document in fresh
        )
        copy_rows("copy_orders", _ORDER_TYPES, rows)
        write_children(fresh, products)
    changed = _merged(known, customers, terms, products)
    settled = settle_credits(store, [document.external_id for document in documents])
    before = [order for order in stored.values() if order.id in changed]
    touched = {customers[document.external_id] for _key, document in fresh}
    touched |= {customers[order.external_id] for order in before} | {order.customer_id for order in before}
    touched = (touched | set(joined.values()) | settled) - set(joined)
    earlier = sum(written_by([order], source_import).created for order in before)
    return RecordingResult(
        len(fresh) + earlier,
        len(before) - earlier,
        len(known) - len(before),
        frozenset(customer for customer in touched if customer is not None),
    )


def _with_ids(
    documents: Sequence[OrderDocument], stored: dict[str, StoredOrder]
) -> tuple[list[tuple[int, OrderDocument]], list[tuple[int, OrderDocument]]]:
    """The documents with the ids of their orders: new ones, and those of existing orders."""
    new = [document for document in documents if document.external_id not in stored]
    fresh = list(zip(new_ids("order", len(new)), new, strict=True))
    there = [document for document in documents if document.external_id in stored]
    return fresh, [(stored[document.external_id].id, document) for document in there]


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


def _merged(
    known: Written,
    customers: dict[str, int | None],
    terms: tuple[int, int | None, datetime],
    products: dict[str, int],
) -> set[int]:
    """Brings existing orders up to date; returns the ids of those that differed."""
    if not known:
        return set()
    elsewhere = _refunded_elsewhere([order_id for order_id, _document in known])
    rows = (
        order_row(document, key, customers[document.external_id], elsewhere.get(key, 0), terms)
        for key, document in known
    )
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
