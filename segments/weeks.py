"""Weekly figures of a store for Today: revenue, orders, who came back, the regulars. Read from roll-ups alone.

A week is seven days ending on the same weekday as the last one; the last ends yesterday, since today isn't over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Sum

from accounts.models import Store
from orders.rollup_models import OrderDay
from segments.models import Segment, SegmentSize
from segments.tally_models import arrivals

WEEKS = 12
_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Week:
    """One week. Revenue in minor units; `identified`: counted orders of known customers; `arrivals`: their firsts.

    `regulars`: customers in the two healthiest segments at the week's last refresh, by the scheme version of that
    id; None without a refresh.
    """

    ends: date
    revenue: int
    orders: int
    identified: int
    arrivals: int
    regulars: int | None
    scheme_version: int | None

    @property
    def returning_share(self) -> float | None:
        """The share of known customers' orders that weren't their first; None without such orders."""
        return (self.identified - self.arrivals) / self.identified if self.identified else None


def weeks(store: Store, *, today: date) -> list[Week]:
    """The last WEEKS whole weeks before today, oldest first. Three queries."""
    ends = [today - timedelta(days=1) - _WEEK * back for back in range(WEEKS - 1, -1, -1)]
    first = ends[0] - _WEEK + timedelta(days=1)
    days = OrderDay.objects.filter(store=store, day__gte=first, day__lt=today)
    figures = {day: row for day, *row in days.values_list("day", "net", "counted", "identified")}
    firsts, regulars = arrivals(store, first=first, until=today), _regulars(store, first)
    return [_week(end, figures, firsts, regulars) for end in ends]


def _week(
    ends: date,
    figures: Mapping[date, Sequence[int]],
    firsts: Mapping[date, int],
    regulars: Mapping[date, tuple[int, int]],
) -> Week:
    days = [ends - timedelta(days=back) for back in range(7)]
    found = [figures.get(day, (0, 0, 0)) for day in days]
    # Tomorrow's refresh looks at the whole of a day, so the week's last word is that of the day after it too.
    looks = [ends + timedelta(days=1), *days]
    last_look = next((regulars[day] for day in looks if day in regulars), (None, None))
    return Week(
        ends=ends,
        revenue=sum(row[0] for row in found),
        orders=sum(row[1] for row in found),
        identified=sum(row[2] for row in found),
        arrivals=sum(firsts.get(day, 0) for day in days),
        regulars=last_look[0],
        scheme_version=last_look[1],
    )


def _regulars(store: Store, since: date) -> dict[date, tuple[int, int]]:
    """Customers in the two healthiest segments by day, from the last refresh of each day, and the id of the scheme
    version it used.
    """
    sizes = SegmentSize.objects.filter(
        refresh__store=store,
        refresh__finished_at__isnull=False,
        refresh__as_of__gte=since,
        segment__health__lte=Segment.REGULAR_HEALTH,
    )
    of_refresh = sizes.values_list("refresh__as_of", "refresh_id", "refresh__scheme_version_id")
    counted = of_refresh.annotate(count=Sum("customers")).order_by("refresh__as_of", "refresh_id")
    return {day: (count, version) for day, _refresh, version, count in counted}
