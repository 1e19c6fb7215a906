"""A customer's own cadence: how many days usually lie between their visits, and by how much the next is overdue.

A visit is a day, the store's own, with a counted order. The gap is the median of the days from one visit to the
next, over the customer's life; fewer than three visits tell no cadence. The next order is due one gap (rounded
up to whole days) after the last visit. Gaps are brought up to date with every fit of the value models, thus every
night and after every import; the day the next order is due also whenever a customer's statistics are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from accounts.models import Store
from lib import sql
from lib.periods import start_of_next_day
from lib.wording import day_text, number_text
from segments.scoring import lock_scoring
from segments.stats import planned_for_everybody


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


@transaction.atomic
def refresh_cadence(*, store: Store, as_of: date) -> int:
    """Brings everybody's cadence up to their orders until a day, the store's own; returns the rows that differed."""
    lock_scoring(store)
    parameters = {
        "store_id": store.pk,
        "timezone": store.timezone,
        "until": start_of_next_day(as_of, store.timezone),
    }
    with planned_for_everybody():
        return int(sql.one("segments", "refresh_cadence", parameters).written)


def cadence(gap_days: float | None, due_on: date | None, today: date) -> Cadence | None:
    """The cadence of kept statistics; None for a customer who has none."""
    return None if gap_days is None or due_on is None else Cadence(gap_days, due_on, today)
