"""Shops whose orders are given as (customer, day, minor units), written in bulk; CDNOW's sample among them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

from accounts.models import Store
from orders.models import Customer, Order

Purchase = tuple[str, date, int]


def record_purchases(store: Store, purchases: Iterable[Purchase]) -> None:
    """One order a purchase, at noon UTC; customers are made by their name."""
    rows = list(purchases)
    names = sorted({name for name, _, _ in rows})
    made = Customer.objects.bulk_create(Customer(store=store, external_id=name, name=name) for name in names)
    people = {customer.external_id: customer for customer in made}
    known = Order.objects.filter(store=store).count()
    Order.objects.bulk_create(
        Order(
            store=store,
            customer=people[name],
            external_id=f"p{known + place}",
            number=f"#{known + place}",
            placed_at=datetime(day.year, day.month, day.day, 12, tzinfo=UTC),
            subtotal=amount,
            total=amount,
        )
        for place, (name, day, amount) in enumerate(rows, 1)
    )


def cdnow_purchases(shared_data: Path) -> list[Purchase]:
    """The 6,919 rows of CDNOW's sample; a customer's name is the sample's own number."""
    rows = [line.split() for line in (shared_data / "cdnow" / "CDNOW_sample.txt").read_text().splitlines()]
    return [
        (row[1], datetime.strptime(row[2], "%Y%m%d").date(), round(float(row[4]) * 100))  # noqa: DTZ007
        for row in rows
        if row
    ]


def drawn_purchases(*, customers: int, first: date, days: int, seed: int = 3) -> list[Purchase]:
    """Customers who come first on some day of `days`, order at a pace of their own, and leave by chance."""
    draw = Random(seed)
    purchases: list[Purchase] = []
    for number in range(customers):
        day, taste = draw.randrange(days), draw.gammavariate(6, 400)
        rate, leaving = draw.gammavariate(0.8, 1 / 30), draw.betavariate(0.6, 3)
        at = float(day)
        while at < days:
            amount = round(taste * draw.gammavariate(5, 0.2))
            purchases.append((f"c{number}", date.fromordinal(first.toordinal() + int(at)), amount))
            if draw.random() < leaving or rate < 1e-6:
                break
            at += max(1.0, draw.expovariate(rate))
    return purchases
