"""Segments, and the versions of the scheme that says who is in which."""

from __future__ import annotations

from itertools import product

from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from accounts.models import StoreOwned, User
from segments.rules import cell_index, scores_in_one


class Segment(StoreOwned):
    """A named group of customers. Its row outlives the versions of a scheme, so that history keeps its names."""

    REGULAR_HEALTH = 2  # the two healthiest segments of every preset are the people who keep coming back

    key = models.SlugField(max_length=40)
    name = models.CharField(max_length=60)
    health = models.PositiveSmallIntegerField(
        help_text="Order from the healthiest (1) down; decides the colour."
    )
    meaning = models.CharField(max_length=200, blank=True)
    advice = models.CharField(max_length=300, blank=True, help_text="What to do about them, in one sentence.")
    is_own = models.BooleanField(
        default=False, help_text="Worded by the store: presets leave it as it is from then on."
    )
    is_retired = models.BooleanField(
        default=False, help_text="Offered no more for a cell of a scheme; never one of the scheme in force."
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "key"], name="segment_key")]
        ordering = ["health", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_regular(self) -> bool:
        """Whether its people are the shop's regulars."""
        return self.health <= self.REGULAR_HEALTH


class SchemeVersion(StoreOwned):
    """Which scores make which segment; how scores are cut; over which orders. The newest version is in force.

    `cells` is the whole cube of scores: the segment id of (r, f, m) is at ((r-1)*bins + (f-1))*bins + (m-1).
    `prospects` is the segment of customers without a counted order. `thresholds` fixes the cut points by hand:
    {"recency": [..], "frequency": [..], "monetary": [..]}, each ascending, bins-1 long, recency in days, monetary in
    minor units; a dimension left out is cut by share.
    """

    class Preset(models.TextChoices):
        CLASSIC = "classic", "Classic"
        ELEVEN = "eleven", "Eleven"
        THIRDS = "thirds", "Thirds"

    class Axes(models.TextChoices):
        RF = "rf", "Recency × frequency"
        RFM_MEAN = "r_fm", "Recency × mean of frequency and monetary"
        RFM = "rfm", "Recency × frequency × monetary"

    number = models.PositiveIntegerField()
    preset = models.CharField(max_length=10, choices=Preset, help_text="The preset it began from.")
    axes = models.CharField(max_length=5, choices=Axes)
    bins = models.PositiveSmallIntegerField(default=5)
    cells = models.JSONField(help_text="bins^3 segment ids.")
    prospects = models.ForeignKey(Segment, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    thresholds = models.JSONField(default=dict, blank=True)
    window_months = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="NULL: every order counts."
    )
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "number"], name="scheme_version_number"),
            models.CheckConstraint(condition=Q(bins__in=[3, 5]), name="scheme_bins"),
        ]
        get_latest_by = "number"

    def __str__(self) -> str:
        return f"{self.get_preset_display()}, version {self.number}"

    def cube(self) -> list[list[list[int]]]:
        """The segment ids as [r-1][f-1][m-1]."""
        bins, cells = self.bins, self.cells
        rows = [cells[start : start + bins] for start in range(0, bins**3, bins)]
        return [rows[start : start + bins] for start in range(0, bins**2, bins)]

    def segments_by_scores(self) -> dict[int, int]:
        """The segment id for each triple of scores (rules.scores_in_one), and for 0 (no order); an id of 0 means
        no segment.
        """
        scores = product(range(1, self.bins + 1), repeat=3)
        cells = {scores_in_one(r, f, m): self.cells[cell_index(r, f, m, self.bins)] for r, f, m in scores}
        return {0: self.prospects_id or 0, **cells}

    def segment_ids(self) -> set[int]:
        """The segments a customer can be in by this version."""
        return set(self.cells) | ({self.prospects_id} if self.prospects_id else set())
