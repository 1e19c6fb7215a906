"""Imports of files made in a test, and what a store holds, in a form that can be compared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from accounts.models import Store
from jobs.progress import Progress
from orders.importing import ImportSummary, run_import
from orders.inspecting import inspect
from orders.models import Customer, Import, Order


def import_file(store: Store, path: Path, mapping: dict[str, Any] | None = None) -> ImportSummary:
    """Imports the file as the command line would; fails where it has to ask."""
    found = inspect(path, path.name, store, mapping)
    assert found.is_ready, (found.problem, found.questions)
    import_ = Import.objects.create(
        store=store, filename=path.name, size=path.stat().st_size, format=found.format, mapping=found.mapping
    )
    return run_import(import_id=import_.id, progress=Progress(), path=path)


def import_text(store: Store, folder: Path, text: str, **mapping: Any) -> ImportSummary:
    """Imports a CSV file with this text."""
    path = folder / "orders.csv"
    path.write_text(text, encoding="utf-8")
    return import_file(store, path, mapping or None)


def counts(summary: ImportSummary) -> tuple[int, int, int, int]:
    """Created, updated, unchanged orders and rejected rows."""
    return summary.created, summary.updated, summary.unchanged, summary.rejected


def rejected_rows(store: Store) -> str:
    """The text of the rejected file of the store's newest import."""
    newest = Import.objects.filter(store=store).latest("id")
    with newest.rejected_file.open("rb") as file:
        return file.read().decode("utf-8-sig")


def holdings(store: Store) -> dict[str, Any]:
    """Everything a store holds that came by imports, by the shop's own ids."""
    orders = Order.objects.filter(store=store).select_related("customer")
    orders = orders.prefetch_related("lines__product", "refunds", "events")
    return {
        "orders": {order.external_id: _order(order) for order in orders},
        "customers": sorted(
            (person.external_id or "", person.email, person.phone, person.name, person.first_seen_as_guest)
            for person in Customer.objects.filter(store=store)
        ),
    }


def _order(order: Order) -> tuple[Any, ...]:
    buyer = order.customer
    return (
        order.placed_at,
        order.status,
        order.total,
        order.refunded,
        (buyer.external_id or buyer.email or buyer.phone) if buyer else None,
        [
            (line.product.external_id if line.product else None, line.quantity, line.unit_price)
            for line in sorted(order.lines.all(), key=lambda line: line.position)
        ],
        sorted((refund.external_id, refund.amount) for refund in order.refunds.all()),
        sorted((event.kind, event.at) for event in order.events.all()),
    )
