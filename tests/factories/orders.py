"""Customers and orders, with the least said."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import Any

from accounts.models import Store
from orders.models import Customer, Order, OrderEvent

_number = count(1)


def make_customer(store: Store, name: str = "", **fields: Any) -> Customer:
    """A registered customer; the name makes the e-mail and the shop's id."""
    name = name or f"customer-{next(_number)}"
    defaults = {"external_id": name, "email": f"{name}@example.com".lower(), "name": name.capitalize()}
    return Customer.objects.create(store=store, **(defaults | fields))


def make_order(
    customer: Customer | None, placed_at: str | datetime, total: int = 1000, **fields: Any
) -> Order:
    """An order of so many minor units. A `placed_at` in ISO form without an offset is in UTC."""
    if isinstance(placed_at, str):
        placed_at = datetime.fromisoformat(placed_at)
    if placed_at.tzinfo is None:
        placed_at = placed_at.replace(tzinfo=UTC)
    number = next(_number)
    defaults = {"external_id": f"order-{number}", "number": f"#{number}", "subtotal": total}
    if customer is not None:
        defaults["store_id"] = customer.store_id
    return Order.objects.create(customer=customer, placed_at=placed_at, total=total, **(defaults | fields))


def make_event(order: Order, at: str | datetime, kind: str = "shipped", **fields: Any) -> OrderEvent:
    """Something the customer was told about an order. An `at` in ISO form without an offset is in UTC."""
    if isinstance(at, str):
        at = datetime.fromisoformat(at)
    return OrderEvent.objects.create(order=order, at=at.replace(tzinfo=at.tzinfo or UTC), kind=kind, **fields)
