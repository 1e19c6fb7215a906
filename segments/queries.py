"""What pages read of segments: roll-ups of a refresh, and the people of a segment. Never the orders.

Every read takes a fixed number of queries, whatever the size of the store.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.timezone import now

from accounts.models import Store
from segments.models import Refresh, ScoreCell, Segment, SegmentSize

OVERDUE_AFTER = timedelta(hours=26)  # a nightly refresh, and two hours for it to run late


@dataclass(frozen=True)
class Freshness:
    """How old a store's segments are; both None before the first refresh, which is not overdue."""

    refreshed_at: datetime | None
    age: timedelta | None

    @property
    def is_overdue(self) -> bool:
        return self.age is not None and self.age > OVERDUE_AFTER


@dataclass(frozen=True)
class SizedSegment:
    """A segment at a refresh. Revenue in minor units; shares 0..1 of all people in segments.

    `change` is in customers since an earlier refresh; None if no comparison was asked for or the segment wasn't in
    use then.
    """

    segment: Segment
    customers: int
    orders: int
    revenue: int
    share_of_customers: float
    share_of_revenue: float
    recency_days: float | None
    change: int | None

    @property
    def average_order(self) -> int | None:
        """Revenue per order, minor units; None without orders."""
        return round(self.revenue / self.orders) if self.orders else None


@dataclass(frozen=True)
class SegmentFlow:
    """How many customers a refresh moved from one segment to another; None: from, or to, no segment."""

    before: Segment | None
    after: Segment | None
    customers: int


@dataclass(frozen=True)
class SizeOnDay:
    """A segment's size as of a day. Revenue in minor units."""

    as_of: date
    customers: int
    revenue: int


def refreshes(store: Store) -> QuerySet[Refresh]:
    """The store's finished refreshes, newest first, without those that reconstruct the past."""
    reconstructed = Refresh.Reason.RECONSTRUCTED
    finished = Refresh.objects.filter(store=store, finished_at__isnull=False)
    return finished.exclude(reason=reconstructed).select_related("scheme_version").order_by("-id")


def latest_refresh(store: Store) -> Refresh | None:
    """The refresh whose statistics and segments the store has now."""
    return refreshes(store).first()


def refresh_before(refresh: Refresh) -> Refresh | None:
    """The last refresh before it that is of an earlier day, for whatever reason it was made: changes are counted from
    it.

    Several refreshes of one day are one picture of that day.
    """
    return pictures_before(refresh).filter(as_of__lt=refresh.as_of).first()


def pictures_before(refresh: Refresh) -> QuerySet[Refresh]:
    """The refreshes that come before this one and still have their sizes, the latest day first."""
    earlier = Refresh.objects.filter(
        store_id=refresh.store_id, finished_at__isnull=False, thinned_at__isnull=True
    )
    before = Q(id__lt=refresh.pk) | Q(reason=Refresh.Reason.RECONSTRUCTED)
    return earlier.filter(before).order_by("-as_of", "-id")


def freshness(store: Store, *, at: datetime | None = None) -> Freshness:
    """How old the store's segments are at a moment (default: now)."""
    newest = refreshes(store).values_list("finished_at", flat=True).first()
    return Freshness(refreshed_at=newest, age=(at or now()) - newest if newest else None)


def segment_sizes(store: Store, refresh: Refresh, *, earlier: Refresh | None = None) -> list[SizedSegment]:
    """The segments of a refresh's scheme with their figures, the healthiest first; `earlier`: what their change is
    counted from. Two queries.
    """
    found = SegmentSize.objects.filter(refresh=refresh, refresh__store=store)
    sizes = list(found.select_related("segment").order_by("segment__health", "segment_id"))
    before = sizes_at(earlier) if earlier else {}
    customers, revenue = sum(size.customers for size in sizes), sum(size.revenue for size in sizes)
    return [
        SizedSegment(
            segment=size.segment,
            customers=size.customers,
            orders=size.orders,
            revenue=size.revenue,
            share_of_customers=size.customers / customers if customers else 0.0,
            share_of_revenue=size.revenue / revenue if revenue else 0.0,
            recency_days=size.recency_days / size.customers if size.orders else None,
            change=size.customers - before[size.segment_id] if size.segment_id in before else None,
        )
        for size in sizes
    ]


def score_cells(store: Store, refresh: Refresh) -> QuerySet[ScoreCell]:
    """The R x F cells of a refresh that have customers."""
    return ScoreCell.objects.filter(refresh=refresh, refresh__store=store).order_by("r", "f")


def size_history(store: Store, segment: Segment, *, since: date | None = None) -> list[SizeOnDay]:
    """A segment's size as of each day with a refresh, oldest first; of several refreshes on a day, the last. One
    query.
    """
    sizes = SegmentSize.objects.filter(
        refresh__store=store, refresh__finished_at__isnull=False, segment=segment
    )
    if since:
        sizes = sizes.filter(refresh__as_of__gte=since)
    newest_first = sizes.order_by("refresh__as_of", "-refresh_id").distinct("refresh__as_of")
    return [SizeOnDay(*row) for row in newest_first.values_list("refresh__as_of", "customers", "revenue")]


def sizes_at(refresh: Refresh) -> dict[int, int]:
    """How many customers each segment of the refresh's scheme had, by segment id. One query."""
    return dict(SegmentSize.objects.filter(refresh=refresh).values_list("segment_id", "customers"))
