"""What the page says of an order's counting is what the database counts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from orders.counting import standing_of
from orders.models import Order
from orders.sums import money_rows
from tests.factories.accounts import make_store
from tests.factories.orders import make_customer, make_order


@pytest.mark.django_db
@pytest.mark.parametrize("status", Order.Status.values)
@pytest.mark.parametrize(
    ("total", "refunded"), [(1000, 0), (1000, 300), (1000, 1000), (1000, 1200), (0, 0), (-400, 0)]
)
@pytest.mark.parametrize("known", [True, False])
def test_sentence_agrees_with_the_generated_columns(
    status: str, total: int, refunded: int, known: bool
) -> None:
    store = make_store()
    customer = make_customer(store) if known else None
    order = make_order(customer, "2025-03-01", total, store=store, status=status, refunded=refunded)
    order.refresh_from_db()
    standing = standing_of(order)
    assert (standing.counts, standing.in_revenue) == (order.counted, order.valued)


def order(**fields: Any) -> Order:
    return Order(**({"placed_at": datetime(2025, 3, 1, tzinfo=UTC), "status": "paid", "net": 0} | fields))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"total": 500, "status": "cancelled"}, "cancelled"),
        ({"total": 500, "status": "voided"}, "voided"),
        ({"total": -500}, "credit note"),
        ({"total": 500, "refunded": 500}, "refunded in full"),
        ({"total": 0}, "free"),
        ({"total": 500}, "no customer is known"),
        ({"total": 500, "refunded": 100, "customer_id": 1}, "taken off"),
        ({"total": 500, "customer_id": 1}, "counts as a purchase."),
    ],
)
def test_sentence_names_the_reason(fields: dict[str, Any], words: str) -> None:
    assert words.lower() in standing_of(order(**fields)).sentence.lower()


def test_money_adds_up_with_tax_inside_the_prices() -> None:
    rows = money_rows(
        order(subtotal=5000, discount=500, discount_code="TEA10", shipping=350, tax=750, total=4850)
    )
    assert [(row.label, row.amount) for row in rows] == [
        ("Subtotal", 5000),
        ("Discount TEA10", -500),
        ("Shipping", 350),
        ("Total", 4850),
    ]
    assert rows[-1].tax == 750


def test_money_adds_up_with_tax_on_top() -> None:
    rows = money_rows(order(subtotal=5000, shipping=350, tax=1070, total=6420))
    assert [(row.label, row.amount) for row in rows][-2:] == [("Tax", 1070), ("Total", 6420)]
    assert rows[-1].tax == 0


def test_refund_ends_in_what_is_left() -> None:
    rows = money_rows(order(subtotal=5000, total=5000, refunded=1200, net=3800))
    assert [(row.label, row.amount) for row in rows][-2:] == [("Refunded", -1200), ("Net", 3800)]


def test_order_of_which_only_the_total_is_known_shows_the_total_alone() -> None:
    assert [row.label for row in money_rows(order(total=5000))] == ["Total"]
