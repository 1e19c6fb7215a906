"""What pages read of gradings. Never the orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import Store
from segments.grading.rules import Separation
from segments.intervals import wilson_interval
from segments.models import Grading, SchemeVersion, Segment, SegmentGrade

GRADING = "segments.grading"


@dataclass(frozen=True)
class Interval:
    """A 95% interval."""

    low: float
    high: float


@dataclass(frozen=True)
class GradedPeople:
    """Some people and what they did since. Money in minor units; `median_spend` and the mean count everybody.

    The median isn't known of a draft: it is no sum of the cells that a draft is graded by.
    """

    customers: int
    buyers: int
    spend: int
    median_spend: int | None = None

    @property
    def share(self) -> float | None:
        """The share who bought; None if there is nobody."""
        return self.buyers / self.customers if self.customers else None

    @property
    def interval(self) -> Interval | None:
        """The interval of the share; None if there is nobody."""
        return Interval(*wilson_interval(self.buyers, self.customers)) if self.customers else None

    @property
    def mean_spend(self) -> int | None:
        return round(self.spend / self.customers) if self.customers else None


@dataclass(frozen=True)
class GradedSegment:
    """A segment against everybody graded."""

    segment: Segment
    people: GradedPeople
    everybody: GradedPeople

    @property
    def lift(self) -> float | None:
        """How many times as likely to buy as everybody; None where nobody is in it, or nobody bought."""
        share, whole = self.people.share, self.everybody.share
        return share / whole if share is not None and whole else None

    @property
    def standing(self) -> str:
        """Whether its share who bought is "above" or "below" everybody's beyond chance; "alike" where it isn't."""
        interval, whole = self.people.interval, self.everybody.share
        if interval is None or whole is None:
            return "alike"
        return "above" if interval.low > whole else "below" if interval.high < whole else "alike"


@dataclass(frozen=True)
class GradedScheme:
    """A scheme's segments on what came after, the healthiest first."""

    segments: Sequence[GradedSegment]
    everybody: GradedPeople
    separation: Separation | None


def newest_grading(store: Store, horizon_days: int, version: SchemeVersion | None = None) -> Grading | None:
    """The store's last grading over this many days, of this scheme version if one is given."""
    gradings = Grading.objects.filter(store=store, horizon_days=horizon_days)
    if version is not None:
        gradings = gradings.filter(scheme_version=version)
    return gradings.select_related("store", "scheme_version").order_by("-id").first()


def graded_scheme(grading: Grading) -> GradedScheme:
    """What a grading found. One query."""
    everybody = _people(grading)
    rows = grading.grades.select_related("segment").order_by("segment__health", "segment_id")
    value, low, high = grading.separation, grading.separation_low, grading.separation_high
    return GradedScheme(
        segments=[GradedSegment(row.segment, _people(row), everybody) for row in rows],
        everybody=everybody,
        separation=None if value is None or low is None or high is None else Separation(value, low, high),
    )


def _people(row: Grading | SegmentGrade) -> GradedPeople:
    """Of a grading or one of its grades: they have the same figures."""
    return GradedPeople(row.customers, row.buyers, row.spend, row.median_spend)
