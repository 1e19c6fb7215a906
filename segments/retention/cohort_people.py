"""The lists of people behind a cell of the cohort triangle and a window of the second order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse

from accounts.models import Store
from lib.keyset import page_of
from lib.periods import add_months, months_between
from segments.addresses import export_query
from segments.findings import counted
from segments.models import CohortMonth, CustomerStats, RetentionState
from segments.people import BY_VALUE, Choice, PeopleList, Switch
from segments.retention import people_queries, queries
from segments.retention.findings import month_text
from segments.retention.naming import value_key, value_label
from segments.retention.people_addresses import named
from segments.retention.tables import WINDOWS

Facet = CohortMonth.Facet
AGES_SHOWN = 24  # months after the cohort's own, as many as the triangle shows


@dataclass(frozen=True)
class CohortCell:
    """A cell of the triangle: who of a cohort ordered in the month `age` after their first."""

    state: RetentionState
    month: date
    age: int
    facet: Facet
    value: str | None
    kept: tuple[str | None, ...]

    def people(self) -> QuerySet[CustomerStats]:
        """One row a customer, unsorted."""
        return people_queries.cohort_people(
            self.state, self.month, age=self.age, facet=self.facet, value=self.value, kept=self.kept
        )

    @property
    def words(self) -> str:
        """What comes after "12 customers"."""
        ordered = f" and ordered in {month_text(add_months(self.month, self.age))}" if self.age else ""
        return f"who were new in {month_text(self.month)}{ordered}"

    @property
    def file_name(self) -> str:
        """Of its export, but for the store."""
        return f"cohort-{self.month:%Y-%m}" + (f"-plus-{self.age}" if self.age else "")

    def listed(self, store: Store, query: QueryDict) -> PeopleList:
        """Its page at the address's cursor. At most three queries."""
        customers = people_queries.customers_counted(store, self.month, self.age, self.facet, self.value)
        whom = f" ({self.facet.label.lower()}: {value_label(self.value)})" if self.facet != Facet.ALL else ""
        month = add_months(self.month, self.age)
        ordered = f" who ordered in {month_text(month)}" if self.age else ""
        return PeopleList(
            title=f"New in {month_text(self.month)}{ordered}",
            finding=(
                f"{counted(customers, 'customer', 'customers')}{whom} placed their first order in "
                f"{month_text(self.month)}{f' and one in {month_text(month)}' if self.age else ''}. "
                "The best customers first."
            ),
            people=page_of(self.people(), BY_VALUE, query.get("page", "")),
            back=f"{reverse('segments:retention', args=[store.slug])}?{urlencode(self._facet())}#triangle",
            back_label="All cohorts",
            export_query=export_query("retention", query),
            nobody="Nobody of this cohort ordered in this month.",
            tab="retention",
            switches=[Switch("Who of the cohort ordered in", self._ages())],
        )

    def query(self, age: int) -> dict[str, object]:
        """What an address says of the cell of the same cohort at an age."""
        return {"of": "cohort", "month": named(self.month), "age": age, **self._facet()}

    def _facet(self) -> dict[str, object]:
        return {} if self.facet == Facet.ALL else {"facet": self.facet.value, "value": value_key(self.value)}

    def _ages(self) -> list[Choice]:
        last = min(months_between(self.month, self.state.as_of), AGES_SHOWN)
        return [
            Choice(
                month_text(add_months(self.month, age)) if age else "At all",
                urlencode(self.query(age)),
                age == self.age,
            )
            for age in sorted({*range(last + 1), self.age})
        ]


@dataclass(frozen=True)
class SecondOrder:
    """Who had so many days from the first order, of one cohort or of all, and ordered again within them or didn't."""

    state: RetentionState
    days: int
    returned: bool
    month: date | None

    def people(self) -> QuerySet[CustomerStats]:
        """One row a customer, unsorted."""
        return people_queries.second_order_people(
            self.state, self.days, returned=self.returned, month=self.month
        )

    @property
    def words(self) -> str:
        """What comes after "12 customers"."""
        of = f"who were new in {month_text(self.month)} and" if self.month else "who"
        return f"{of} {'ordered' if self.returned else 'did not order'} again within {self.days} days"

    @property
    def file_name(self) -> str:
        """Of its export, but for the store."""
        return f"{'back' if self.returned else 'not-back'}-within-{self.days}-days"

    def listed(self, store: Store, query: QueryDict) -> PeopleList:
        """Its page at the address's cursor. At most three queries."""
        window = queries.second_orders_within(store, self.days, self.month)
        customers = window.returned if self.returned else window.elapsed - window.returned
        of = f"new in {month_text(self.month)} " if self.month else ""
        verb = "ordered again" if self.returned else "did not order again"
        return PeopleList(
            title=f"{'Came' if self.returned else 'Did not come'} back within {self.days} days",
            finding=(
                f"{counted(customers, 'customer', 'customers')} {of}{verb} within {self.days} days of their first "
                f"order, of {counted(window.elapsed, 'who', 'who')} had the time. The best customers first."
            ),
            people=page_of(self.people(), BY_VALUE, query.get("page", "")),
            back=reverse("segments:retention", args=[store.slug]),
            back_label="Who comes back",
            export_query=export_query("retention", query),
            nobody="Nobody, of those who had the time.",
            tab="retention",
            switches=[
                Switch(
                    "Within",
                    [
                        Choice(f"{days} days", urlencode(self.query(days=days)), days == self.days)
                        for days in WINDOWS
                    ],
                ),
                Switch(
                    "Whether",
                    [
                        Choice(label, urlencode(self.query(back=back)), (back == "yes") == self.returned)
                        for label, back in (("Came back", "yes"), ("Did not", "no"))
                    ],
                ),
            ],
        )

    def query(self, **changes: object) -> dict[str, object]:
        """What an address says of it, with some of it changed."""
        month = {"month": named(self.month)} if self.month else {}
        back = "yes" if self.returned else "no"
        return {"of": "second", "days": self.days, "back": back, **month, **changes}
