"""How far to trust the value models: where the past is cut, how the test is kept, what it says in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Self

from lib.money import minor_digits
from segments.clv.calibration import Calibration, Comparison, FrequencyGroup, Week
from segments.clv.fitting import FitProblem

# As long as the look ahead, so that every season is in the test, where there are three years to learn from;
# else a third of what there is.
MOST_WEEKS = 52
LEAST_WEEKS = 4

TOO_SHORT = (
    f"The orders reach back less than {3 * LEAST_WEEKS} weeks. A forecast can be tested once there is a past to "
    f"learn from and at least {LEAST_WEEKS} weeks after it to compare with."
)


def cut_day(*, first_on: date, as_of: date) -> date | None:
    """The last day that the tested models learn from; None where the orders reach back too little."""
    weeks = min(MOST_WEEKS, (as_of - first_on).days // 7 // 3)
    return as_of - timedelta(weeks=weeks) if weeks >= LEAST_WEEKS else None


class Trust(StrEnum):
    """What the forecasts are good for, judging by the last test."""

    CLOSE = "close"
    FAIR = "fair"
    POOR = "poor"
    UNKNOWN = "unknown"


# Judgements: plans usually survive an error of a tenth, and none survives a quarter.
_CLOSE, _FAIR = 0.10, 0.25
_TELLS_APART = 0.3


@dataclass(frozen=True, slots=True)
class KeptCalibration:
    """A calibration as a fit keeps it: `segments.clv.calibration.Calibration`, revenue in minor units.

    `frequency_correlation`: of how often with how much, which the spend model takes for 0.
    """

    calibration_end: date
    holdout_end: date
    customers: int
    weeks: tuple[Week, ...]
    groups: tuple[FrequencyGroup, ...]
    orders: Comparison
    revenue: Comparison | None
    weekly_error: float | None
    correlation: float | None
    frequency_correlation: float | None

    @classmethod
    def of(cls, calibration: Calibration, currency: str) -> Self:
        """What a fit keeps of a calibration in major units of the currency."""
        spend, revenue = calibration.model.spend, calibration.revenue
        minor = 10 ** minor_digits(currency)
        return cls(
            calibration_end=calibration.calibration_end,
            holdout_end=calibration.holdout_end,
            customers=calibration.customers,
            weeks=calibration.weeks,
            groups=calibration.groups,
            orders=calibration.orders,
            revenue=Comparison(revenue.expected * minor, revenue.actual * minor) if revenue else None,
            weekly_error=calibration.weekly_error,
            correlation=calibration.correlation,
            frequency_correlation=None if isinstance(spend, FitProblem) else spend.frequency_correlation,
        )

    @classmethod
    def kept(cls, figures: dict[str, Any]) -> Self | None:
        """Of what a fit keeps; None where it has no test on the past (its `calibration_problem` says why)."""
        return cls.from_json(figures) if figures else None

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Self:
        """The calibration that `as_json` wrote."""
        return cls(
            calibration_end=date.fromisoformat(kept["calibration_end"]),
            holdout_end=date.fromisoformat(kept["holdout_end"]),
            customers=kept["customers"],
            weeks=tuple(Week(date.fromisoformat(end), *figures) for end, *figures in kept["weeks"]),
            groups=tuple(FrequencyGroup(*figures) for figures in kept["groups"]),
            orders=Comparison(*kept["orders"]),
            revenue=Comparison(*kept["revenue"]) if kept["revenue"] else None,
            weekly_error=kept["weekly_error"],
            correlation=kept["correlation"],
            frequency_correlation=kept["frequency_correlation"],
        )

    def as_json(self) -> dict[str, Any]:
        """Plain lists and figures."""
        return {
            "calibration_end": self.calibration_end.isoformat(),
            "holdout_end": self.holdout_end.isoformat(),
            "customers": self.customers,
            "weeks": [
                [week.end.isoformat(), week.actual, round(week.expected, 2), week.in_holdout]
                for week in self.weeks
            ],
            "groups": [
                [group.x, group.or_more, group.customers, group.actual_mean, group.expected_mean]
                for group in self.groups
            ],
            "orders": [self.orders.expected, self.orders.actual],
            "revenue": [self.revenue.expected, self.revenue.actual] if self.revenue else None,
            "weekly_error": self.weekly_error,
            "correlation": self.correlation,
            "frequency_correlation": self.frequency_correlation,
        }

    @property
    def headline(self) -> Comparison:
        """What matters most of the test: revenue where spend could be modelled, else orders."""
        return self.revenue or self.orders

    @property
    def trust(self) -> Trust:
        """By the larger of the errors of orders and revenue."""
        errors = [side.error for side in (self.orders, self.revenue) if side is not None]
        known = [abs(error) for error in errors if error is not None]
        if not known:
            return Trust.UNKNOWN
        worst = max(known)
        return Trust.CLOSE if worst <= _CLOSE else Trust.FAIR if worst <= _FAIR else Trust.POOR

    @property
    def tells_customers_apart(self) -> bool:
        """Whether customers of whom more was expected did order more."""
        return self.correlation is not None and self.correlation >= _TELLS_APART
