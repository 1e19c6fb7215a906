"""The lists of people behind the lapses of a month and the outcomes of first deliveries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse

from accounts.models import Store
from lib.keyset import page_of
from lib.periods import add_months, month_start
from lib.wording import number_text
from segments.addresses import export_query
from segments.findings import counted
from segments.models import CustomerStats, DeliveryReturn, RetentionState
from segments.people import BY_VALUE, Choice, PeopleList, Switch
from segments.retention import people_queries, queries
from segments.retention.findings import month_text
from segments.retention.people_addresses import LAPSED, WON_BACK, named
from segments.retention.tables import LAPSES_KEPT, RETURN_DAYS

Outcome = DeliveryReturn.Outcome


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
                            month_text(month), urlencode(self.query(month=named(month))), month == self.month
                        )
                        for month in months
                    ],
                ),
            ],
        )

    def query(self, **changes: object) -> dict[str, object]:
        """What an address says of it, with some of it changed."""
        return {"of": WON_BACK if self.won_back else LAPSED, "month": named(self.month), **changes}


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
