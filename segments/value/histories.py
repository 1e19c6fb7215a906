"""A store's purchase histories, read from its orders for the value models (segments.clv)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from accounts.models import Store
from lib import sql
from lib.columns import read_columns
from lib.money import minor_digits
from lib.periods import start_of_next_day
from segments.clv.calibration import Outcome
from segments.clv.histories import Histories, IntArray, Summary, Unit

_COLUMNS = {
    "customer_id": "bigint",
    "first_on": "date",
    "last_on": "date",
    "days": "integer",
    "spend": "bigint",
    "cut_last_on": "date",
    "cut_days": "integer",
    "cut_spend": "bigint",
}
# Grouping the days of a million customers takes about this much; more than a page's query may have.
_WORK_MEM = "256MB"


@dataclass(frozen=True, slots=True)
class StoreHistories:
    """Everybody who bought by `until`, a row each, sorted by customer; and where they stood at the end of `cut_on`.

    A transaction is a customer and a day of the store's, its amount the net of the day's counted orders.
    Credit notes that name no order, and orders without a known customer, are no purchases and stay out.
    """

    customer_id: IntArray
    first_on: NDArray[np.datetime64]
    until: date
    cut_on: date
    currency: str
    _columns: dict[str, NDArray[Any]]

    def summary(self, unit: Unit) -> Summary:
        """Everybody's history up to `until`; money in major units."""
        return self._summary("", self.until, unit, np.ones(len(self.customer_id), dtype=np.bool_))

    def summary_at_cut(self, unit: Unit) -> Summary:
        """The histories up to `cut_on` of those who had bought by then; money in major units."""
        return self._summary("cut_", self.cut_on, unit, self._columns["cut_days"] > 0)

    def after_cut(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Transactions after `cut_on` and their amounts in major units, one row per customer of `summary_at_cut`."""
        rows, columns = self._columns["cut_days"] > 0, self._columns
        orders = (columns["days"] - columns["cut_days"])[rows].astype(np.float64)
        return orders, self._major((columns["spend"] - columns["cut_spend"])[rows])

    def _summary(self, look: str, end: date, unit: Unit, rows: NDArray[np.bool_]) -> Summary:
        first_on, last_on = self.first_on[rows], self._columns[f"{look}last_on"][rows]
        x = (self._columns[f"{look}days"][rows] - 1).astype(np.float64)
        spend = self._major(self._columns[f"{look}spend"][rows])
        histories = Histories.of(
            x=x,
            t_x=(last_on - first_on).astype(np.float64) / unit.days,
            T=(np.datetime64(end, "D") - first_on).astype(np.float64) / unit.days,
            m_x=np.divide(spend, x, out=np.zeros_like(x), where=x > 0),
        )
        return Summary(self.customer_id[rows], first_on, histories)

    def _major(self, minor: NDArray[Any]) -> NDArray[np.float64]:
        return np.asarray(minor / 10 ** minor_digits(self.currency), dtype=np.float64)


def purchase_histories(store: Store, *, until: date, cut_on: date | None = None) -> StoreHistories:
    """The histories up to the end of `until`, and up to the end of `cut_on` (default: the same day)."""
    parameters = _parameters(store, until, cut_on or until)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select set_config('work_mem', %s, true)", [_WORK_MEM])
        columns = read_columns(sql.statement("segments", "purchase_histories"), parameters, _COLUMNS)
    return StoreHistories(
        customer_id=columns.pop("customer_id"),
        first_on=columns.pop("first_on"),
        until=until,
        cut_on=cut_on or until,
        currency=store.currency,
        _columns=columns,
    )


def outcome_after_cut(store: Store, histories: StoreHistories) -> Outcome:
    """What those who had bought by the cut did until the end of the look, for the calibration."""
    parameters = _parameters(store, histories.until, histories.cut_on)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select set_config('work_mem', %s, true)", [_WORK_MEM])
        days = sql.rows("segments", "repeat_days", parameters)
    orders, spend = histories.after_cut()
    return Outcome(
        orders=orders,
        spend=spend,
        repeat_day=np.array([row.day for row in days], dtype="datetime64[D]"),
        repeat_count=np.array([row.transactions for row in days], dtype=np.int64),
    )


def _parameters(store: Store, until: date, cut_on: date) -> dict[str, object]:
    return {
        "store_id": store.pk,
        "timezone": store.timezone,
        "until": start_of_next_day(until, store.timezone),
        "cut_on": cut_on,
    }
