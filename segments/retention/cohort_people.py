"""The people behind a cell of the cohort triangle and a window of the second order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from accounts.models import Store
from lib.periods import add_months, months_between
from lib.wording import count_text
from segments.addresses import page_url
from segments.models import CohortMonth, CustomerStats
from segments.people import Switch
from segments.retention import people_queries, queries
from segments.retention.figure import Figure, Return
from segments.retention.findings import month_text
from segments.retention.naming import value_key, value_label
from segments.retention.people_addresses import named
from segments.retention.tables import WINDOWS

Facet = CohortMonth.Facet
AGES_SHOWN = 24  # months after the cohort's own, as many as the triangle shows


@dataclass(frozen=True)
class CohortCell(Figure):
    """A cell of the triangle: who of a cohort ordered in the month `age` after their first."""

    month: date
    age: int
    facet: Facet
    value: str | None
    kept: tuple[str | None, ...]

    back_label = "All cohorts"
    nobody = "Nobody of this cohort ordered in this month."

    @property
    def title(self) -> str:
        return f"New in {month_text(self.month)}" + (f" who ordered in {self._ordered}" if self.age else "")

    @property
    def words(self) -> str:
        return f"who were new in {month_text(self.month)}" + (
            f" and ordered in {self._ordered}" if self.age else ""
        )

    @property
    def file_name(self) -> str:
        return f"cohort-{self.month:%Y-%m}" + (f"-plus-{self.age}" if self.age else "")

    def finding(self, store: Store) -> str:
        customers = people_queries.customers_counted(store, self.month, self.age, self.facet, self.value)
        whom = f" ({self.facet.label.lower()}: {value_label(self.value)})" if self.facet != Facet.ALL else ""
        return (
            f"{count_text(customers, 'customer')}{whom} placed their first order in "
            f"{month_text(self.month)}{f' and one in {self._ordered}' if self.age else ''}."
        )

    def people(self) -> QuerySet[CustomerStats]:
        return people_queries.cohort_people(
            self.state, self.month, age=self.age, facet=self.facet, value=self.value, kept=self.kept
        )

    def query(self) -> Mapping[str, str]:
        return {"of": "cohort", "month": named(self.month), "age": str(self.age), **self._facet()}

    def switches(self) -> Sequence[Switch]:
        last = min(months_between(self.month, self.state.as_of), AGES_SHOWN)
        ages = [
            (month_text(add_months(self.month, age)) if age else "At all", str(age))
            for age in sorted({*range(last + 1), self.age})
        ]
        return [self.switch("Who of the cohort ordered in", "age", ages)]

    def back(self, store: Store) -> str:
        return f"{page_url(store, self.tab, self._facet())}#triangle"

    def _facet(self) -> dict[str, str]:
        return {} if self.facet == Facet.ALL else {"facet": self.facet.value, "value": value_key(self.value)}

    @property
    def _ordered(self) -> str:
        return month_text(add_months(self.month, self.age))


@dataclass(frozen=True)
class SecondOrder(Return):
    """Customers, of one cohort or of all, who have had this many days since their first order, and who ordered
    again within them, or didn't.
    """

    days: int
    month: date | None

    @property
    def title(self) -> str:
        return f"{'Came' if self.returned else 'Did not come'} back within {self.days} days"

    @property
    def words(self) -> str:
        of = f"who were new in {month_text(self.month)} and" if self.month else "who"
        return f"{of} {'ordered' if self.returned else 'did not order'} again within {self.days} days"

    @property
    def file_name(self) -> str:
        return f"{'back' if self.returned else 'not-back'}-within-{self.days}-days"

    def finding(self, store: Store) -> str:
        window = queries.second_orders_within(store, self.days, self.month)
        customers = window.returned if self.returned else window.elapsed - window.returned
        of = f"new in {month_text(self.month)} " if self.month else ""
        verb = "ordered again" if self.returned else "did not order again"
        return (
            f"{count_text(customers, 'customer')} {of}{verb} within {self.days} days of their first "
            f"order, of {count_text(window.elapsed, 'who', 'who')} had the time."
        )

    def people(self) -> QuerySet[CustomerStats]:
        return people_queries.second_order_people(
            self.state, self.days, returned=self.returned, month=self.month
        )

    def query(self) -> Mapping[str, str]:
        month = {"month": named(self.month)} if self.month else {}
        return {"of": "second", "days": str(self.days), **super().query(), **month}

    def switches(self) -> Sequence[Switch]:
        windows = [(f"{days} days", str(days)) for days in WINDOWS]
        return [self.switch("Within", "days", windows), self.came_back()]
