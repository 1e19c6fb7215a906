"""The sentence of the list of orders: the last 30 days beside the 30 before, and what is overdue."""

from __future__ import annotations

from datetime import timedelta

from accounts.models import Store
from lib.periods import local_today
from orders import queries, rollup_queries
from orders.findings import orders_finding

_DAYS = timedelta(days=30)


def recent_finding(store: Store) -> str:
    """Four queries; an empty string before any order is rolled up."""
    today = local_today(store.timezone)
    if not rollup_queries.has_figures(store):
        return ""
    now = rollup_queries.day_figures(store, today - _DAYS + timedelta(days=1), today)
    before = rollup_queries.day_figures(store, today - 2 * _DAYS + timedelta(days=1), today - _DAYS)
    return orders_finding(now, before, queries.overdue_orders(store, today).count(), store.currency)
