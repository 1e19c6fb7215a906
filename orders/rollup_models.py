"""What the order pages read instead of orders: small tables made from them, kept by orders.rollups.

All of it can be made again from the orders. Money is minor units; days and months are the store's own.
"""

from __future__ import annotations

from django.db import models

from accounts.models import Store, StoreOwned


class DirtyDay(models.Model):
    """Append-only log of days (UTC) on which orders changed, filled by triggers; drained by orders.rollups.

    No foreign key and no unique key: a trigger appends to it in every import.
    """

    store_id = models.BigIntegerField()
    day = models.DateField()

    class Meta:
        indexes = [models.Index(fields=["store_id"], name="dirty_day_store")]

    def __str__(self) -> str:
        return f"{self.day}"


class RollupState(models.Model):
    """One row per store: in which time zone its roll-ups were cut into days, and when last."""

    store = models.OneToOneField(Store, on_delete=models.CASCADE, primary_key=True, related_name="+")
    timezone = models.CharField(max_length=64, blank=True, help_text="Empty: never rolled up.")
    refreshed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"roll-ups of store {self.store_id}"


class OrderFigures(StoreOwned):
    """What a roll-up of orders holds.

    `orders` are order documents that stand: not cancelled or voided, no credit notes. `net` is revenue: the
    net of counted orders and of credit notes.
    """

    orders = models.IntegerField()
    counted = models.IntegerField(help_text="Orders that count: not refunded in full.")
    identified = models.IntegerField(help_text="Counted orders of a known customer.")
    net = models.BigIntegerField()
    refunded_orders = models.IntegerField(help_text="Orders with money given back, wholly or in part.")
    refunded = models.BigIntegerField()
    cancelled = models.IntegerField(help_text="Cancelled and voided orders.")
    credit_notes = models.IntegerField()

    class Meta:
        abstract = True


class OrderDay(OrderFigures):
    """Grain: one row per store and local day with a document. Source: orders. Rebuildable."""

    day = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "day"], name="order_day")]

    def __str__(self) -> str:
        return f"{self.day}: {self.orders} orders"


class OrderMonth(OrderFigures):
    """Grain: one row per store, local month, facet and value of it. Source: orders. Rebuildable.

    The facet ALL has the one value "". An empty value of another facet: the shop doesn't say.
    """

    class Facet(models.TextChoices):
        ALL = "all", "All orders"
        PAYMENT = "payment", "Payment method"
        CHANNEL = "channel", "Channel"
        BUYER = "buyer", "Guest or registered"

    class Buyer(models.TextChoices):
        REGISTERED = "registered", "Registered from the start"
        LATER = "later", "Guest at first, registered later"
        GUEST = "guest", "Guest"
        UNKNOWN = "unknown", "Nobody known"

    month = models.DateField(help_text="Its first day.")
    facet = models.CharField(max_length=10, choices=Facet)
    value = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "facet", "month", "value"], name="order_month")
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.facet} {self.value}: {self.orders} orders"


class DeliveryMonth(StoreOwned):
    """Grain: one row per store, local month of the order, carrier, and outcome. Source: orders that stand.

    The outcome is whether a day was promised, whether delivery is recorded, and, where both are, `days_late`:
    local day of delivery less the promised day, kept within -30 and 90; negative is early.
    """

    month = models.DateField(help_text="The first day of the month in which the orders were placed.")
    carrier = models.CharField(max_length=80)
    promised = models.BooleanField()
    delivered = models.BooleanField()
    days_late = models.SmallIntegerField(null=True)
    orders = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store", "month", "carrier", "promised", "delivered", "days_late"],
                nulls_distinct=False,
                name="delivery_month",
            )
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.carrier}: {self.orders} orders"


class GuestMonth(StoreOwned):
    """Grain: one row per store, local month of the first order, and how soon they registered.

    Customers who bought first as guests. `within_days` is 7, 30, 90, 180, 365 or 9999 (later), counted from
    the first order; NULL: still guests.
    """

    month = models.DateField()
    within_days = models.SmallIntegerField(null=True)
    customers = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store", "month", "within_days"], nulls_distinct=False, name="guest_month"
            )
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}: {self.customers} guests"
