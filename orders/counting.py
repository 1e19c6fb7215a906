"""Whether a document counts, and why not, in the words of the definitions. Pure; no database."""

from __future__ import annotations

from dataclasses import dataclass

from orders.models import Order


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether the document counts as a purchase and in revenue, and the sentence that says so."""

    counts: bool
    in_revenue: bool
    sentence: str


def standing_of(order: Order) -> Standing:
    """Why the document counts or doesn't."""
    if order.status == Order.Status.CANCELLED:
        return Standing(False, False, "It was cancelled, so it counts neither as a purchase nor in revenue.")
    if order.status == Order.Status.VOIDED:
        return Standing(
            False, False, "Its payment was voided, so it counts neither as a purchase nor in revenue."
        )
    if order.is_credit_note:
        return Standing(
            False, True, "A credit note lowers revenue and what the customer spent; it is no purchase."
        )
    if order.is_refunded_in_full:
        return Standing(
            False, False, "It was refunded in full, so it counts neither as a purchase nor in revenue."
        )
    if order.total == 0:
        return Standing(True, True, "It was free, and counts as a purchase.")
    if order.customer_id is None:
        return Standing(True, True, "It counts in revenue, but in nobody's history: no customer is known.")
    if order.refunded:
        return Standing(True, True, "It counts as a purchase; what was refunded is taken off.")
    return Standing(True, True, "It counts as a purchase.")
