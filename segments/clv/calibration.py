"""How far to trust the models: fitted on the past, compared with what happened after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from segments.clv.bgnbd import BgNbd, expected_orders_since_first
from segments.clv.fitting import FitProblem
from segments.clv.histories import FloatArray, IntArray, Summary, Transactions, Unit, summarise
from segments.clv.value import CustomerValues, ValueModel, customer_values, fit_value

# FHL: Fader, Hardie & Lee 2005, as in `bgnbd`. The last group of the comparison by frequency holds this many
# repeat transactions and more (as in FHL).
MOST_FREQUENT = 7


@dataclass(frozen=True, slots=True)
class Week:
    """Repeat transactions of the calibrated customers from the start up to and including `end`."""

    end: date
    actual: int
    expected: float
    in_holdout: bool


@dataclass(frozen=True, slots=True)
class FrequencyGroup:
    """Customers with `x` repeat transactions in the calibration (the last group: `x` or more).

    Means are of transactions per customer in the holdout.
    """

    x: int
    or_more: bool
    customers: int
    actual_mean: float
    expected_mean: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """A total expected of the holdout, and what it came to."""

    expected: float
    actual: float

    @property
    def error(self) -> float | None:
        """(expected - actual) / actual: 0.04 is 4% too many, -0.04 too few. None where nothing happened."""
        return (self.expected - self.actual) / self.actual if self.actual else None


@dataclass(frozen=True, slots=True)
class Calibration:
    """The models fitted until one day, and compared with the days up to another.

    `orders`: transactions in the holdout; `revenue`: their amounts, None where spend could not be modelled.
    `weekly_error`: mean absolute error of the holdout's cumulative weeks, as a share of the actual ones
    (MAPE). `correlation`: Pearson's, of expected with actual transactions customer by customer; None where
    either doesn't vary.
    """

    model: ValueModel
    calibration_end: date
    holdout_end: date
    customers: int
    weeks: tuple[Week, ...]
    groups: tuple[FrequencyGroup, ...]
    orders: Comparison
    revenue: Comparison | None
    weekly_error: float | None
    correlation: float | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the calibrated customers did.

    `orders`, `spend`: transactions in the holdout and their amounts, one row per customer of the summary.
    `repeat_day`, `repeat_count`: days, ascending, and how many repeat transactions each of them had, from
    the first purchase of all to the holdout's end.
    """

    orders: FloatArray
    spend: FloatArray
    repeat_day: NDArray[np.datetime64]
    repeat_count: IntArray


def calibrate(
    transactions: Transactions, *, calibration_end: date, holdout_end: date, unit: Unit
) -> Calibration | FitProblem:
    """Fit on the transactions up to `calibration_end`, compare with those after it, up to `holdout_end`.

    Only customers who had bought by `calibration_end` take part: the models say nothing of newcomers.
    Raises ValueError where the holdout has no day.
    """
    summary = summarise(transactions, until=calibration_end, unit=unit)
    theirs = transactions.until(holdout_end).of(summary.customer)
    orders, spend = _after(theirs, summary, calibration_end)
    repeat_day, repeat_count = np.unique(theirs.day[~theirs.is_first], return_counts=True)
    outcome = Outcome(orders, spend, repeat_day, repeat_count)
    return compare(summary, outcome, calibration_end=calibration_end, holdout_end=holdout_end, unit=unit)


def compare(
    summary: Summary, outcome: Outcome, *, calibration_end: date, holdout_end: date, unit: Unit
) -> Calibration | FitProblem:
    """`calibrate` for customers whose past and outcome are summed up already, as a database does it.

    Raises ValueError where the holdout has no day.
    """
    if holdout_end <= calibration_end:
        raise ValueError("The holdout must end after the calibration does.")
    model = fit_value(summary.histories)
    if isinstance(model.orders, FitProblem):
        return model.orders
    horizon = (holdout_end - calibration_end).days / unit.days
    values = customer_values(model, summary.histories, horizon=horizon)
    weeks = _weeks(
        model.orders, outcome, summary, calibration_end=calibration_end, unit=unit, end=holdout_end
    )
    return Calibration(
        model=model,
        calibration_end=calibration_end,
        holdout_end=holdout_end,
        customers=len(summary.customer),
        weeks=weeks,
        groups=_groups(summary.histories.x, values.expected_orders, outcome.orders),
        orders=Comparison(float(values.expected_orders.sum()), float(outcome.orders.sum())),
        revenue=_revenue(model, values, outcome.spend),
        weekly_error=_weekly_error(weeks),
        correlation=_correlation(values.expected_orders, outcome.orders),
    )


def _after(transactions: Transactions, summary: Summary, day: date) -> tuple[FloatArray, FloatArray]:
    """Transactions after the day, and their amounts, of each of the summary's customers."""
    late = transactions.day > np.datetime64(day, "D")
    # Both are sorted by customer, so a customer's place is found by bisection.
    place = np.searchsorted(summary.customer, transactions.customer[late])
    size = len(summary.customer)
    counts = np.bincount(place, minlength=size).astype(np.float64)
    spend = np.bincount(place, weights=transactions.amount[late], minlength=size)
    return counts, spend.astype(np.float64)


def _weeks(
    model: BgNbd,
    outcome: Outcome,
    summary: Summary,
    *,
    calibration_end: date,
    end: date,
    unit: Unit,
) -> tuple[Week, ...]:
    """Cumulative repeat transactions week by week, expected by FHL equation (9) from each first purchase on.

    Weeks are counted back and forth from the calibration's end, so that it is a week's end.
    """
    zero = summary.first_day.min()
    first, customers = np.unique((summary.first_day - zero).astype(np.int64), return_counts=True)
    repeat = (outcome.repeat_day - zero).astype(np.int64)
    actual = np.append(0, np.cumsum(outcome.repeat_count))
    length = int((np.datetime64(end, "D") - zero).astype(np.int64))
    by_age = expected_orders_since_first(model, np.arange(length + 1) / unit.days)
    weeks = []
    for day in _week_ends(zero.item(), calibration_end, end):
        reached = int((np.datetime64(day, "D") - zero).astype(np.int64))
        started = first <= reached
        weeks.append(
            Week(
                end=day,
                actual=int(actual[np.searchsorted(repeat, reached, side="right")]),
                expected=float(customers[started] @ by_age[reached - first[started]]),
                in_holdout=day > calibration_end,
            )
        )
    return tuple(weeks)


def _week_ends(start: date, middle: date, end: date) -> list[date]:
    """Every seventh day from start to end, through the middle, and the end where it completes no week."""
    before, after = (middle - start).days // 7, (end - middle).days // 7
    days = [middle + timedelta(weeks=week) for week in range(-before, after + 1)]
    return days if days[-1] == end else [*days, end]


def _groups(x: FloatArray, expected: FloatArray, actual: FloatArray) -> tuple[FrequencyGroup, ...]:
    capped = np.minimum(x, MOST_FREQUENT).astype(np.int64)
    return tuple(
        FrequencyGroup(
            x=int(group),
            or_more=bool(group == MOST_FREQUENT),
            customers=int((capped == group).sum()),
            actual_mean=float(actual[capped == group].mean()),
            expected_mean=float(expected[capped == group].mean()),
        )
        for group in np.unique(capped)
    )


def _revenue(model: ValueModel, values: CustomerValues, spend: FloatArray) -> Comparison | None:
    if isinstance(model.spend, FitProblem):
        return None
    return Comparison(float(values.expected_value.sum()), float(spend.sum()))


def _weekly_error(weeks: tuple[Week, ...]) -> float | None:
    """The error of transactions since the calibration's end, over the holdout's weeks that had any."""
    base = next(week for week in reversed(weeks) if not week.in_holdout)
    errors = [
        abs((week.expected - base.expected) / (week.actual - base.actual) - 1)
        for week in weeks
        if week.in_holdout and week.actual > base.actual
    ]
    return sum(errors) / len(errors) if errors else None


def _correlation(expected: FloatArray, actual: FloatArray) -> float | None:
    if np.ptp(expected) == 0 or np.ptp(actual) == 0:
        return None
    return float(np.corrcoef(expected, actual)[0, 1])
