"""Addresses of the list of orders with filters set: what a chart's mark or a table's row opens."""

from __future__ import annotations

from datetime import date, timedelta
from urllib.parse import urlencode

from django.urls import reverse

from accounts.models import Store
from lib.periods import add_months


def orders_url(store: Store, **filters: object) -> str:
    """The list of orders, filtered; filters without a value are left out, and unsaid values asked for."""
    given = {name: value for name, value in filters.items() if value not in (None, "")}
    query = f"?{urlencode(given)}" if given else ""
    return reverse("orders:order_list", args=[store.slug]) + query


def month_orders_url(store: Store, month: date, **filters: object) -> str:
    """The orders placed in the month that begins on `month`."""
    return orders_url(store, **filters, since=month, until=add_months(month, 1) - timedelta(days=1))
