"""Customers by the day of their first counted order: a roll-up that every refresh brings up to date."""

from __future__ import annotations

from accounts.models import Store
from lib import sql


def roll_up(store: Store) -> int:
    """Brings the roll-up up to the statistics; returns the rows written, which is 0 where nothing changed."""
    return sql.execute("segments", "roll_up_arrivals", {"store_id": store.pk})
