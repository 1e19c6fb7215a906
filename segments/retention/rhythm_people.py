"""The people behind the times between orders, the lapses of a month and the outcomes of first deliveries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from accounts.models import Store
from lib.periods import add_months, month_start
from lib.wording import count_text, number_text
from segments.models import CustomerStats, DeliveryReturn
from segments.people import Switch
from segments.retention import people_queries, queries
from segments.retention.figure import Figure, Return
from segments.retention.findings import gap_weeks_text, month_text
from segments.retention.people_addresses import LAPSED, WON_BACK, named
from segments.retention.tables import LAPSES_KEPT, RETURN_DAYS

Outcome = DeliveryReturn.Outcome
NEIGHBOURS = 2  # bars on either side that a bar's page offers


@dataclass(frozen=True)
class Waited(Figure):
    """Customers who once waited this many whole weeks from an order to the next."""

    weeks: int

    tab = "rhythm"
    back_label = "Rhythm"
    nobody = "Nobody waited so long, or so short."

    @property
    def title(self) -> str:
        return f"Waited {self._days} days between two orders"

    @property
    def words(self) -> str:
        return f"who waited {self._days} days between two orders"

    @property
    def file_name(self) -> str:
        return f"waited-{self.weeks}-weeks"

    def finding(self, store: Store) -> str:
        times = queries.gaps_by_week(store)[self.weeks]
        return f"{count_text(times, 'time')} between two orders took {self._days} days; each customer is listed once."

    def people(self) -> QuerySet[CustomerStats]:
        last = self.weeks == queries.WEEKS_SHOWN
        return people_queries.waited_people(
            self.state, at_least=self.weeks * 7, at_most=None if last else self.weeks * 7 + 6
        )

    def query(self) -> Mapping[str, str]:
        return {"of": "gap", "weeks": str(self.weeks)}

    def switches(self) -> Sequence[Switch]:
        last = queries.WEEKS_SHOWN
        beside = range(max(self.weeks - NEIGHBOURS, 0), min(self.weeks + NEIGHBOURS, last) + 1)
        return [
            self.switch("Days", "weeks", [(gap_weeks_text(week, last=last), str(week)) for week in beside])
        ]

    @property
    def _days(self) -> str:
        return gap_weeks_text(self.weeks, last=queries.WEEKS_SHOWN)


@dataclass(frozen=True)
class Lapse(Figure):
    """Who lapsed in a month, or was won back in it."""

    month: date
    won_back: bool

    tab = "rhythm"
    back_label = "Rhythm"
    nobody = "Nobody, in this month."

    @property
    def title(self) -> str:
        return f"{'Won back' if self.won_back else 'Lapsed'} in {month_text(self.month)}"

    @property
    def words(self) -> str:
        return f"who {self._verb} in {month_text(self.month)}"

    @property
    def file_name(self) -> str:
        return f"{'won-back' if self.won_back else 'lapsed'}-{self.month:%Y-%m}"

    def finding(self, store: Store) -> str:
        times, customers = people_queries.times_happened(store, self.month, won_back=self.won_back)
        often = f", {number_text(times)} times in all" if times != customers else ""
        verb = "was won back" if self.won_back and customers == 1 else self._verb
        return f"{count_text(customers, 'customer')} {verb} in {month_text(self.month)}{often}."

    def people(self) -> QuerySet[CustomerStats]:
        return people_queries.lapsed_people(self.state, self.month, won_back=self.won_back)

    def query(self) -> Mapping[str, str]:
        return {"of": WON_BACK if self.won_back else LAPSED, "month": named(self.month)}

    def switches(self) -> Sequence[Switch]:
        last = month_start(self.state.as_of)
        months = [add_months(last, -back) for back in reversed(range(LAPSES_KEPT))]
        return [
            self.switch("Which", "of", (("Lapsed", LAPSED), ("Won back", WON_BACK))),
            self.switch("Month", "month", [(month_text(month), named(month)) for month in months]),
        ]

    @property
    def _verb(self) -> str:
        return "were won back" if self.won_back else "lapsed"


@dataclass(frozen=True)
class Delivered(Return):
    """Whose first order was delivered so, and who ordered again in the days after it or didn't."""

    outcome: Outcome

    tab = "rhythm"
    back_label = "Rhythm"

    @property
    def title(self) -> str:
        return f"First delivery {self._how}: {'came' if self.returned else 'did not come'} back"

    @property
    def words(self) -> str:
        again = "ordered" if self.returned else "did not order"
        return f"whose first order came {self._how} and who {again} again within {RETURN_DAYS} days"

    @property
    def file_name(self) -> str:
        came = "back" if self.returned else "not-back"
        return f"first-delivery-{self.outcome.value.replace('_', '-')}-{came}"

    def finding(self, store: Store) -> str:
        rows = {one.outcome: one for one in queries.delivery_returns(store)}
        row = rows.get(self.outcome)
        customers, returned = (row.customers, row.returned) if row else (0, 0)
        return (
            f"{count_text(returned if self.returned else customers - returned, 'customer')} "
            f"{'ordered' if self.returned else 'did not order'} again within {RETURN_DAYS} days of a first "
            f"delivery that came {self._how}, of {number_text(customers)}."
        )

    def people(self) -> QuerySet[CustomerStats]:
        return people_queries.delivered_people(self.state, self.outcome, returned=self.returned)

    def query(self) -> Mapping[str, str]:
        return {"of": "delivery", "outcome": self.outcome.value, **super().query()}

    def switches(self) -> Sequence[Switch]:
        outcomes = [(str(one.label), one.value) for one in Outcome]
        return [self.switch("First delivery", "outcome", outcomes), self.came_back()]

    @property
    def _how(self) -> str:
        """How it came, within a sentence."""
        return str(self.outcome.label)[:1].lower() + str(self.outcome.label)[1:]
