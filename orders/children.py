"""An order's lines, refunds and events: written with it, replaced where its document says otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from lib import sql
from orders.copying import copy_rows, copy_text
from orders.documents import OrderDocument

Written = Sequence[tuple[int, OrderDocument]]  # (the order's id, its document)
_REFUND_TYPES = ["int8", "varchar", "int8", "timestamptz", "varchar"]
_EVENT_TYPES = ["int8", "varchar", "timestamptz", "varchar", "varchar"]
ROWS_A_BLOCK = 2_000  # lines sent at a time
_QUANTITY = Decimal("0.001")  # what the columns keep
_PRICE = Decimal("0.0001")


class _Cells(dict[Decimal, str]):
    """Numbers as cells of a row, each formatted once: half a million lines have the same few thousand numbers."""

    def __missing__(self, number: Decimal) -> str:
        cell = self[number] = f"\t{number}"
        return cell


def write_children(orders: Written, products: dict[str, int]) -> None:
    """Writes the lines, refunds and events of orders that have none yet."""
    for kind in _kinds(products):
        kind.write(orders)


def replace_children(orders: Written, products: dict[str, int]) -> set[int]:
    """Replaces lines, refunds and events of orders where they differ; returns the ids of those orders."""
    order_ids = [order_id for order_id, _document in orders]
    replaced: set[int] = set()
    for kind in _kinds(products):
        stored: dict[int, set[tuple[Any, ...]]] = {order_id: set() for order_id in order_ids}
        for row in sql.rows("orders", f"stored_{kind.name}", {"order_ids": order_ids}):
            stored[row[0]].add(tuple(row[1:]))
        differing = [
            (order_id, document) for order_id, document in orders if stored[order_id] != kind.said(document)
        ]
        if differing:
            ids = [order_id for order_id, _document in differing]
            sql.execute("orders", f"delete_{kind.name}", {"order_ids": ids})
            kind.write(differing)
            replaced.update(ids)
    return replaced


class _Kind(NamedTuple):
    """One kind of children: what a document says of them, as stored rows would say it; how they are written."""

    name: str
    said: Callable[[OrderDocument], set[tuple[Any, ...]]]
    write: Callable[[Written], None]


def _kinds(products: dict[str, int]) -> tuple[_Kind, ...]:
    return (
        _Kind(
            "lines",
            lambda document: _lines(document, products),
            lambda orders: _write_lines(orders, products),
        ),
        _Kind("refunds", lambda document: set(map(tuple, document.refunds)), _write_refunds),
        _Kind("events", lambda document: set(map(tuple, document.events)), _write_events),
    )


def _lines(document: OrderDocument, products: dict[str, int]) -> set[tuple[Any, ...]]:
    """Position, product, quantity and price, rounded as the columns round."""
    return {
        (
            position,
            products.get(article.external_id),
            quantity.quantize(_QUANTITY, ROUND_HALF_UP),
            unit_price.quantize(_PRICE, ROUND_HALF_UP),
        )
        for position, (article, quantity, unit_price) in enumerate(document.lines.rows(), 1)
    }


def _write_lines(orders: Written, products: dict[str, int]) -> None:
    if any(document.lines.articles for _order_id, document in orders):
        copy_text("copy_lines", _line_blocks(orders, products))


def _line_blocks(orders: Written, products: dict[str, int]) -> Iterator[str]:
    """Rows of COPY's text format: numbers alone, so nothing needs escaping. NULL where no product is named."""
    ids = {key: f"\t{product_id}" for key, product_id in products.items()}
    ids[""] = "\t\\N"
    cells = _Cells()
    positions = [
        str(position)
        for position in range(1, 1 + max(len(document.lines.articles) for _id, document in orders))
    ]
    rows: list[str] = []
    for order_id, document in orders:
        start = f"{order_id}\t"
        rows += [
            f"{start}{position}{ids[article[0]]}{cells[quantity]}{cells[unit_price]}\n"
            for position, article, quantity, unit_price in zip(positions, *document.lines, strict=False)
        ]
        if len(rows) > ROWS_A_BLOCK:
            yield "".join(rows)
            rows.clear()
    yield "".join(rows)


def _write_refunds(orders: Written) -> None:
    rows = [(order_id, *refund) for order_id, document in orders for refund in document.refunds]
    if rows:
        copy_rows("copy_refunds", _REFUND_TYPES, rows)


def _write_events(orders: Written) -> None:
    rows = [
        (order_id, *event, "", "")
        for order_id, document in orders
        if document.events
        for event in dict.fromkeys(document.events)
    ]
    if rows:
        copy_rows("copy_events", _EVENT_TYPES, rows)
