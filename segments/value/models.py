"""What customers are expected to be worth: the fits of the models, and what follows from the newest one.

All of it can be made again from the orders (segments.value). Money is minor units; days are the store's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.expressions import Expression
from django.db.models.functions import Coalesce
from django.utils.timezone import now

from accounts.models import Store, StoreOwned
from jobs.models import Job
from orders.models import Customer

# Keyset pages can't sort by NULL, so a day before all others stands for none.
NEVER = date(1, 1, 1)
LAST_DAY = Coalesce("last_on", Value(NEVER), output_field=models.DateField())


def list_index(
    sort_key: str | Expression, *, name: str, known: bool = False, include: Sequence[str] = ()
) -> models.Index:
    """The index of a list's sort by a column of few values, of all customers and of those with some scores.

    The scores come after that column: PostgreSQL 18 skips to the scores asked for from value to value. `known`: only
    rows whose column isn't NULL. The columns of an expression must be included, as PostgreSQL makes index-only scans
    only if the index has the columns themselves.
    """
    key = F(sort_key) if isinstance(sort_key, str) else sort_key
    return models.Index(
        "store",
        key.desc(),
        F("scores").desc(),
        F("customer").desc(),
        name=name,
        include=tuple(include),
        condition=Q(**{f"{sort_key}__isnull": False}) if known else None,
    )


class ValueFit(StoreOwned):
    """One fit of the value models to a store's orders up to a day, with time in days, money in major units.

    `order_model`: {"r", "alpha", "a", "b", "log_likelihood"} of the BG/NBD; `spend_model`: {"p", "q", "v",
    "log_likelihood", "repeat_buyers", "frequency_correlation"} of the Gamma-Gamma. Where a model couldn't be
    fitted it is {} and `problem` says why, in a sentence for people. `calibration`, `bands`, `tenths` and
    `alive` are kept with a store's newest fit alone (segments.value.calibration, segments.value.pictures).
    """

    class State(models.TextChoices):
        FITTED = "fitted", "Orders and spend"
        ORDERS_ONLY = "orders", "Orders without spend"
        FAILED = "failed", "Not fitted"

    as_of = models.DateField(help_text="The last day looked at.")
    timezone = models.CharField(max_length=64, help_text="The store's, when its days were counted.")
    horizon_days = models.PositiveSmallIntegerField(help_text="How far ahead the figures look.")
    state = models.CharField(max_length=10, choices=State)
    problem = models.TextField(blank=True)
    order_model = models.JSONField(default=dict)
    spend_model = models.JSONField(default=dict)
    customers = models.IntegerField(help_text="With a counted order by then.")
    repeat_buyers = models.IntegerField(help_text="Of them, those who came back on another day.")
    expected_orders = models.FloatField(null=True)
    expected_value = models.BigIntegerField(null=True)
    likely_active = models.FloatField(null=True, help_text="Sum of P(alive) over those who have one.")
    calibration = models.JSONField(default=dict)
    calibration_problem = models.TextField(blank=True)
    bands = models.JSONField(default=list)
    tenths = models.JSONField(default=list)
    alive = models.JSONField(default=list)
    seconds = models.FloatField()
    finished_at = models.DateTimeField(default=now)
    job = models.OneToOneField(
        Job,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="The job that made it: run again, it finds its work done.",
    )

    class Meta:
        indexes = [models.Index(fields=["store", "-id"], name="value_fit_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="fitted", problem="", expected_value__isnull=False)
                | Q(state="orders", expected_orders__isnull=False, expected_value=None) & ~Q(problem="")
                | Q(state="failed", expected_orders=None, expected_value=None) & ~Q(problem=""),
                name="value_fit_says_why_not",
            )
        ]

    def __str__(self) -> str:
        return f"value as of {self.as_of}"


class CustomerValue(models.Model):
    """Grain: one row per customer with a counted order, where the store's newest fit succeeded; else none.

    Within the fit's horizon. Rounded (segments.value.rounding), so that a night touches few rows and forecasts don't
    feign precision. Every night changes most of these rows, and few of CustomerStats: so the customer list sorts by
    them here, where a row has few indexes. `segment`, `scores` and `last_on` are those of CustomerStats, for the list
    of one segment and for that of who is worth something but hasn't bought for long; whatever changes them there
    changes them here. No foreign keys in the database, as in CustomerStats.
    """

    customer = models.OneToOneField(
        Customer, on_delete=models.CASCADE, primary_key=True, related_name="value", db_constraint=False
    )
    store = models.ForeignKey(
        Store, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    segment = models.ForeignKey(
        "segments.Segment",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    scores = models.PositiveSmallIntegerField(
        default=0, help_text="543 for R5 F4 M3; 0 where no order counts."
    )
    last_on = models.DateField(null=True)
    expected_orders = models.FloatField()
    p_alive = models.FloatField(
        null=True, help_text="NULL: not known, as for everybody who bought on one day only."
    )
    expected_spend = models.BigIntegerField(
        null=True, help_text="An order; NULL: spend couldn't be modelled."
    )
    expected_value = models.BigIntegerField(null=True, help_text="NULL: spend couldn't be modelled.")

    class Meta:
        indexes = [
            list_index("expected_value", name="value_by_value", known=True, include=["p_alive", "last_on"]),
            list_index("p_alive", name="value_by_p_alive", known=True, include=["expected_value", "last_on"]),
            # Read day by day, skipping within each to those worth enough (PostgreSQL 18).
            models.Index(
                "store",
                LAST_DAY.desc(),
                F("expected_value").desc(),
                F("customer").desc(),
                name="value_by_last_day",
                include=["last_on", "scores"],
                condition=Q(expected_value__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"value of customer {self.customer_id}"


class SegmentValue(models.Model):
    """Roll-up. Grain: one row per fit and segment that has valued customers, as segments stood at the fit."""

    fit = models.ForeignKey(ValueFit, on_delete=models.CASCADE, related_name="segments", db_index=False)
    segment = models.ForeignKey(
        "segments.Segment", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    customers = models.IntegerField()
    expected_orders = models.FloatField()
    expected_value = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["fit", "segment"], nulls_distinct=False, name="one_segment_value_a_fit"
            )
        ]

    def __str__(self) -> str:
        return f"{self.customers} customers"
