"""What pages read of who comes back: the retention tables, never the orders. One or two queries a read.

Money is minor units, shares are 0..1, months are their first day.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from django.db.models import F, Sum

from accounts.models import Store
from jobs.models import Job
from lib.periods import add_months, month_start, months_between
from segments.intervals import wilson_interval
from segments.models import (
    CohortMonth,
    ConcentrationStep,
    DeliveryReturn,
    GapSummary,
    LapseMonth,
    OrderGap,
    RetentionState,
    SecondOrderDay,
    SecondOrderWindow,
)

RETENTION = "segments.retention"  # the kind of job that makes the tables
CURVE_DAYS = 180
WEEKS_SHOWN = 26

Measure = Literal["customers", "orders", "revenue"]
MEASURES: tuple[Measure, ...] = ("customers", "orders", "revenue")
_COLUMNS = {"customers": "customers", "orders": "orders", "revenue": "net"}


@dataclass(frozen=True)
class Cohort:
    """The customers whose first order was in a month, and what they did in it and in each month after it.

    `amounts` is of the measure asked for, from the cohort's own month up to the month looked at last.
    """

    month: date
    customers: int
    amounts: tuple[int, ...]

    def shares(self) -> list[float | None]:
        """Each month's amount divided by that of the cohort's own month; None if the latter isn't above zero."""
        whole = self.amounts[0]
        return [amount / whole if whole > 0 else None for amount in self.amounts]


@dataclass(frozen=True)
class FacetValue:
    """A value that divides customers, and how many have it. `value` None: all that isn't among the most frequent."""

    value: str | None
    customers: int


@dataclass(frozen=True)
class SecondOrders:
    """How many customers have had `days` since their first order, and how many of them ordered again within those
    days.
    """

    days: int
    elapsed: int
    returned: int

    @property
    def share(self) -> float | None:
        """None where nobody's days are over."""
        return self.returned / self.elapsed if self.elapsed else None


@dataclass(frozen=True)
class ReturnCurve:
    """The share of a cohort with a second order by each day from the first, 0, 1, 2 ...

    It ends on the last day that has passed for everybody in the cohort.
    """

    month: date
    customers: int
    shares: tuple[float, ...]


@dataclass(frozen=True)
class Lapses:
    """(month, customers who lapsed in it, customers won back in it), oldest first; and who have lapsed by now."""

    months: tuple[tuple[date, int, int], ...]
    lapsed_now: int


@dataclass(frozen=True)
class ReturnAfterDelivery:
    """Of the customers whose first order was delivered so, those who ordered again within 90 days after it."""

    outcome: DeliveryReturn.Outcome
    customers: int
    returned: int

    @property
    def share(self) -> float:
        return self.returned / self.customers

    @property
    def interval(self) -> tuple[float, float]:
        """The share's 95% confidence interval."""
        return wilson_interval(self.returned, self.customers)


def retention_state(store: Store) -> RetentionState | None:
    """As of when the tables are; None before they were made first."""
    return RetentionState.objects.filter(store=store).first()


def retention_is_coming(store: Store) -> bool:
    """Whether the tables are being made, or are about to be."""
    return Job.objects.filter(store=store, kind=RETENTION, finished_at=None).exists()


def cohorts(
    store: Store, as_of: date, *, facet: str, value: str | None, measure: Measure, since: date
) -> list[Cohort]:
    """The cohorts from a month on, each up to the month of `as_of`, oldest first. One query.

    A month in which nobody ordered first has no row; there is none before the store's first one either.
    """
    last = month_start(as_of)
    found = CohortMonth.objects.filter(store=store, facet=facet, value=value, cohort__gte=since)
    amounts: dict[date, dict[int, int]] = defaultdict(dict)
    sizes: dict[date, int] = {}
    for cohort, age, customers, amount in found.values_list("cohort", "age", "customers", _COLUMNS[measure]):
        amounts[cohort][age] = amount
        if age == 0:
            sizes[cohort] = customers
    return [
        Cohort(
            month=month,
            customers=sizes[month],
            amounts=tuple(amounts[month].get(age, 0) for age in range(months_between(month, last) + 1)),
        )
        for month in sorted(amounts)
    ]


def newest_cohort(store: Store) -> date | None:
    """The month of the newest customer's first order. One query."""
    months = CohortMonth.objects.filter(store=store, facet=CohortMonth.Facet.ALL, age=0)
    return months.order_by("-cohort").values_list("cohort", flat=True).first()


def facet_values(store: Store, facet: str) -> list[FacetValue]:
    """The facet's values, those with most customers first, the rest last. One query."""
    rows = CohortMonth.objects.filter(store=store, facet=facet, age=0).values_list("value")
    found = [FacetValue(*row) for row in rows.annotate(people=Sum("customers"))]
    return sorted(found, key=lambda one: (one.value is None, -one.customers, one.value or ""))


def second_orders(store: Store) -> list[SecondOrders]:
    """Of all cohorts together, the shortest window first; a window nobody has behind them is left out. One query."""
    rows = SecondOrderWindow.objects.filter(store=store).values_list("days").order_by("days")
    return [SecondOrders(*row) for row in rows.annotate(over=Sum("elapsed"), back=Sum("returned"))]


def second_orders_within(store: Store, days: int, month: date | None) -> SecondOrders:
    """Of one cohort, or of all together. One query."""
    found = SecondOrderWindow.objects.filter(store=store, days=days)
    found = found.filter(cohort=month) if month else found
    summed = found.aggregate(over=Sum("elapsed"), back=Sum("returned"))
    return SecondOrders(days, summed["over"] or 0, summed["back"] or 0)


def second_orders_by_cohort(store: Store, *, since: date) -> dict[date, dict[int, SecondOrders]]:
    """By cohort and window, the cohorts from a month on, oldest first. One query."""
    rows = SecondOrderWindow.objects.filter(store=store, cohort__gte=since).order_by("cohort", "days")
    found: dict[date, dict[int, SecondOrders]] = defaultdict(dict)
    for row in rows:
        found[row.cohort][row.days] = SecondOrders(row.days, row.elapsed, row.returned)
    return dict(found)


def return_curves(store: Store, as_of: date, sizes: Mapping[date, int]) -> list[ReturnCurve]:
    """The curves of the cohorts whose sizes are given, oldest first, those with a day to show. One query."""
    returned: dict[date, Counter[int]] = defaultdict(Counter)
    rows = SecondOrderDay.objects.filter(store=store, cohort__in=list(sizes))
    for cohort, days, customers in rows.values_list("cohort", "days", "customers"):
        returned[cohort][days] = customers
    curves = []
    for month, customers in sorted(sizes.items()):
        # The cohort's last customers came before the month after it began; today isn't over.
        days_over = min(CURVE_DAYS, (as_of - add_months(month, 1)).days)
        if days_over >= 0:
            curves.append(ReturnCurve(month, customers, _cumulative(returned[month], days_over, customers)))
    return curves


def concentration(store: Store) -> list[ConcentrationStep]:
    """The hundred steps, those who spent most first; none without customers. One query."""
    return list(ConcentrationStep.objects.filter(store=store).order_by("percent"))


def gap_summaries(store: Store) -> list[GapSummary]:
    """All gaps together, then by number of the order; none where nobody came back. One query."""
    return list(GapSummary.objects.filter(store=store).order_by("number"))


def gaps_by_week(store: Store) -> list[int]:
    """How many gaps took 0-6 days, 7-13 ...; the last are of WEEKS_SHOWN weeks or more. One query."""
    weeks = [0] * (WEEKS_SHOWN + 1)
    rows = OrderGap.objects.filter(store=store).annotate(week=F("days") / 7).values_list("week")
    for week, gaps in rows.annotate(total=Sum("gaps")):
        weeks[min(week, WEEKS_SHOWN)] += gaps
    return weeks


def lapses(store: Store, as_of: date, *, months: int) -> Lapses:
    """The last months, oldest first, including those without lapses, and how many have lapsed by now. One query."""
    kept = {row.month: row for row in LapseMonth.objects.filter(store=store)}
    last = month_start(as_of)
    shown = [add_months(last, -back) for back in reversed(range(months))]
    return Lapses(
        months=tuple(
            (month, kept[month].lapsed, kept[month].won_back) if month in kept else (month, 0, 0)
            for month in shown
        ),
        lapsed_now=sum(row.lapsed - row.won_back for row in kept.values()),
    )


def delivery_returns(store: Store) -> list[ReturnAfterDelivery]:
    """By how the first order was delivered, the best first; an outcome that nobody had is left out. One query."""
    kept = {row.outcome: row for row in DeliveryReturn.objects.filter(store=store)}
    return [
        ReturnAfterDelivery(outcome, kept[outcome].customers, kept[outcome].returned)
        for outcome in DeliveryReturn.Outcome
        if outcome in kept
    ]


def _cumulative(by_day: Counter[int], last_day: int, customers: int) -> tuple[float, ...]:
    shares, total = [], 0
    for day in range(last_day + 1):
        total += by_day[day]
        shares.append(total / customers)
    return tuple(shares)


def mean_shares(cohorts: Sequence[Cohort]) -> list[float | None]:
    """What all cohorts together did in each month after their own, by what they did in it.

    Only complete months count: for each cohort, all but the last month, which is still running.
    """
    longest = max((len(cohort.amounts) - 1 for cohort in cohorts), default=0)
    shares: list[float | None] = []
    for age in range(longest):
        old_enough = [cohort for cohort in cohorts if len(cohort.amounts) - 1 > age]
        whole = sum(cohort.amounts[0] for cohort in old_enough)
        shares.append(sum(cohort.amounts[age] for cohort in old_enough) / whole if whole > 0 else None)
    return shares
