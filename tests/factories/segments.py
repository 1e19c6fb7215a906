"""A small shop with orders, and the definitions of its figures in plain Python."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta
from django.db import connection

from accounts.models import Store
from orders.models import Customer, Order
from segments.models import CustomerStats, CustomerValue, FreshFigures
from segments.scoring import refresh_store
from segments.stats import Basis, Recomputed, recompute
from tests.factories.orders import make_customer, make_order

DAYS = timedelta(days=1)


@dataclass(frozen=True)
class Figures:
    """The statistics of a customer, in the order of the kept columns."""

    frequency: int
    monetary: int
    last_on: date | None
    lifetime_orders: int
    lifetime_net: int
    first_on: date | None
    second_on: date | None


def defined_figures(
    orders: Iterable[Order], *, timezone: str, as_of: date, window_months: int | None = None
) -> Figures:
    """A customer's statistics from all of their orders, by the definitions, one order at a time."""
    days, values, days_in_window, values_in_window = [], [], [], []
    for order in orders:
        day = order.placed_at.astimezone(ZoneInfo(timezone)).date()
        if day > as_of or order.status in ("cancelled", "voided"):
            continue
        in_window = window_months is None or day > as_of - relativedelta(months=window_months)
        if order.total < 0:
            counts, value = False, order.total - order.refunded
        elif 0 < order.total <= order.refunded:
            continue
        else:
            counts, value = True, order.total - order.refunded
        values.append(value)
        days.extend([day] if counts else [])
        if in_window:
            values_in_window.append(value)
            days_in_window.extend([day] if counts else [])
    days.sort()
    return Figures(
        frequency=len(days_in_window),
        monetary=sum(values_in_window),
        last_on=max(days_in_window, default=None),
        lifetime_orders=len(days),
        lifetime_net=sum(values),
        first_on=days[0] if days else None,
        second_on=days[1] if len(days) > 1 else None,
    )


def defined_score(value: int, values: Sequence[int], bins: int, *, less_is_better: bool = False) -> int:
    """1 + floor(bins * share of customers strictly worse), in exact arithmetic."""
    worse = sum(other > value if less_is_better else other < value for other in values)
    return 1 + int(bins * Fraction(worse, len(values)))


def keep_statistics(
    store: Store, basis: Basis, previous: Basis | None = None, *, rebuild: bool = False
) -> Recomputed:
    """Brings the statistics up to `basis` and keeps them, as a refresh does, but scores nobody."""
    done = recompute(store=store, basis=basis, previous=previous, rebuild=rebuild)
    keep_fresh_figures(store)
    return done


def keep_fresh_figures(store: Store) -> None:
    """Keeps the figures that wait for scores, without scores."""
    names = [field.attname for field in FreshFigures._meta.concrete_fields]
    CustomerStats.objects.bulk_create(
        (CustomerStats(**figures) for figures in FreshFigures.objects.filter(store=store).values(*names)),
        update_conflicts=True,
        unique_fields=["customer_id"],
        update_fields=[*(name for name in names if name != "customer_id"), "r", "f", "m"],
    )
    FreshFigures.objects.filter(store=store).delete()


def kept_figures(store: Store) -> dict[int, Figures]:
    """The statistics that the store keeps, by customer."""
    return {
        stats.customer_id: Figures(
            stats.frequency,
            stats.monetary,
            stats.last_on,
            stats.lifetime_orders,
            stats.lifetime_net,
            stats.first_on,
            stats.second_on,
        )
        for stats in CustomerStats.objects.filter(store=store)
    }


def kept_rows(store: Store) -> list[tuple[object, ...]]:
    """Everything kept of the store's customers, to compare one state with another."""
    return list(CustomerStats.objects.filter(store=store).order_by("customer_id").values_list())


def make_buyers(store: Store, frequencies: Sequence[int], *, last_on: date = date(2025, 6, 1)) -> list[int]:
    """Customers with so many orders each, a day apart, of 10.00 each; returns their ids in order.

    The first was here last on `last_on`, each other one a day before the one before.
    """
    ids = []
    for place, frequency in enumerate(frequencies):
        customer = make_customer(store)
        for number in range(frequency):
            make_order(customer, f"{last_on - (place + number) * DAYS}T12:00")
        ids.append(customer.pk)
    return ids


def make_scored_buyers(store: Store, frequencies: Sequence[int], *, as_of: date) -> list[Customer]:
    """Such customers, the first here last on the day, scored as of it."""
    ids = make_buyers(store, frequencies, last_on=as_of)
    refresh_store(store=store, as_of=as_of)
    return [Customer.objects.get(pk=pk) for pk in ids]


def touched(table: str) -> tuple[int, int]:
    """Index scans of the table and rows written to it, in this transaction so far."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select idx_scan, n_tup_ins + n_tup_upd + n_tup_del from pg_stat_xact_user_tables where relname = %s",
            [table],
        )
        scans, written = cursor.fetchone()
    return int(scans), int(written)


def give_value(stats: CustomerStats, *, expected_value: int, p_alive: float | None = None) -> CustomerValue:
    """What a fit would keep of a customer who has statistics."""
    return CustomerValue.objects.create(
        customer_id=stats.pk,
        store_id=stats.store_id,
        segment_id=stats.segment_id,
        scores=stats.scores,
        last_on=stats.last_on,
        expected_orders=1,
        expected_spend=expected_value,
        expected_value=expected_value,
        p_alive=p_alive,
    )
