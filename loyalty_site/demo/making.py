"""Makes the demo store: its people, orders, messages, roll-ups and two years of scorings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from itertools import islice
from typing import Any, TypeVar

from django.db import transaction

from accounts.models import Store
from accounts.people import create_store, demo_users
from lib import sql
from lib.periods import add_months, local_today, month_start, start_of_day
from loyalty_site.demo import shop
from loyalty_site.demo.documents import FIRST_NUMBER, documents_of
from loyalty_site.demo.lives import sales_until
from loyalty_site.demo.sales import Sale
from orders.copying import copy_rows
from orders.models import Order
from orders.recording import record_orders
from orders.rollups import refresh_rollups
from segments.customers.cadence import refresh_cadence
from segments.grading.grades import grade_store
from segments.history.decomposition import explain_outstanding
from segments.models import Refresh
from segments.retention.tables import refresh_retention
from segments.scoring import refresh_store
from segments.value.fitting import fit_value

_BATCH = 5000
_EVENT_TYPES = ["int8", "varchar", "timestamptz", "varchar", "varchar"]
_WEEKS, _MONTHS = 13, 24
T = TypeVar("T")


def make_demo_store(*, say: Callable[[str], Any] = lambda _: None) -> Store | None:
    """The demo store as of its today, all in one transaction: there is a whole one or none.

    Returns None where there is a store of that name already. Two at once: the second finds the first's.
    `say` is told of each step.
    """
    with transaction.atomic():
        sql.rows("loyalty_site", "lock_demo_store")
        if Store.objects.filter(slug=shop.SLUG).exists():
            return None
        store = create_store(
            slug=shop.SLUG, name=shop.NAME, currency=shop.CURRENCY, timezone=shop.TIMEZONE, is_demo=True
        )
        demo_users(store=store)
        today = local_today(store.timezone)
        # as old as its history: its nights go on from there
        store.created_at = start_of_day(scored_days(today)[0], store.timezone)
        store.save(update_fields=["created_at"])
        sales = sales_until(today)
        say(f"Writing {len(sales):,} orders of {store.name} ...")
        _write_sales(store, sales)
        refresh_rollups(store=store)
        say("Scoring its customers ...")
        _score(store, today)
        return store


def _write_sales(store: Store, sales: list[Sale]) -> None:
    for batch in _batches(documents_of(sales)):
        record_orders(store=store, documents=batch)
    ids = dict(Order.objects.filter(store=store).values_list("external_id", "pk"))
    told = (
        (ids[str(number)], notice.kind, notice.at, notice.channel, notice.text)
        for number, sale in enumerate(sales, FIRST_NUMBER)
        for notice in sale.notices
    )
    copy_rows("copy_events", _EVENT_TYPES, told)
    sql.execute("orders", "analyze_orders")  # else what follows is planned for empty tables


def _score(store: Store, today: date) -> None:
    """The past as far as a shop that has used Regulars for two years would have it, then today."""
    for day in scored_days(today):
        refresh_store(store=store, as_of=day, reason=Refresh.Reason.RECONSTRUCTED)
    refresh_store(store=store, as_of=today)
    explain_outstanding(store)
    fit_value(store=store)
    refresh_cadence(store=store, as_of=today)
    grade_store(store=store)
    refresh_retention(store=store)


def scored_days(today: date) -> list[date]:
    """The days before `today` as of which the past is scored: the first of each month, later each week."""
    weeks = [today - timedelta(weeks=back) for back in range(_WEEKS, 0, -1)]
    months = [add_months(month_start(today), -back) for back in range(_MONTHS, 0, -1)]
    return [month for month in months if month < weeks[0]] + weeks


def _batches(rows: Iterable[T]) -> Iterator[list[T]]:
    remaining = iter(rows)
    while batch := list(islice(remaining, _BATCH)):
        yield batch
