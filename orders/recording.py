"""Writes normalised documents: each order once, by the shop's own id; only what differs is touched."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.models import Store
from orders.documents import Buyer, OrderDocument, RecordingResult
from orders.models import Import


def record_orders(
    *, store: Store, documents: Sequence[OrderDocument], source_import: Import | None = None
) -> RecordingResult:
    """Writes the documents into the store in one transaction; an order already there as it is stays untouched."""
    raise NotImplementedError


def record_customers(*, store: Store, buyers: Sequence[Buyer]) -> RecordingResult:
    """Creates and updates customers in one transaction, without orders."""
    raise NotImplementedError
