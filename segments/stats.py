"""Statistics per customer: kept up to date from the orders, a changed customer at a time or all at once."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from accounts.models import Store
from lib import sql
from lib.periods import add_months, start_of_next_day

# Looking up one customer's orders costs several times their part of a scan of everybody's: as measured, the scan is
# quicker from about a seventh of the customers up.
REBUILD_SHARE = 0.15
# A million customers hash into about this much; more than a page's query may have.
WORK_MEM = "128MB"


def planned_for_everybody() -> AbstractContextManager[None]:
    """How statements that may look at all customers of a store are planned. Needs a transaction.

    Without nested loops: planned while the tables have no planner statistics, or those of an empty table, as after a
    first import, they would look at every row of one table for every row of the other.
    """
    return sql.planner(work_mem=WORK_MEM, enable_nestloop="off")


@dataclass(frozen=True)
class Basis:
    """What statistics are computed by: up to which day, over how many months, in whose days.

    `window_months` None: every order counts. Most statistics are the same for two bases that differ only in the day.
    """

    as_of: date
    window_months: int | None
    timezone: str

    @property
    def until(self) -> datetime:
        """The first moment after the day: orders from here on are not looked at."""
        return start_of_next_day(self.as_of, self.timezone)

    @property
    def window_from(self) -> datetime | None:
        """The first moment of the window: the day after the same day N months ago."""
        if self.window_months is None:
            return None
        return start_of_next_day(add_months(self.as_of, -self.window_months), self.timezone)

    def differs_only_in_day(self, other: Basis) -> bool:
        return (self.window_months, self.timezone) == (other.window_months, other.timezone)


@dataclass(frozen=True)
class Recomputed:
    """What a recomputation did: customers looked at, rows that differed, whether it was everybody, and if not,
    who.
    """

    customers: int
    written: int
    rebuilt: bool
    customer_ids: Sequence[int] = ()


@transaction.atomic
def recompute(
    *, store: Store, basis: Basis, previous: Basis | None = None, rebuild: bool = False
) -> Recomputed:
    """Brings the statistics of the store to `basis`; `previous` is the basis of those kept, if any.

    Drains the log of changed customers and adds those with orders that are newly counted, or no longer counted,
    because the day moved. Recomputes everybody on request, when `previous` is None or has another time zone or
    window, and when so many changed that it is quicker. Only rows that differ are written.
    """
    kept = previous if previous and previous.differs_only_in_day(basis) else None
    customer_ids = _changed_customers(store, basis, kept or basis)
    rebuilt = rebuild or kept is None or customer_ids is None
    if not rebuilt and not customer_ids:
        return Recomputed(customers=0, written=0, rebuilt=False)
    if rebuild:
        recount_tallies(store)
    return _recompute(store, basis, None if rebuilt else customer_ids, rebuilt=rebuilt)


@transaction.atomic
def recompute_customers(*, store: Store, basis: Basis, customer_ids: Sequence[int]) -> Recomputed:
    """Brings some customers' statistics to `basis`, whatever the log of changes says of them."""
    return _recompute(store, basis, customer_ids, rebuilt=False)


def recount_tallies(store: Store) -> int:
    """Counts the tallies again and corrects them; returns how many differed, which should be none."""
    with planned_for_everybody():
        return int(sql.one("segments", "recount_tallies", {"store_id": store.pk}).differed)


def _changed_customers(store: Store, basis: Basis, previous: Basis) -> list[int] | None:
    """The drained log and what moved with the day; None for more than REBUILD_SHARE of the customers."""
    window_from, window_until = None, None
    if basis.window_from and previous.window_from:
        window_from, window_until = sorted((basis.window_from, previous.window_from))
    day_from, day_until = sorted((basis.until, previous.until))
    parameters = {
        "store_id": store.pk,
        "rebuild_share": REBUILD_SHARE,
        "day_from": day_from,
        "day_until": day_until,
        "window_from": window_from,
        "window_until": window_until,
    }
    customer_ids: list[int] | None = sql.one("segments", "changed_customers", parameters).customer_ids
    return customer_ids


def _recompute(
    store: Store, basis: Basis, customer_ids: Sequence[int] | None, *, rebuilt: bool
) -> Recomputed:
    parameters = {
        "store_id": store.pk,
        "customer_ids": None if customer_ids is None else list(customer_ids),
        "timezone": basis.timezone,
        "until": basis.until,
        "window_from": basis.window_from or "-infinity",
    }
    with planned_for_everybody():
        done = sql.one("segments", "recompute_stats", parameters)
    return Recomputed(done.recomputed, done.written, rebuilt, customer_ids or ())
