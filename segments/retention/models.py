"""Who comes back: small tables made from the orders, which the retention pages read instead of them.

All of it is made again by segments.retention. Money is minor units; days and months are the store's own. The
people are customers with an order that counts; whoever has only credit notes is in none of these tables.
"""

from __future__ import annotations

from django.db import models
from django.utils.timezone import now

from accounts.models import Store, StoreOwned
from orders.models import Customer


class RetentionState(models.Model):
    """One row per store: as of which day the tables were made, and what they say of the whole store."""

    store = models.OneToOneField(Store, on_delete=models.CASCADE, primary_key=True, related_name="+")
    as_of = models.DateField(help_text="The last day looked at; that day itself may not be over.")
    timezone = models.CharField(max_length=64, help_text="The store's, when its days were counted.")
    window_months = models.PositiveSmallIntegerField(
        null=True, help_text="Months that the concentration looks back; NULL: all there is."
    )
    customers = models.IntegerField(default=0, help_text="With a counted order by then.")
    in_the_red = models.IntegerField(default=0, help_text="Customers whose net is below zero.")
    loss = models.BigIntegerField(default=0, help_text="The sum of their net: zero or less.")
    median_gap = models.IntegerField(null=True, help_text="Days between two orders; NULL: nobody came back.")
    long_gap = models.IntegerField(null=True, help_text="The 90th percentile of the gaps, in days.")
    seconds = models.FloatField(null=True)
    refreshed_at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return f"retention as of {self.as_of}"


class CohortMonth(StoreOwned):
    """Grain: one row per store, facet, value of it, cohort and month after it in which the cohort did something.

    A cohort is the customers whose first counted order was placed in that month. `value` is the channel or the
    first line's category of that first order ("": the shop doesn't say), or "guest" or "registered"; NULL
    gathers what isn't among the facet's most frequent values. `customers` placed a counted order in that month.
    """

    class Facet(models.TextChoices):
        ALL = "all", "All customers"
        CATEGORY = "category", "First category"
        CHANNEL = "channel", "First channel"
        BUYER = "buyer", "Guest or not"

    facet = models.CharField(max_length=10, choices=Facet)
    value = models.CharField(max_length=120, null=True)  # noqa: DJ001  # NULL: the rest
    cohort = models.DateField(help_text="The first day of the month.")
    age = models.PositiveSmallIntegerField(help_text="Months after the cohort's; 0 is its own.")
    customers = models.IntegerField()
    orders = models.IntegerField()
    net = models.BigIntegerField(
        help_text="Revenue; credit notes from before the first order are in the cohort's own month."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store", "facet", "value", "cohort", "age"], nulls_distinct=False, name="cohort_month"
            )
        ]

    def __str__(self) -> str:
        return f"{self.cohort:%Y-%m} +{self.age}: {self.customers} customers"


class SecondOrderDay(StoreOwned):
    """Grain: one row per store, cohort, and days from the first to the second counted order, up to 180."""

    cohort = models.DateField()
    days = models.PositiveSmallIntegerField()
    customers = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "cohort", "days"], name="second_order_day")]

    def __str__(self) -> str:
        return f"{self.cohort:%Y-%m} after {self.days} days: {self.customers} customers"


class SecondOrderWindow(StoreOwned):
    """Grain: one row per store, cohort and window of 30, 60, 90 or 180 days from the first order.

    `elapsed` are the customers whose window is wholly over, `returned` those of them who ordered within it.
    """

    cohort = models.DateField()
    days = models.PositiveSmallIntegerField()
    elapsed = models.IntegerField()
    returned = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "cohort", "days"], name="second_order_window")
        ]

    def __str__(self) -> str:
        return f"{self.cohort:%Y-%m} within {self.days} days: {self.returned} of {self.elapsed}"


class ConcentrationStep(StoreOwned):
    """Grain: one row per store and per cent of its customers, 1 to 100, those who spent most first.

    `customers` is that share of them, rounded up; `net` what they brought in all; `least` the net of the last
    of them. Customers with a negative sum are counted, as if they had brought nothing.
    """

    percent = models.PositiveSmallIntegerField()
    customers = models.IntegerField()
    net = models.BigIntegerField()
    least = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "percent"], name="concentration_step")]

    def __str__(self) -> str:
        return f"{self.percent}%: {self.customers} customers"


class OrderGap(StoreOwned):
    """Grain: one row per store, number of an order, and days to the same customer's next one, both counted orders.

    `number` is the customer's 1st, 2nd, ... order, 10 the tenth and all after it; `days` ends at 1,000, which
    gathers what is longer.
    """

    number = models.PositiveSmallIntegerField()
    days = models.PositiveSmallIntegerField()
    gaps = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "number", "days"], name="order_gap")]

    def __str__(self) -> str:
        return f"order {self.number}, {self.days} days: {self.gaps}"


class GapSummary(StoreOwned):
    """Grain: one row per store and number of an order as in OrderGap; 0 is all of them. In days.

    The median and the 90th percentile are gaps that occurred: the shortest that half, or nine tenths, don't
    exceed.
    """

    number = models.PositiveSmallIntegerField()
    gaps = models.IntegerField()
    median = models.PositiveSmallIntegerField()
    long = models.PositiveSmallIntegerField(help_text="The 90th percentile.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "number"], name="gap_summary")]

    def __str__(self) -> str:
        return f"order {self.number}: {self.median} days"


class LapseMonth(StoreOwned):
    """Grain: one row per store and month in which somebody lapsed or was won back.

    A customer lapses on the day their silence grows longer than their limit: twice the median of all their gaps
    so far, at least the store's median gap; for those who ordered once, the store's 90th percentile. They are won
    back by the next order. Everybody who lapsed, less everybody who was won back, is lapsed now.
    """

    month = models.DateField()
    lapsed = models.IntegerField()
    won_back = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "month"], name="lapse_month")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}: {self.lapsed} lapsed, {self.won_back} won back"


class CustomerLapse(models.Model):
    """Grain: one row per customer, month, and whether they lapsed or were won back in it, of the last LAPSES_KEPT.

    The customers whom LapseMonth counts. Only the month is kept, not the day: a store's limits move by a day now and
    then, which would rewrite almost every row. No foreign keys in the database, as in CustomerStats.
    """

    pk = models.CompositePrimaryKey("customer_id", "month", "won_back")
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    store = models.ForeignKey(
        Store, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    month = models.DateField()
    won_back = models.BooleanField(help_text="Won back in it; else lapsed.")
    times = models.PositiveSmallIntegerField(help_text="In the month, more than once for a few.")

    class Meta:
        indexes = [models.Index(fields=["store", "month", "won_back"], name="lapse_of_month")]

    def __str__(self) -> str:
        return f"customer {self.customer_id} in {self.month:%Y-%m}"


class DeliveryReturn(StoreOwned):
    """Grain: one row per store and how the first order was delivered, of customers 90 days past its delivery.

    `returned` of the `customers` placed a counted order within 90 days after the day of delivery.
    """

    class Outcome(models.TextChoices):
        KEPT = "kept", "By the promised day"
        LATE = "late", "1–3 days late"
        VERY_LATE = "very_late", "4 days late or more"

    outcome = models.CharField(max_length=10, choices=Outcome)
    customers = models.IntegerField()
    returned = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "outcome"], name="delivery_return")]

    def __str__(self) -> str:
        return f"{self.outcome}: {self.returned} of {self.customers}"
