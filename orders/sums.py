"""How an order's money adds up, as the page shows it. Pure; minor units."""

from __future__ import annotations

from dataclasses import dataclass

from orders.models import Order


@dataclass(frozen=True, slots=True)
class SumRow:
    """One line of the sum: what, how much, whether it is a total, and the tax included in it."""

    label: str
    amount: int
    is_total: bool = False
    tax: int = 0


def money_rows(order: Order) -> list[SumRow]:
    """From the lines' sum to what the shop keeps. Tax is a row of its own only where it comes on top."""
    rows = []
    if order.subtotal or order.discount or order.shipping:
        rows.append(SumRow("Subtotal", order.subtotal))
    if order.discount:
        rows.append(SumRow(f"Discount {order.discount_code}".strip(), -order.discount))
    if order.shipping:
        rows.append(SumRow("Shipping", order.shipping))
    on_top = order.subtotal - order.discount + order.shipping + order.tax == order.total
    if order.tax and on_top:
        rows.append(SumRow("Tax", order.tax))
    included = order.tax if order.tax and not on_top else 0
    rows.append(SumRow("Total", order.total, is_total=True, tax=included))
    if order.refunded:
        rows.append(SumRow("Refunded", -order.refunded))
        rows.append(SumRow("Net", order.net, is_total=True))
    return rows
