"""Why customers moved: each move split into the causes that led from the one segment to the other."""

from __future__ import annotations

from django.db import models

from orders.models import Customer


class Cause(models.IntegerChoices):
    """What changed a customer's segment, in the order in which causes are applied (docs/adr/0005)."""

    CORRECTED = 1, "Refunds and corrections"
    BOUGHT = 2, "Bought"
    AGED = 3, "Went quiet"
    NOT_RENEWED = 4, "Orders left the window"
    CUT_POINTS = 5, "Cut points moved"
    SCHEME = 6, "Scheme changed"
    CORRECTED_SINCE = 7, "Corrected before it was explained"
    ARRIVED = 8, "Arrived"


class MoveCause(models.Model):
    """Grain: one row per refresh, customer and cause that changed their segment on the way from `before` to `after`
    of their move. The rows of a move in the order of their causes form a chain from its start to its end.

    Arrivals have none: a move from no segment is a cause by itself. Never thinned.
    """

    pk = models.CompositePrimaryKey("refresh_id", "customer_id", "cause")
    refresh = models.ForeignKey(
        "segments.Refresh",
        on_delete=models.CASCADE,
        related_name="causes",
        db_index=False,
        db_constraint=False,
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="move_causes", db_constraint=False
    )
    cause = models.PositiveSmallIntegerField(choices=Cause)
    before = models.ForeignKey(
        "segments.Segment",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    after = models.ForeignKey(
        "segments.Segment",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )

    def __str__(self) -> str:
        return f"{self.get_cause_display()}: {self.before_id} → {self.after_id}"


class CauseFlow(models.Model):
    """Roll-up of causes, arrivals included. Grain: one row per refresh, cause and pair of segments."""

    refresh = models.ForeignKey(
        "segments.Refresh", on_delete=models.CASCADE, related_name="cause_flows", db_index=False
    )
    cause = models.PositiveSmallIntegerField(choices=Cause)
    before = models.ForeignKey(
        "segments.Segment", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    after = models.ForeignKey(
        "segments.Segment", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    customers = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["refresh", "cause", "before", "after"],
                nulls_distinct=False,
                name="one_cause_flow_a_pair",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_cause_display()}: {self.before_id} → {self.after_id}: {self.customers}"
