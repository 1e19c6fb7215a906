"""Customers, products, orders and what happened to them.

Money is integer minor units of the store's currency. Times are aware; the store's zone decides the day.
"""

from __future__ import annotations

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import ExpressionWrapper, F, Q
from django.db.models.functions import Lower
from django.utils.timezone import now

from accounts.models import StoreOwned
from orders.customer_search import LAST_NAME, NAME, listed_email, listed_name
from orders.import_models import Import, SavedMapping
from orders.rollup_models import (
    DeliveryMonth,
    DirtyDay,
    GuestMonth,
    OrderDay,
    OrderMonth,
    RollupState,
)

__all__ = [
    "Customer",
    "DeliveryMonth",
    "DirtyCustomer",
    "DirtyDay",
    "GuestMonth",
    "Import",
    "Order",
    "OrderDay",
    "OrderEvent",
    "OrderLine",
    "OrderMonth",
    "Product",
    "Refund",
    "RollupState",
    "SavedMapping",
]


class Customer(StoreOwned):
    """Somebody who buys: registered (has an id at the shop) or a guest (known by e-mail or phone).

    A guest who registers later stays the same row and gets an `external_id`; `first_seen_as_guest` stays.
    """

    external_id = models.CharField(max_length=120, null=True, blank=True)  # noqa: DJ001  # NULL: a guest
    email = models.CharField(max_length=254, blank=True, help_text="Lower case; empty where not known.")
    phone = models.CharField(max_length=40, blank=True)
    name = models.CharField(max_length=200, blank=True)
    country = models.CharField(max_length=60, blank=True)
    tags = models.CharField(max_length=500, blank=True)
    note = models.TextField(blank=True)
    accepts_email = models.BooleanField(null=True, help_text="Consent to marketing e-mail; NULL: not known.")
    accepts_sms = models.BooleanField(null=True)
    first_seen_as_guest = models.BooleanField(default=False, help_text="Their earliest order was a guest’s.")
    registered_at = models.DateTimeField(
        null=True, blank=True, help_text="When known; else the first order placed with an id at the shop."
    )
    details_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When a list of customers told what is known of them; orders placed before don't overrule it.",
    )
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store", "external_id"],
                condition=Q(external_id__isnull=False),
                name="customer_external_id",
            ),
            models.UniqueConstraint(
                fields=["store", "email"],
                condition=Q(external_id=None) & ~Q(email=""),
                name="customer_guest_email",
            ),
            models.UniqueConstraint(
                fields=["store", "phone"],
                condition=Q(external_id=None, email="") & ~Q(phone=""),
                name="customer_guest_phone",
            ),
            models.CheckConstraint(
                condition=Q(external_id__isnull=False) | ~Q(email="") | ~Q(phone=""),
                name="customer_has_identity",
            ),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="customer_email_lower"),
        ]
        indexes = [
            models.Index(
                fields=["store", "email"],
                name="customer_email",
                opclasses=["int8_ops", "varchar_pattern_ops"],
            ),
            models.Index(fields=["store", "phone"], name="customer_phone", condition=~Q(phone="")),
            models.Index("store", OpClass(NAME, "text_pattern_ops"), name="customer_name"),
            models.Index("store", OpClass(LAST_NAME, "text_pattern_ops"), name="customer_last_name"),
            # A list's sorts by what it shows of a person.
            models.Index("store", listed_name(), "id", name="customer_by_name"),
            models.Index("store", listed_email(), "id", name="customer_by_email"),
            # For filters that few customers match. Many rows share an entry, which keeps these indexes small.
            models.Index(fields=["store", "accepts_email"], name="customer_consent"),
            models.Index(fields=["store"], name="customer_guest", condition=Q(external_id=None)),
        ]

    def __str__(self) -> str:
        return self.name or self.email or self.phone or f"Customer {self.external_id}"

    @property
    def is_guest(self) -> bool:
        return self.external_id is None


class Product(StoreOwned):
    """Something sold, by its SKU (or the shop's product id, or, where there is neither, its title)."""

    external_id = models.CharField(max_length=200)
    title = models.CharField(max_length=300, blank=True)
    category = models.CharField(max_length=120, blank=True)
    titled_at = models.DateTimeField(null=True, help_text="Date of the order the title was taken from.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "external_id"], name="product_external_id")]

    def __str__(self) -> str:
        return self.title or self.external_id


_STANDS = ~Q(status__in=["cancelled", "voided"])


class Order(StoreOwned):
    """An order document: an order, or, with a negative total, a credit note.

    `net` = total - refunded. `counted` orders make frequency and recency: not cancelled or voided, no credit
    note, not refunded in full; a free order (total 0) counts. Revenue and monetary are the net of counted
    orders and of credit notes (`valued`).
    """

    class Status(models.TextChoices):
        PENDING = "pending", "Pending"
        PAID = "paid", "Paid"
        CANCELLED = "cancelled", "Cancelled"
        VOIDED = "voided", "Voided"

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="orders", db_index=False
    )
    external_id = models.CharField(
        max_length=120, help_text="The shop's own id of the order; unique in a store."
    )
    number = models.CharField(max_length=60, help_text="What people call it: #1006.")
    placed_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=Status, default=Status.PAID)
    channel = models.CharField(max_length=60, blank=True)
    payment_method = models.CharField(max_length=120, blank=True)
    promised_on = models.DateField(null=True, blank=True, help_text="The day by which delivery was promised.")
    shipped_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    days_late = models.SmallIntegerField(
        null=True,
        editable=False,
        help_text="Local day of delivery less the promised day, negative is early; NULL unless both are known. "
        "Written by a trigger, within -32,000 and 32,000.",
    )
    carrier = models.CharField(max_length=80, blank=True)
    country = models.CharField(max_length=60, blank=True)
    discount_code = models.CharField(max_length=120, blank=True)
    subtotal = models.BigIntegerField(default=0)
    discount = models.BigIntegerField(default=0)
    shipping = models.BigIntegerField(default=0)
    tax = models.BigIntegerField(default=0)
    total = models.BigIntegerField()
    credits = models.CharField(
        max_length=120,
        blank=True,
        help_text="Of a credit note: the external id of the order it credits, while that isn’t there yet.",
    )
    refunded = models.BigIntegerField(default=0, help_text="The sum of its refunds.")
    net = models.GeneratedField(
        expression=F("total") - F("refunded"), output_field=models.BigIntegerField(), db_persist=True
    )
    counted = models.GeneratedField(
        expression=ExpressionWrapper(
            _STANDS & Q(total__gte=0) & (Q(total=0) | Q(refunded__lt=F("total"))),
            output_field=models.BooleanField(),
        ),
        output_field=models.BooleanField(),
        db_persist=True,
    )
    valued = models.GeneratedField(
        expression=ExpressionWrapper(
            _STANDS & (Q(total__lte=0) | Q(refunded__lt=F("total"))), output_field=models.BooleanField()
        ),
        output_field=models.BooleanField(),
        db_persist=True,
    )
    source_digest = models.BinaryField(
        max_length=16,
        null=True,
        help_text="Digest of the source rows it was last written from, and of their mapping.",
    )
    # Not checked by the database: the import itself writes the order, and holds a lock on its own row.
    source_import = models.ForeignKey(
        Import,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "external_id"], name="order_external_id"),
            models.CheckConstraint(condition=Q(refunded__gte=0), name="order_refunded_not_negative"),
            models.CheckConstraint(condition=Q(credits="") | Q(total__lte=0), name="order_credits_by_note"),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "paid", "cancelled", "voided"]), name="order_status"
            ),
        ]
        indexes = [
            models.Index(fields=["store", "-placed_at", "-id"], name="order_newest"),
            models.Index(fields=["store", "-total", "-id"], name="order_largest"),
            models.Index(
                fields=["store", "number"], name="order_number", opclasses=["int8_ops", "varchar_pattern_ops"]
            ),
            # For what few orders are and people look for; small, so cheap to maintain.
            models.Index(
                fields=["store", "-placed_at", "-id"], name="order_refunded", condition=Q(refunded__gt=0)
            ),
            models.Index(
                fields=["store", "-placed_at", "-id"], name="order_credit_note", condition=Q(total__lt=0)
            ),
            models.Index(
                fields=["store", "status", "-placed_at", "-id"],
                name="order_not_paid",
                condition=~Q(status="paid"),
            ),
            models.Index(
                fields=["store", "-placed_at", "-id"], name="order_late", condition=Q(days_late__gt=0)
            ),
            models.Index(
                fields=["store", "promised_on"],
                name="order_open",
                condition=Q(delivered_at=None, promised_on__isnull=False, status__in=["pending", "paid"]),
            ),
            models.Index(
                fields=["store", "customer", "placed_at"],
                include=["net", "counted", "valued", "id"],
                name="order_by_customer",
            ),
            models.Index(fields=["store", "credits"], name="order_waiting_credit", condition=~Q(credits="")),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_credit_note(self) -> bool:
        return self.total < 0

    @property
    def is_refunded_in_full(self) -> bool:
        return 0 < self.total <= self.refunded


class OrderLine(models.Model):
    """One line of an order document, in the document's order. Identical lines are kept: they are two.

    The database doesn't check its two references: for half a million lines each check took 2.3 times as long as
    writing them. They are written by orders.recording alone, with ids it has just read or made under the store's
    lock; orders are deleted through the ORM, which takes the lines along, and products never are.
    """

    pk = models.CompositePrimaryKey("order_id", "position")
    order = models.ForeignKey(
        Order, on_delete=models.CASCADE, related_name="lines", db_index=False, db_constraint=False
    )
    position = models.IntegerField(help_text="1 for the first line.")
    product = models.ForeignKey(
        Product,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    quantity = models.DecimalField(max_digits=14, decimal_places=3)
    unit_price = models.DecimalField(
        max_digits=16, decimal_places=4, help_text="Major units, as the document says."
    )

    def __str__(self) -> str:
        return f"{self.quantity} × {self.product_id}"


class Refund(models.Model):
    """Money given back for an order. The order's `refunded` is their sum."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="refunds", db_index=False)
    external_id = models.CharField(
        max_length=120, help_text="The shop's id; «total» where only a total is known."
    )
    amount = models.BigIntegerField()
    refunded_at = models.DateTimeField(null=True, blank=True, help_text="NULL: the source doesn't say when.")
    reason = models.CharField(max_length=300, blank=True)
    source_digest = models.BinaryField(
        max_length=16,
        null=True,
        help_text="Of a refund that came as a credit note of its own: that document’s digest.",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "external_id"], name="refund_external_id"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_positive"),
        ]

    def __str__(self) -> str:
        return f"refund of {self.amount}"


class OrderEvent(models.Model):
    """What the customer was told about an order: when, and by which channel."""

    class Kind(models.TextChoices):
        CONFIRMED = "confirmed", "Order confirmed"
        SHIPPED = "shipped", "On its way"
        DELAYED = "delayed", "Delayed"
        DELIVERED = "delivered", "Delivered"
        REFUNDED = "refunded", "Refunded"
        CANCELLED = "cancelled", "Cancelled"
        MESSAGE = "message", "Message"

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="events", db_index=False)
    at = models.DateTimeField()
    kind = models.CharField(max_length=10, choices=Kind)
    channel = models.CharField(max_length=30, blank=True, help_text="email, sms, phone, …")
    text = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "kind", "at"], name="order_event_once")]

    def __str__(self) -> str:
        return f"{self.kind} at {self.at:%Y-%m-%d %H:%M}"


class DirtyCustomer(models.Model):
    """Append-only log of customers whose orders changed, filled by triggers on the tables above.

    Drained with DELETE .. RETURNING by segments.stats; never truncated.
    """

    store_id = models.BigIntegerField()
    customer_id = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["store_id"], name="dirty_customer_store")]

    def __str__(self) -> str:
        return f"customer {self.customer_id}"
