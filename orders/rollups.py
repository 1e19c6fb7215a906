"""Keeps the small tables that order pages read (rollup_models) equal to the orders they are made from.

Triggers log the days whose orders changed; `refresh_rollups` drains that log and makes the months of those
days again, writing only rows that differ. A store that changed its time zone is rolled up anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.timezone import now

from accounts.models import Store
from lib import sql
from orders.rollup_models import RollupState


@dataclass(frozen=True)
class RollupResult:
    """How many months were made again, and how many rows of roll-ups that wrote."""

    months: int
    rows: int


@transaction.atomic
def refresh_rollups(*, store: Store, rebuild: bool = False) -> RollupResult:
    """Brings the store's roll-ups up to its orders; `rebuild` makes all of them again.

    Two at once wait for each other. Nothing is written where nothing changed.
    """
    RollupState.objects.get_or_create(store=store)
    state = RollupState.objects.select_for_update().get(store=store)
    zone = Store.objects.values_list("timezone", flat=True).get(pk=store.pk)
    if zone != state.timezone:
        sql.execute("orders", "set_days_late", {"store_id": store.pk})
    months = _dirty_months(store)
    if rebuild or zone != state.timezone:
        months = _all_months(store)
    rows = _roll_up(store, months) if months else 0
    if months or zone != state.timezone:
        RollupState.objects.filter(store=store).update(timezone=zone, refreshed_at=now())
    return RollupResult(months=len(months), rows=rows)


def _dirty_months(store: Store) -> list[date]:
    return [row.month for row in sql.rows("orders", "dirty_months", {"store_id": store.pk})]


def _all_months(store: Store) -> list[date]:
    return [row.month for row in sql.rows("orders", "order_months", {"store_id": store.pk})]


def _roll_up(store: Store, months: list[date]) -> int:
    parameters = {"store_id": store.pk, "months": months}
    written = sql.one("orders", "roll_up_orders", parameters).written
    for name in ("roll_up_deliveries", "roll_up_guests"):
        written += sql.execute("orders", name, parameters)
    return int(written)
