"""How well the segments of a scheme told what people would do: its gradings, and the past they are based on.

All of it can be made again from the orders (segments.grading). Money is minor units; days are the store's own.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.timezone import now

from accounts.models import Store, StoreOwned
from orders.models import Customer


class Grading(StoreOwned):
    """What people did in the days after `as_of`, by the segment a scheme would have put them in then.

    Graded are customers with an order that counted by then; nobody else had scores. `separation` and its 95%
    interval: see segments.grading.rules; NULL where too few bought, or too few didn't.
    """

    scheme_version = models.ForeignKey(
        "segments.SchemeVersion", on_delete=models.CASCADE, related_name="gradings", db_index=False
    )
    horizon_days = models.PositiveSmallIntegerField()
    as_of = models.DateField(help_text="The day people were scored as of.")
    until_on = models.DateField(help_text="The last day of what they did: as_of and horizon_days on.")
    timezone = models.CharField(max_length=64, help_text="The store's, when its days were counted.")
    customers = models.IntegerField()
    buyers = models.IntegerField(help_text="Of them, those with a counted order after as_of.")
    spend = models.BigIntegerField(help_text="Net of their orders after as_of.")
    median_spend = models.BigIntegerField(help_text="A person, those who spent nothing included.")
    separation = models.FloatField(null=True)
    separation_low = models.FloatField(null=True)
    separation_high = models.FloatField(null=True)
    finished_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scheme_version", "horizon_days", "as_of"], name="one_grading_a_day"
            ),
            models.CheckConstraint(
                condition=Q(buyers__lte=F("customers")), name="grading_buyers_are_customers"
            ),
        ]
        indexes = [models.Index(fields=["store", "horizon_days", "-id"], name="grading_newest")]

    def __str__(self) -> str:
        return f"{self.horizon_days} days from {self.as_of}"


class SegmentGrade(models.Model):
    """Roll-up. Grain: one row per grading and segment of its scheme that can have scored customers, also none."""

    pk = models.CompositePrimaryKey("grading_id", "segment_id")
    grading = models.ForeignKey(Grading, on_delete=models.CASCADE, related_name="grades", db_index=False)
    segment = models.ForeignKey(
        "segments.Segment", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    customers = models.IntegerField()
    buyers = models.IntegerField()
    spend = models.BigIntegerField()
    median_spend = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.buyers} of {self.customers} bought"


class AsOfStats(models.Model):
    """Grain: one row per customer scored as of the store's newest grading at grading.PREVIEW_HORIZON days.

    What they had ordered by then, within the window of that grading's scheme, and what they ordered since, so
    that a draft of a scheme is graded without reading the orders. No foreign keys in the database, as in
    CustomerStats.
    """

    customer = models.OneToOneField(
        Customer, on_delete=models.CASCADE, primary_key=True, related_name="+", db_constraint=False
    )
    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    frequency = models.IntegerField()
    monetary = models.BigIntegerField()
    last_on = models.DateField()
    orders_since = models.IntegerField()
    spend_since = models.BigIntegerField()

    def __str__(self) -> str:
        return f"past statistics of customer {self.customer_id}"
