"""How many customers have which figures, segment and scores, counted while their statistics are written.

Triggers of segments_customerstats count, whoever writes it, so that a night that changes few customers reads few
rows. A rebuild counts everything again (sql/recount_tallies.sql). A store's tallies are deleted with its row by the
database, not by Django: while the store is being deleted, the deletion of its statistics is still counted.
"""

from __future__ import annotations

from datetime import date

from django.db import models

from accounts.models import Store


class FigureTally(models.Model):
    """Grain: one row per store, figure and value that a customer has, or had: then `customers` is 0.

    Days are numbered as date.toordinal does. Amounts are cut to their first two digits, towards zero, so that
    they are a few hundred: 12,345 counts as 12,000. For customers without a counted order within the window only the
    first day is counted.
    """

    class Figure(models.IntegerChoices):
        LAST_DAY = 1, "Day of the last order"
        FREQUENCY = 2, "Orders"
        MONETARY = 3, "Money, its first two digits"
        FIRST_DAY = 4, "Day of the first order ever"

    pk = models.CompositePrimaryKey("store_id", "figure", "value")
    store = models.ForeignKey(
        Store, on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    figure = models.SmallIntegerField(choices=Figure)
    value = models.BigIntegerField()
    customers = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.get_figure_display()} {self.value}: {self.customers} customers"


class StandingTally(models.Model):
    """Grain: one row per store, segment and scores r and f that a customer has, or had: then all sums are 0.

    `revenue` in minor units, within the window; `last_days`: the sum of the ordinals of their last days.
    """

    store = models.ForeignKey(
        Store, on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    segment = models.ForeignKey(
        "segments.Segment",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    r = models.PositiveSmallIntegerField()
    f = models.PositiveSmallIntegerField()
    customers = models.IntegerField()
    orders = models.BigIntegerField()
    revenue = models.BigIntegerField()
    last_days = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store", "segment", "r", "f"], nulls_distinct=False, name="one_tally_a_standing"
            )
        ]

    def __str__(self) -> str:
        return f"segment {self.segment_id}, R{self.r} F{self.f}: {self.customers} customers"


def arrivals(store: Store, *, first: date, until: date) -> dict[date, int]:
    """Customers by the day of their first counted order, of the days from `first` on and before `until`. One query."""
    days = FigureTally.objects.filter(
        store=store,
        figure=FigureTally.Figure.FIRST_DAY,
        value__gte=first.toordinal(),
        value__lt=until.toordinal(),
        customers__gt=0,
    )
    return {date.fromordinal(value): customers for value, customers in days.values_list("value", "customers")}
