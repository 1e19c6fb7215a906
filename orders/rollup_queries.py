"""What the order dashboards read: roll-ups only, never the orders. A fixed number of queries each.

Money is minor units. A period is a number of months up to and including the present one, or None for all there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, F, Q, QuerySet, SmallIntegerField, Sum, Value, When
from django.db.models.functions import Coalesce

from accounts.models import Store
from lib.periods import add_months, local_today, months_between
from orders.rollup_models import DeliveryMonth, GuestMonth, OrderDay, OrderMonth

_SUMS = ("orders", "counted", "net", "refunded_orders", "refunded", "cancelled", "credit_notes")
EARLIEST, LATEST = -3, 8  # days late beyond these are counted together in the distribution


@dataclass(frozen=True, slots=True)
class Figures:
    """Orders of some kind in a period. `orders` stand; `counted` aren't refunded in full; `net` is revenue."""

    orders: int = 0
    counted: int = 0
    net: int = 0
    refunded_orders: int = 0
    refunded: int = 0
    cancelled: int = 0
    credit_notes: int = 0

    @property
    def average(self) -> int | None:
        """Net an order that counts; None without one."""
        return round(self.net / self.counted) if self.counted else None

    @property
    def refund_rate(self) -> float | None:
        """Share of orders with money given back; None without orders."""
        return self.refunded_orders / self.orders if self.orders else None


@dataclass(frozen=True, slots=True)
class FacetFigures:
    """The figures of one value of a facet (a payment method, a kind of buyer) and its shares of the period."""

    value: str
    figures: Figures
    share_of_orders: float
    share_of_net: float | None


@dataclass(frozen=True, slots=True)
class Deliveries:
    """Orders that stand, by what is known of their delivery.

    `judged` have a promised day and a delivery: `on_time` of them came by that day, the others late.
    """

    orders: int = 0
    promised: int = 0
    judged: int = 0
    on_time: int = 0

    @property
    def late(self) -> int:
        return self.judged - self.on_time

    @property
    def on_time_share(self) -> float | None:
        """Of those that can be judged; None where none can."""
        return self.on_time / self.judged if self.judged else None


def has_figures(store: Store) -> bool:
    """Whether any order document is rolled up, cancelled ones included."""
    return OrderDay.objects.filter(store=store).exists()


def facet_values(store: Store) -> dict[str, list[str]]:
    """What channels, payment methods and carriers there are, the most frequent first: two queries."""
    values: dict[str, list[str]] = {"channel": [], "payment": []}
    found = (
        OrderMonth.objects.filter(store=store, facet__in=list(values))
        .values_list("facet", "value")
        .annotate(total=Sum(F("orders") + F("cancelled") + F("credit_notes")))
        .order_by("-total", "value")
    )
    for facet, value, _ in found:
        values[facet].append(value)
    carriers = DeliveryMonth.objects.filter(store=store).values_list("carrier").annotate(total=Sum("orders"))
    values["carrier"] = [carrier for carrier, _ in carriers.order_by("-total", "carrier")]
    return values


def newest_day(store: Store) -> date | None:
    """The last day, up to the store's today, with an order that stands; None without one. One query."""
    days = OrderDay.objects.filter(store=store, day__lte=local_today(store.timezone), orders__gt=0)
    return days.order_by("-day").values_list("day", flat=True).first()


def day_figures(store: Store, since: date, until: date) -> Figures:
    """All orders of the days from `since` to `until`, both included: one query."""
    rows = OrderDay.objects.filter(store=store, day__gte=since, day__lte=until)
    return _figures(rows.aggregate(**_summed()), "total_")


def facet_figures(store: Store, facet: OrderMonth.Facet, since: date | None) -> list[FacetFigures]:
    """The figures of each value of the facet in the period, the most orders first."""
    rows = _months(store, facet, since).values("value").annotate(**_summed())
    found = [(row["value"], _figures(row, "total_")) for row in rows]
    found.sort(key=lambda pair: (-pair[1].orders, pair[0]))
    orders = sum(figures.orders for _, figures in found)
    net = sum(figures.net for _, figures in found)
    return [
        FacetFigures(
            value=value,
            figures=figures,
            share_of_orders=figures.orders / orders if orders else 0.0,
            share_of_net=figures.net / net if net > 0 else None,
        )
        for value, figures in found
    ]


def facet_months(
    store: Store, facet: OrderMonth.Facet, since: date | None
) -> dict[str, list[tuple[date, Figures]]]:
    """Each value of the facet by month, oldest first; every value has every month."""
    rows = list(_months(store, facet, since).values("month", "value", *_SUMS))
    months = _every_month(row["month"] for row in rows)
    found: dict[str, dict[date, Figures]] = {}
    for row in rows:
        found.setdefault(row["value"], {})[row["month"]] = _figures(row)
    return {
        value: [(month, by_month.get(month, Figures())) for month in months]
        for value, by_month in found.items()
    }


def deliveries_by_month(store: Store, since: date | None) -> list[tuple[date, Deliveries]]:
    """Deliveries by month of the order, oldest first, months without orders included."""
    rows = _deliveries(store, since).values_list("month").annotate(**_outcomes()).order_by("month")
    found = {month: Deliveries(*outcomes) for month, *outcomes in rows}
    return [(month, found.get(month, Deliveries())) for month in _every_month(found)]


def deliveries_by_carrier(store: Store, since: date | None) -> list[tuple[str, Deliveries]]:
    """Deliveries by carrier, the most orders first; an empty name: the shop doesn't say."""
    rows = _deliveries(store, since).values_list("carrier").annotate(**_outcomes())
    found = [(carrier, Deliveries(*outcomes)) for carrier, *outcomes in rows]
    return sorted(found, key=lambda pair: (-pair[1].orders, pair[0]))


def all_deliveries(carriers: Iterable[tuple[str, Deliveries]]) -> Deliveries:
    """The sum over carriers."""
    rows = [each for _, each in carriers]
    return Deliveries(
        orders=sum(each.orders for each in rows),
        promised=sum(each.promised for each in rows),
        judged=sum(each.judged for each in rows),
        on_time=sum(each.on_time for each in rows),
    )


def days_late_distribution(store: Store, since: date | None) -> list[tuple[int, int]]:
    """(days late, orders) from EARLIEST (that early or earlier) to LATEST (that late or later), without gaps."""
    within = Case(
        When(days_late__lt=EARLIEST, then=Value(EARLIEST)),
        When(days_late__gt=LATEST, then=Value(LATEST)),
        default=F("days_late"),
        output_field=SmallIntegerField(),
    )
    rows = _deliveries(store, since).filter(days_late__isnull=False)
    found = dict(rows.values_list(within).annotate(total=Sum("orders")))
    return [(day, found.get(day, 0)) for day in range(EARLIEST, LATEST + 1)] if found else []


@dataclass(frozen=True, slots=True)
class Guests:
    """Customers who bought first as guests, and how many of them registered within each number of days."""

    guests: int
    registered: dict[int, int]

    @property
    def registered_later(self) -> int:
        return sum(self.registered.values())

    @property
    def share(self) -> float | None:
        """Share that registered; None without guests."""
        return self.registered_later / self.guests if self.guests else None


def guests(store: Store, since: date | None) -> Guests:
    """Guests by how soon they registered, of those whose first order is in the period."""
    rows = _guest_months(store, since).values_list("within_days").annotate(total=Sum("customers"))
    found = dict(rows.order_by("within_days"))
    still = found.pop(None, 0)
    return Guests(guests=still + sum(found.values()), registered=found)


def guests_by_month(store: Store, since: date | None) -> list[tuple[date, int, int]]:
    """(month of the first order, guests to this day, guests who registered), oldest first."""
    still = Coalesce(Sum("customers", filter=Q(within_days=None)), 0)
    later = Coalesce(Sum("customers", filter=Q(within_days__isnull=False)), 0)
    rows = _guest_months(store, since).values_list("month").annotate(still=still, later=later)
    found = {month: (left, became) for month, left, became in rows.order_by("month")}
    return [(month, *found.get(month, (0, 0))) for month in _every_month(found)]


def _months(store: Store, facet: OrderMonth.Facet, since: date | None) -> QuerySet[OrderMonth]:
    return OrderMonth.objects.filter(_of_period(store, since), store=store, facet=facet)


def _deliveries(store: Store, since: date | None) -> QuerySet[DeliveryMonth]:
    return DeliveryMonth.objects.filter(_of_period(store, since), store=store)


def _guest_months(store: Store, since: date | None) -> QuerySet[GuestMonth]:
    return GuestMonth.objects.filter(_of_period(store, since), store=store)


def _of_period(store: Store, since: date | None) -> Q:
    """Months up to and including the present one: an order dated 2099 by mistake would stretch charts to that
    year.
    """
    until = Q(month__lte=local_today(store.timezone))
    return until & Q(month__gte=since) if since else until


def _summed() -> dict[str, Any]:
    return {f"total_{name}": Coalesce(Sum(name), 0) for name in _SUMS}


def _figures(row: Mapping[str, Any], prefix: str = "") -> Figures:
    return Figures(**{name: int(row[prefix + name]) for name in _SUMS})


def _outcomes() -> dict[str, Any]:
    """The fields of Deliveries, in their order."""
    judged = Q(days_late__isnull=False)
    return {
        "total_orders": Coalesce(Sum("orders"), 0),
        "total_promised": Coalesce(Sum("orders", filter=Q(promised=True)), 0),
        "total_judged": Coalesce(Sum("orders", filter=judged), 0),
        "total_on_time": Coalesce(Sum("orders", filter=judged & Q(days_late__lte=0)), 0),
    }


def _every_month(months: Iterable[date]) -> list[date]:
    """Every month from the first of these to the last."""
    known = sorted(set(months))
    if not known:
        return []
    return [add_months(known[0], step) for step in range(months_between(known[0], known[-1]) + 1)]
