"""Statistics per customer, refreshes, moves, the roll-ups that dashboards read, and what the rooms keep.

Everything here but the schemes and the record of past refreshes can be rebuilt from the orders.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Cast, Coalesce, ExtractMonth, ExtractYear
from django.utils.timezone import now

from accounts.models import Store, StoreOwned
from jobs.models import Job
from orders.models import Customer
from segments.customers.models import SavedFilter
from segments.grading.models import AsOfStats, Grading, SegmentGrade
from segments.history.models import Cause, CauseFlow, MoveCause
from segments.retention.models import (
    CohortMonth,
    ConcentrationStep,
    CustomerLapse,
    DeliveryReturn,
    GapSummary,
    LapseMonth,
    OrderGap,
    RetentionState,
    SecondOrderDay,
    SecondOrderWindow,
)
from segments.schemes.models import SchemeVersion, Segment
from segments.tally_models import FigureTally, StandingTally
from segments.value.models import (
    LAST_DAY,
    NEVER,
    CustomerValue,
    SegmentValue,
    ValueFit,
    list_index,
)

__all__ = [
    "LAST_CONTACT",
    "LAST_DAY",
    "NEVER",
    "AsOfStats",
    "Cause",
    "CauseFlow",
    "CohortMonth",
    "ConcentrationStep",
    "CustomerLapse",
    "CustomerStats",
    "CustomerValue",
    "DeliveryReturn",
    "FigureTally",
    "FreshFigures",
    "GapSummary",
    "Grading",
    "LapseMonth",
    "Move",
    "MoveCause",
    "MoveFlow",
    "OrderGap",
    "PurchaseFigures",
    "Refresh",
    "RetentionState",
    "SavedFilter",
    "SchemeVersion",
    "ScoreCell",
    "SecondOrderDay",
    "SecondOrderWindow",
    "Segment",
    "SegmentGrade",
    "SegmentSize",
    "SegmentValue",
    "StandingTally",
    "ValueFit",
]


# The day of the last contact, for sorting, as LAST_DAY is that of the last order.
LAST_CONTACT = Coalesce("last_contact_on", Value(NEVER), output_field=models.DateField())

# The month of the first order, as months since the year 0; NULL for customers without one.
COHORT = Cast(ExtractYear("first_on") * 12 + ExtractMonth("first_on"), models.SmallIntegerField())


LEAST_VISITS = 3  # that tell how many days usually lie between them (segments.customers.cadence)


class PurchaseFigures(models.Model):
    """What is computed from a customer's orders: fields shared by the scored and the not yet scored.

    `frequency`, `monetary` and `last_on` are within the scheme's window as of the latest refresh (live
    re-scoring included); the lifetime columns ignore the window, and `last_contact_on` the refresh's date as
    well. `last_on` is NULL where no order counts.
    """

    frequency = models.IntegerField(default=0)
    monetary = models.BigIntegerField(default=0)
    last_on = models.DateField(null=True)
    lifetime_orders = models.IntegerField(default=0)
    lifetime_net = models.BigIntegerField(default=0)
    first_on = models.DateField(null=True)
    second_on = models.DateField(null=True)
    due_on = models.DateField(
        null=True,
        help_text="Last visit and one usual gap more (segments.customers.cadence); NULL without a gap.",
    )
    last_contact_on = models.DateField(
        null=True,
        help_text="The day they were last told something about one of their orders (orders.OrderEvent).",
    )

    class Meta:
        abstract = True


class FreshFigures(PurchaseFigures):
    """Grain: one row per customer whose figures are new, or other than those kept, until they are scored. Empty
    outside of a refresh or re-scoring.

    Cut points need everybody's figures before anybody can be scored. New figures wait here, in an unlogged table, so
    that each is written to CustomerStats and its indexes only once, together with its scores.
    """

    customer = models.OneToOneField(
        Customer, on_delete=models.CASCADE, primary_key=True, related_name="+", db_constraint=False
    )
    store = models.ForeignKey(
        Store, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )

    def __str__(self) -> str:
        return f"fresh figures of customer {self.customer_id}"


# What the list asks of statistics, and sorts them by: in each of its indexes, so that they are read alone.
_LISTED = ["monetary", "last_on", "frequency", "due_on", "gap_days", "last_contact_on", "scores"]


def _listed_but(*in_key: str) -> list[str]:
    return [column for column in _LISTED if column not in in_key]


class CustomerStats(PurchaseFigures):
    """Grain: one row per customer of the store, also those without an order. Source: orders. Rebuildable.

    `gap_days` and `due_on` (segments.customers.cadence) ignore the window. Recency isn't kept: it is the
    refresh's date less `last_on`. Scores are 0 where no order counts. `segment` is where the customer is now,
    `refreshed_segment` where the latest refresh left them: a refresh records the difference as a move.

    No foreign keys in the database: checking them row by row made up half of a first refresh, and these rows
    are only ever written from the tables they would be checked against.
    """

    customer = models.OneToOneField(
        Customer, on_delete=models.CASCADE, primary_key=True, related_name="stats", db_constraint=False
    )
    store = models.ForeignKey(
        Store, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    gap_days = models.FloatField(
        null=True, help_text="Median days from one visit to the next; NULL for fewer than three visits."
    )
    r = models.PositiveSmallIntegerField(default=0)
    f = models.PositiveSmallIntegerField(default=0)
    m = models.PositiveSmallIntegerField(default=0)
    scores = models.GeneratedField(
        expression=F("r") * 100 + F("f") * 10 + F("m"),
        output_field=models.PositiveSmallIntegerField(),
        db_persist=True,
        help_text="As they are read: 543 for R5 F4 M3; 0 where no order counts.",
    )
    segment = models.ForeignKey(
        Segment, on_delete=models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    refreshed_segment = models.ForeignKey(
        Segment, on_delete=models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )

    # No column: by the customer, who has the values of the newest fit. Missing where it doesn't know them.
    value = models.ForeignObject(
        CustomerValue,
        on_delete=models.DO_NOTHING,
        from_fields=["customer"],
        to_fields=["customer"],
        null=True,
        related_name="+",
    )

    class Meta:
        indexes = [
            models.Index(
                fields=["store", "-segment", "-monetary", "-customer"],
                name="stats_by_segment",
                include=_listed_but("monetary"),
            ),
            models.Index(
                fields=["store", "-monetary", "-customer"],
                name="stats_by_monetary",
                include=_listed_but("monetary"),
            ),
            models.Index(
                fields=["store", "-scores", "-monetary", "-customer"],
                name="stats_by_scores",
                include=_listed_but("scores", "monetary"),
            ),
            # The customer list's other sorts.
            list_index(LAST_DAY, name="stats_by_last_day", include=_listed_but("scores")),
            list_index("frequency", name="stats_by_frequency", include=_listed_but("frequency", "scores")),
            list_index(LAST_CONTACT, name="stats_by_contact", include=_listed_but("scores")),
            list_index("due_on", name="stats_by_due", known=True, include=_listed_but("due_on", "scores")),
            models.Index(
                "store", COHORT, F("monetary").desc(), F("customer").desc(), name="stats_by_cohort"
            ),  # a cohort's people, the best customers first
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(frequency=0, last_on=None, r=0, f=0, m=0)
                | Q(frequency__gt=0, last_on__isnull=False),
                name="stats_scored_when_ordered",
            ),
            # so that who is overdue is looked for among those who ordered so often
            models.CheckConstraint(
                condition=Q(due_on=None) | Q(lifetime_orders__gte=LEAST_VISITS), name="stats_due_after_visits"
            ),
        ]

    def __str__(self) -> str:
        return f"statistics of customer {self.customer_id}"


class Refresh(StoreOwned):
    """One scoring of a store as of a date: its cut points, its results, how long it took.

    `cut_points`: {"recency": [..] days, "frequency": [..], "monetary": [..] minor units}, ascending, bins-1
    long (empty where nobody was scored): see rules.CutPoints. Reconstructed refreshes score the past, before a
    store's first refresh, from today's orders. Refreshes form a chain in which each one's moves start from the one
    before: first the reconstructed, then the others, each by id (segments.chain). The statistics are those of the
    last in the chain.
    """

    class Reason(models.TextChoices):
        NIGHTLY = "nightly", "Nightly"
        DEMAND = "demand", "On demand"
        IMPORT = "import", "After an import"
        RECONSTRUCTED = "reconstructed", "Reconstructed"

    as_of = models.DateField()
    scheme_version = models.ForeignKey(SchemeVersion, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=15, choices=Reason)
    timezone = models.CharField(max_length=64, help_text="The store's, when its days were counted.")
    rebuilt = models.BooleanField(help_text="From all orders rather than from those that changed.")
    cut_points = models.JSONField(default=dict)
    customers = models.IntegerField(default=0, help_text="Scored customers.")
    moved = models.IntegerField(default=0)
    recomputed = models.IntegerField(default=0, help_text="Customers whose statistics were recomputed.")
    seconds = models.FloatField(null=True)
    started_at = models.DateTimeField(default=now)
    finished_at = models.DateTimeField(null=True)
    explained_at = models.DateTimeField(null=True, help_text="When its moves were split into their causes.")
    thinned_at = models.DateTimeField(
        null=True, help_text="When its sizes and cells were dropped; its moves and their causes stay."
    )
    job = models.OneToOneField(
        Job,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="The job that made it: run again, it finds its work done.",
    )

    class Meta:
        indexes = [
            models.Index(fields=["store", "-id"], name="refresh_newest"),
            models.Index(fields=["store", "-as_of", "-id"], name="refresh_by_day"),
        ]

    def __str__(self) -> str:
        return f"refresh as of {self.as_of}"


class Move(models.Model):
    """Grain: one row per refresh and customer whose segment it changed. Never thinned.

    `before` NULL: in no segment before (an arrival); `after` NULL: in no segment any more.
    """

    pk = models.CompositePrimaryKey("refresh_id", "customer_id")
    refresh = models.ForeignKey(
        Refresh, on_delete=models.CASCADE, related_name="moves", db_index=False, db_constraint=False
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="moves", db_constraint=False
    )
    before = models.ForeignKey(
        Segment, on_delete=models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    after = models.ForeignKey(
        Segment, on_delete=models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )

    def __str__(self) -> str:
        return f"{self.before_id} → {self.after_id}"


class SegmentSize(models.Model):
    """Roll-up. Grain: one row per refresh and segment. What the dashboards show of a segment."""

    pk = models.CompositePrimaryKey("refresh_id", "segment_id")
    refresh = models.ForeignKey(Refresh, on_delete=models.CASCADE, related_name="sizes", db_index=False)
    segment = models.ForeignKey(Segment, on_delete=models.PROTECT, related_name="+", db_index=False)
    customers = models.IntegerField()
    orders = models.BigIntegerField(help_text="Sum of frequency.")
    revenue = models.BigIntegerField(help_text="Sum of monetary.")
    recency_days = models.BigIntegerField(help_text="Sum of recency in days; the mean is by customers.")

    def __str__(self) -> str:
        return f"{self.customers} customers"


class ScoreCell(models.Model):
    """Roll-up. Grain: one row per refresh and (r, f) pair that has customers: the heatmap."""

    pk = models.CompositePrimaryKey("refresh_id", "r", "f")
    refresh = models.ForeignKey(Refresh, on_delete=models.CASCADE, related_name="score_cells", db_index=False)
    r = models.PositiveSmallIntegerField()
    f = models.PositiveSmallIntegerField()
    customers = models.IntegerField()
    revenue = models.BigIntegerField()

    def __str__(self) -> str:
        return f"R{self.r} F{self.f}"


class MoveFlow(models.Model):
    """Roll-up of moves. Grain: one row per refresh and pair of segments with movers."""

    refresh = models.ForeignKey(Refresh, on_delete=models.CASCADE, related_name="flows", db_index=False)
    before = models.ForeignKey(Segment, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    after = models.ForeignKey(Segment, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    customers = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["refresh", "before", "after"], nulls_distinct=False, name="one_flow_a_pair"
            )
        ]

    def __str__(self) -> str:
        return f"{self.before_id} → {self.after_id}: {self.customers}"
