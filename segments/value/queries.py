"""What pages read of what customers are expected to be worth: the newest fit, its roll-ups, and people.

Every read takes a fixed number of queries, whatever the size of the store; none of them looks at orders.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import F, QuerySet

from accounts.models import Store
from jobs.models import Job
from lib.periods import local_day, local_today
from segments.models import CustomerValue, Segment, SegmentValue, ValueFit

VALUE = "segments.value"  # the kind of job that fits
OLD_AFTER_DAYS = 2  # a fit is made nightly; one night may be late


@dataclass(frozen=True)
class ValueOfSegment:
    """What a segment's people are expected to bring within the horizon, minor units; shares 0..1.

    `segment` None: people that no refresh has looked at yet.
    """

    segment: Segment | None
    customers: int
    expected_orders: float
    expected_value: int
    share_of_customers: float
    share_of_value: float

    @property
    def mean_value(self) -> int:
        return round(self.expected_value / self.customers)


@dataclass(frozen=True)
class Forecast:
    """What one customer is expected to do, by the fit that says so."""

    value: CustomerValue
    fit: ValueFit
    age_days: int

    @property
    def is_old(self) -> bool:
        return self.age_days > OLD_AFTER_DAYS

    @property
    def why_not_known(self) -> str:
        """Why the customer has no P(alive)."""
        if not self.fit.order_model["a"]:
            return "This store's orders show nobody leaving for good."
        return "They have bought on one day only, which doesn't tell whether they left."


def latest_fit(store: Store) -> ValueFit | None:
    """The newest fit, whether it succeeded or says why not; None before the first one."""
    fit = ValueFit.objects.filter(store=store).order_by("-id").first()
    if fit is not None:
        fit.store = store  # known already: no query for it
    return fit


def age_in_days(store: Store, fit: ValueFit, *, today: date | None = None) -> int:
    """Days since the fit was made, by the store's clock, whatever day it is as of."""
    return ((today or local_today(store.timezone)) - local_day(fit.finished_at, store.timezone)).days


def fit_is_coming(store: Store) -> bool:
    """Whether a fit waits or runs."""
    return Job.objects.filter(store=store, kind=VALUE, finished_at=None).exists()


def value_by_segment(store: Store, fit: ValueFit) -> list[ValueOfSegment]:
    """Expected value by segment as they stood at the fit, the healthiest first. Nothing without spend."""
    if fit.expected_value is None:
        return []
    rows = SegmentValue.objects.filter(fit=fit, fit__store=store).select_related("segment")
    ordered = list(rows.order_by(F("segment__health").asc(nulls_last=True), "segment_id"))
    customers, value = sum(row.customers for row in ordered), fit.expected_value
    return [
        ValueOfSegment(
            segment=row.segment,
            customers=row.customers,
            expected_orders=row.expected_orders,
            expected_value=row.expected_value or 0,
            share_of_customers=row.customers / customers,
            share_of_value=(row.expected_value or 0) / value if value else 0.0,
        )
        for row in ordered
    ]


def most_valuable(store: Store) -> QuerySet[CustomerValue]:
    """Customers of whom value is known, the most valuable first, with their names and segments."""
    known = CustomerValue.objects.filter(store=store, expected_value__isnull=False)
    # as their index has them: of one value by segment
    order = ("-expected_value", "-scores", "-customer_id")
    return known.select_related("customer__stats__segment").order_by(*order)


def customer_forecast(store: Store, customer_id: int) -> Forecast | None:
    """What a customer is expected to do; None where the newest fit failed or doesn't know them. Two queries."""
    value = CustomerValue.objects.filter(store=store, customer_id=customer_id).first()
    fit = latest_fit(store) if value else None
    if value is None or fit is None:
        return None
    return Forecast(value=value, fit=fit, age_days=age_in_days(store, fit))
