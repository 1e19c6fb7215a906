"""The shop that refreshes and pages are measured on: made once, kept between runs."""

from __future__ import annotations

from datetime import date
from time import time_ns

from django.db import connection

from accounts.models import Store
from benchmarks.data import make_orders
from jobs.settling import settle_tables
from orders.models import Customer, Order
from orders.rollups import refresh_rollups

END = "2026-06-30T12:00:00Z"
AS_OF = date(2026, 7, 1)


def bench_store(orders: int) -> Store:
    """A store with about this many orders, and a tenth as many customers."""
    store, made = Store.objects.get_or_create(
        slug=f"bench-{orders}", defaults={"name": "Bench", "currency": "GBP", "timezone": "Europe/London"}
    )
    if made or not Order.objects.filter(store=store).exists():
        make_orders(store, customers=orders // 10, orders=orders, end=END)
        refresh_rollups(store=store)
    nights = Order.objects.filter(
        store=store, external_id__startswith="n"
    )  # what they added in an earlier part
    if nights.delete()[0]:
        with connection.cursor() as cursor:
            cursor.execute(
                "vacuum orders_order"
            )  # else their entries stand before the newest order of a list
    settle_tables()  # as the job would that imported them
    return store


def forget_scores() -> None:
    """As after the first import: no statistics, no refresh, no moves."""
    with connection.cursor() as cursor:
        cursor.execute("truncate segments_customerstats, segments_refresh cascade")


def change_customers(store: Store, share: float, day: date) -> int:
    """A new order for a share of the customers, drawn at random; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into orders_order
                (store_id, customer_id, external_id, number, placed_at, status, channel, payment_method, carrier,
                 country, discount_code, subtotal, discount, shipping, tax, total, refunded, created_at, credits)
            select %(store)s, id, 'n' || id || '-' || %(mark)s, '', %(day)s::date + time '12:00', 'paid', 'web', 'card',
                '', 'GB', '', 2500, 0, 0, 0, 2500, 0, now(), ''
            from orders_customer where store_id = %(store)s and random() < %(share)s""",
            {"store": store.pk, "share": share, "day": day, "mark": str(time_ns())},
        )
        return int(cursor.rowcount)


def customers(store: Store) -> int:
    return Customer.objects.filter(store=store).count()
