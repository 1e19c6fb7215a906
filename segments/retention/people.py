"""The pages of people behind the figures of retention: cells of the triangle, windows of the second order, lapses, deliveries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse

from accounts.models import Store
from lib.keyset import page_of
from lib.periods import add_months, month_start, months_between
from lib.wording import number_text
from segments.addresses import export_query
from segments.findings import counted
from segments.models import CohortMonth, CustomerStats, DeliveryReturn, RetentionState
from segments.people import BY_VALUE, Choice, PeopleList, Switch
from segments.retention import people_queries, queries
from segments.retention.findings import month_text
from segments.retention.naming import value_key, value_label, value_of
from segments.retention.tables import LAPSES_KEPT, RETURN_DAYS, WINDOWS

Facet = CohortMonth.Facet
Outcome = DeliveryReturn.Outcome
FEWEST_DAYS = WINDOWS[0]
LAPSED, WON_BACK = "lapsed", "won-back"  # in addresses
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
        return {"of": "cohort", "month": _named(self.month), "age": age, **self._facet()}

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
        month = {"month": _named(self.month)} if self.month else {}
        back = "yes" if self.returned else "no"
        return {"of": "second", "days": self.days, "back": back, **month, **changes}


@dataclass(frozen=True)
class Lapse:
    """Who lapsed in a month, or was won back in it."""

    state: RetentionState
    month: date
    won_back: bool

    def people(self) -> QuerySet[CustomerStats]:
        """One row a customer, unsorted."""
        return people_queries.lapsed_people(self.state, self.month, won_back=self.won_back)

    @property
    def verb(self) -> str:
        return "were won back" if self.won_back else "lapsed"

    @property
    def words(self) -> str:
        """What comes after "12 customers"."""
        return f"who {self.verb} in {month_text(self.month)}"

    @property
    def file_name(self) -> str:
        """Of its export, but for the store."""
        return f"{'won-back' if self.won_back else 'lapsed'}-{self.month:%Y-%m}"

    def listed(self, store: Store, query: QueryDict) -> PeopleList:
        """Its page at the address's cursor. At most three queries."""
        times, customers = people_queries.times_happened(store, self.month, won_back=self.won_back)
        often = f", {number_text(times)} times in all" if times != customers else ""
        verb = "was won back" if self.won_back and customers == 1 else self.verb
        last = month_start(self.state.as_of)
        months = [add_months(last, -back) for back in reversed(range(LAPSES_KEPT))]
        return PeopleList(
            title=f"{'Won back' if self.won_back else 'Lapsed'} in {month_text(self.month)}",
            finding=(
                f"{counted(customers, 'customer', 'customers')} {verb} in {month_text(self.month)}{often}. "
                "The best customers first."
            ),
            people=page_of(self.people(), BY_VALUE, query.get("page", "")),
            back=reverse("segments:rhythm", args=[store.slug]),
            back_label="Rhythm",
            export_query=export_query("retention", query),
            nobody="Nobody, in this month.",
            tab="rhythm",
            switches=[
                Switch(
                    "Which",
                    [
                        Choice(label, urlencode(self.query(of=of)), (of == WON_BACK) == self.won_back)
                        for label, of in (("Lapsed", LAPSED), ("Won back", WON_BACK))
                    ],
                ),
                Switch(
                    "Month",
                    [
                        Choice(
                            month_text(month), urlencode(self.query(month=_named(month))), month == self.month
                        )
                        for month in months
                    ],
                ),
            ],
        )

    def query(self, **changes: object) -> dict[str, object]:
        """What an address says of it, with some of it changed."""
        return {"of": WON_BACK if self.won_back else LAPSED, "month": _named(self.month), **changes}


@dataclass(frozen=True)
class Delivered:
    """Whose first order was delivered so, and who ordered again in the days after it or didn't."""

    state: RetentionState
    outcome: Outcome
    returned: bool

    def people(self) -> QuerySet[CustomerStats]:
        """One row a customer, unsorted."""
        return people_queries.delivered_people(self.state, self.outcome, returned=self.returned)

    @property
    def how(self) -> str:
        """How it came, within a sentence."""
        return str(self.outcome.label)[:1].lower() + str(self.outcome.label)[1:]

    @property
    def words(self) -> str:
        """What comes after "12 customers"."""
        again = "ordered" if self.returned else "did not order"
        return f"whose first order came {self.how} and who {again} again within {RETURN_DAYS} days"

    @property
    def file_name(self) -> str:
        """Of its export, but for the store."""
        return (
            f"first-delivery-{self.outcome.value.replace('_', '-')}-{'back' if self.returned else 'not-back'}"
        )

    def listed(self, store: Store, query: QueryDict) -> PeopleList:
        """Its page at the address's cursor. At most three queries."""
        rows = {one.outcome: one for one in queries.delivery_returns(store)}
        row = rows.get(self.outcome)
        customers, returned = (row.customers, row.returned) if row else (0, 0)
        return PeopleList(
            title=f"First delivery {self.how}: {'came' if self.returned else 'did not come'} back",
            finding=(
                f"{counted(returned if self.returned else customers - returned, 'customer', 'customers')} "
                f"{'ordered' if self.returned else 'did not order'} again within {RETURN_DAYS} days of a first "
                f"delivery that came {self.how}, of {number_text(customers)}. The best customers first."
            ),
            people=page_of(self.people(), BY_VALUE, query.get("page", "")),
            back=reverse("segments:rhythm", args=[store.slug]),
            back_label="Rhythm",
            export_query=export_query("retention", query),
            nobody="Nobody, of those who had the time.",
            tab="rhythm",
            switches=[
                Switch(
                    "First delivery",
                    [
                        Choice(str(one.label), urlencode(self.query(outcome=one.value)), one == self.outcome)
                        for one in Outcome
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
        back = "yes" if self.returned else "no"
        return {"of": "delivery", "outcome": self.outcome.value, "back": back, **changes}


Behind = CohortCell | SecondOrder | Lapse | Delivered


def behind(store: Store, state: RetentionState, query: Mapping[str, str]) -> Behind | None:
    """The figure that an address names; None where it names none. At most one query."""
    month = _month(query.get("month", ""))
    if query.get("of") == "second":
        days = query.get("days", "")
        chosen = int(days) if days in map(str, WINDOWS) else FEWEST_DAYS
        return SecondOrder(state, chosen, query.get("back") != "no", month)
    if query.get("of") == "delivery":
        outcome = query.get("outcome", "")
        chosen_outcome = Outcome(outcome) if outcome in Outcome.values else Outcome.VERY_LATE
        return Delivered(state, chosen_outcome, query.get("back") != "no")
    if month is None or month > state.as_of:
        return None
    if query.get("of") in (LAPSED, WON_BACK):
        return Lapse(state, month, query["of"] == WON_BACK)
    age = query.get("age", "")
    facet = Facet(query["facet"]) if query.get("facet") in Facet.values else Facet.ALL
    values = [] if facet == Facet.ALL else queries.facet_values(store, facet)
    return CohortCell(
        state=state,
        month=month,
        age=min(int(age), months_between(month, state.as_of)) if age.isdecimal() and len(age) < 5 else 0,
        facet=facet,
        value=value_of(query.get("value", ""), values),
        kept=tuple(one.value for one in values),
    )


def cohort_url(store: Store, month: date, age: int, facet: Facet, value: str | None) -> str:
    """The people of a cell of the triangle."""
    of_facet = {} if facet == Facet.ALL else {"facet": facet.value, "value": value_key(value)}
    return _address(store, {"of": "cohort", "month": _named(month), "age": age, **of_facet})


def second_url(store: Store, days: int, month: date | None = None) -> str:
    """The people who ordered again within so many days."""
    of_month = {"month": _named(month)} if month else {}
    return _address(store, {"of": "second", "days": days, "back": "yes", **of_month})


def lapse_url(store: Store, month: date, *, won_back: bool) -> str:
    """The people who lapsed in a month, or were won back in it."""
    return _address(store, {"of": WON_BACK if won_back else LAPSED, "month": _named(month)})


def delivery_url(store: Store, outcome: Outcome) -> str:
    """The people whose first order was delivered so and who didn't come back."""
    return _address(store, {"of": "delivery", "outcome": outcome.value, "back": "no"})


def _address(store: Store, query: Mapping[str, object]) -> str:
    return f"{reverse('segments:retention_people', args=[store.slug])}?{urlencode(query)}"


def _named(month: date) -> str:
    """A month in an address: 2025-03."""
    return f"{month:%Y-%m}"


def _month(text: str) -> date | None:
    """The month that an address names; None for anything else."""
    try:
        return month_start(date.fromisoformat(f"{text}-01"))
    except ValueError:
        return None
