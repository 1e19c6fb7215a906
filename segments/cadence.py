"""A customer's own cadence: how many days usually lie between their visits, and by how much the next is overdue.

A visit is a day, the store's own, with a counted order. The gap is the median of the days from one visit to the
next, over the customer's life; fewer than three visits tell no cadence. The next order is due one gap (rounded
up to whole days) after the last visit. Kept by sql/recompute_stats.sql; here is what follows on a given day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from lib.wording import day_text, number_text


@dataclass(frozen=True)
class Cadence:
    """A customer's cadence as of a day. `gap_days` is whole or a half, at least 1."""

    gap_days: float
    due_on: date
    today: date

    @property
    def days_overdue(self) -> int:
        """Days since the next order was due; 0 where it isn't overdue."""
        return max((self.today - self.due_on).days, 0)

    @property
    def gaps_overdue(self) -> float:
        """How many gaps of their own the next order is overdue by; 0 where it isn't."""
        return self.days_overdue / self.gap_days

    @property
    def gap_text(self) -> str:
        """Every 12.5 days."""
        return "Every day" if self.gap_days == 1 else f"Every {number_text(self.gap_days)} days"

    @property
    def due_text(self) -> str:
        """When the next order is due, or by how much it is overdue."""
        if not self.days_overdue:
            return f"next due {day_text(self.due_on)}"
        gaps = number_text(round(self.gaps_overdue, 1))
        return f"{gaps} {'gap' if gaps == '1' else 'gaps'} overdue, since {day_text(self.due_on)}"


def cadence(gap_days: float | None, due_on: date | None, today: date) -> Cadence | None:
    """The cadence of kept statistics; None for a customer who has none."""
    return None if gap_days is None or due_on is None else Cadence(gap_days, due_on, today)
