"""Transactions turned into purchase histories, and equal histories counted once.

A history is what the models need to know of one customer (Fader, Hardie & Lee 2005):

- `x`: repeat transactions, so the first purchase is left out;
- `t_x`: time from the first purchase to the last one, 0 where x is 0;
- `T`: time from the first purchase to the end of the observation;
- `m_x`: mean amount of the repeat transactions, 0 where x is 0.

A transaction is a customer and a day: what a customer buys within one day is one transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
AnyArray = NDArray[Any]


class Unit(StrEnum):
    """What time is counted in. A week is seven days, wherever it starts."""

    DAY = "day"
    WEEK = "week"

    @property
    def days(self) -> int:
        """Days in one unit."""
        return 7 if self is Unit.WEEK else 1


@dataclass(frozen=True, slots=True)
class Transactions:
    """Purchases merged to one row per customer and day, sorted by customer, then day."""

    customer: AnyArray
    day: NDArray[np.datetime64]
    amount: FloatArray

    @classmethod
    def merged(cls, *, customer: ArrayLike, day: ArrayLike, amount: ArrayLike) -> Self:
        """Merge purchases of a customer on a day into one transaction and sum their amounts.

        `day` is anything NumPy reads as days (dates, `datetime64`); `amount` is in any one unit of money.
        Only purchases belong here: a return lowers the amount of the order it returns.
        Raises ValueError for columns of different lengths, missing days, or amounts that aren't finite.
        """
        customers, days = np.asarray(customer), np.asarray(day, dtype="datetime64[D]")
        amounts = np.asarray(amount, dtype=np.float64)
        if not customers.shape == days.shape == amounts.shape or customers.ndim != 1:
            raise ValueError("Customer, day and amount must be columns of one length.")
        if np.isnat(days).any() or not np.isfinite(amounts).all():
            raise ValueError("Every transaction needs a day and a finite amount.")
        identities, code = np.unique(customers, return_inverse=True)
        order = np.lexsort((days, code))
        code, days, amounts = code[order], days[order], amounts[order]
        starts = np.flatnonzero(_is_new((code, days)))
        sums = np.add.reduceat(amounts, starts) if len(starts) else amounts
        return cls(identities[code[starts]], days[starts], sums)

    def until(self, day: date) -> Self:
        """The transactions up to and including the day."""
        kept = self.day <= np.datetime64(day, "D")
        return type(self)(self.customer[kept], self.day[kept], self.amount[kept])

    def of(self, customers: AnyArray) -> Self:
        """The transactions of the given customers."""
        kept = np.isin(self.customer, customers)
        return type(self)(self.customer[kept], self.day[kept], self.amount[kept])

    @property
    def is_first(self) -> NDArray[np.bool_]:
        """Whether the transaction is its customer's first."""
        return _is_new((self.customer,))


@dataclass(frozen=True, slots=True)
class Histories:
    """Purchase histories as columns of equal length; `count` customers share a row."""

    x: FloatArray
    t_x: FloatArray
    T: FloatArray
    m_x: FloatArray
    count: FloatArray

    @classmethod
    def of(
        cls,
        *,
        x: ArrayLike,
        t_x: ArrayLike,
        T: ArrayLike,  # noqa: N803  the field's own name for it
        m_x: ArrayLike | None = None,
        count: ArrayLike | None = None,
    ) -> Self:
        """Check the columns and make histories of them, one customer a row unless `count` says otherwise.

        Raises ValueError for histories that nobody can have (a last purchase after the end, and so on).
        """
        columns = [np.atleast_1d(np.asarray(column, dtype=np.float64)) for column in (x, t_x, T)]
        columns.append(_or_filled(m_x, len(columns[0]), 0.0))
        columns.append(_or_filled(count, len(columns[0]), 1.0))
        histories = cls(*columns)
        histories._check()
        return histories

    def _check(self) -> None:
        columns = (self.x, self.t_x, self.T, self.m_x, self.count)
        if any(column.ndim != 1 or len(column) != len(self.x) for column in columns):
            raise ValueError("x, t_x, T, m_x and count must be columns of one length.")
        if not all(np.isfinite(column).all() for column in columns):
            raise ValueError("x, t_x, T, m_x and count must be finite numbers.")
        if (self.x < 0).any() or (self.x != np.floor(self.x)).any():
            raise ValueError("x must be a whole number of repeat transactions, 0 or more.")
        if (self.t_x < 0).any() or (self.t_x > self.T).any():
            raise ValueError("t_x must lie between 0 and T.")
        if ((self.x > 0) != (self.t_x > 0)).any():
            raise ValueError("t_x must be 0 for one-time buyers, and only for them.")
        if (self.count <= 0).any():
            raise ValueError("count must be positive.")

    @property
    def customers(self) -> int:
        """How many customers the histories describe."""
        return int(self.count.sum())

    @property
    def repeat_buyers(self) -> int:
        """How many of them came back at least once."""
        return int(self.count[self.x > 0].sum())

    def chosen(self, rows: NDArray[np.bool_] | IntArray) -> Histories:
        """The histories in the given rows."""
        return Histories(self.x[rows], self.t_x[rows], self.T[rows], self.m_x[rows], self.count[rows])

    def by_timing(self) -> Histories:
        """Equal (x, t_x, T) merged and counted; m_x is left out (0). The BG/NBD likelihood needs no more."""
        x, t_x, end, count = merge_equal((self.x, self.t_x, self.T), self.count)
        return Histories(x, t_x, end, np.zeros_like(x), count)


@dataclass(frozen=True, slots=True)
class Summary:
    """One history per customer, sorted by customer, with the day of each one's first purchase."""

    customer: AnyArray
    first_day: NDArray[np.datetime64]
    histories: Histories


def summarise(transactions: Transactions, *, until: date, unit: Unit) -> Summary:
    """The purchase histories at the end of `until`, of the customers whose first purchase was by then.

    T runs from the first purchase's day to `until`, so someone whose first purchase is on that day has 0.
    """
    seen = transactions.until(until)
    first = np.flatnonzero(seen.is_first)
    if not len(first):
        return Summary(seen.customer, seen.day, Histories.of(x=[], t_x=[], T=[]))
    last = np.append(first[1:], len(seen.day)) - 1
    first_day = seen.day[first]
    x = (last - first).astype(np.float64)
    repeat_spend = np.add.reduceat(seen.amount, first) - seen.amount[first]
    m_x = np.divide(repeat_spend, x, out=np.zeros_like(x), where=x > 0)
    t_x = (seen.day[last] - first_day).astype(np.float64) / unit.days
    age = (np.datetime64(until, "D") - first_day).astype(np.float64) / unit.days
    return Summary(seen.customer[first], first_day, Histories.of(x=x, t_x=t_x, T=age, m_x=m_x))


def merge_equal(columns: tuple[FloatArray, ...], count: FloatArray) -> tuple[FloatArray, ...]:
    """The distinct rows of the columns in sorted order, and last the summed count of each."""
    order = np.lexsort(columns[::-1])
    ordered = tuple(column[order] for column in columns)
    starts = np.flatnonzero(_is_new(ordered))
    counts = np.add.reduceat(count[order], starts) if len(starts) else count
    return (*(column[starts] for column in ordered), counts)


def _is_new(columns: tuple[AnyArray, ...]) -> NDArray[np.bool_]:
    """Whether a row of sorted columns differs from the row before it."""
    new = np.zeros(len(columns[0]), dtype=np.bool_)
    new[:1] = True
    for column in columns:
        new[1:] |= column[1:] != column[:-1]
    return new


def _or_filled(column: ArrayLike | None, length: int, value: float) -> FloatArray:
    if column is None:
        return np.full(length, value)
    return np.atleast_1d(np.asarray(column, dtype=np.float64))
