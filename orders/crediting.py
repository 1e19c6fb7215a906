"""Credit notes that name the order they credit: they become that order's refunds, whichever of the two comes first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from accounts.models import Store
from lib import sql
from orders.documents import OrderDocument


def unchanged_credits(store: Store, documents: Iterable[OrderDocument]) -> set[str]:
    """Ids of credit notes that are already the refunds they say, word for word."""
    notes = {document.external_id: document for document in documents if document.credits}
    if not notes:
        return set()
    parameters = {
        "store_id": store.id,
        "credited_ids": [note.credits for note in notes.values()],
        "note_ids": list(notes),
    }
    rows = sql.rows("orders", "stored_credits", parameters)
    return {row.external_id for row in rows if bytes(row.source_digest) == notes[row.external_id].digest}


def settle_credits(store: Store, external_ids: Sequence[str]) -> set[int | None]:
    """Turns credit notes whose order is there into its refunds; returns the customers of those orders.

    `external_ids`: the documents just written, notes and orders alike.
    """
    if not sql.one("orders", "waiting_credits", {"store_id": store.id}).are_there:
        return set()
    due = sql.rows("orders", "due_credits", {"store_id": store.id, "external_ids": list(external_ids)})
    if not due:
        return set()
    note_ids, order_ids = [row.note_id for row in due], [row.order_id for row in due]
    sql.execute("orders", "settle_credits", {"note_ids": note_ids, "order_ids": order_ids})
    sql.execute("orders", "delete_lines", {"order_ids": note_ids})
    sql.execute("orders", "delete_credit_notes", {"note_ids": note_ids})
    sql.execute("orders", "sum_refunds", {"order_ids": order_ids})
    return {row.customer_id for row in due}
