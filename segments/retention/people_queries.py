"""The people behind the figures of retention: from the statistics and the orders, as of the day of the tables.

Lists walk an index of the statistics from the best customer down and ask of each whether they fit, so the first
page is found as soon as enough do.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import (
    Count,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    Value,
    Window,
)
from django.db.models.functions import Coalesce, Lead, TruncDate

from accounts.models import Store
from lib.periods import add_months, start_of_day, start_of_next_day
from orders.models import Order, OrderLine
from segments.models import COHORT, CohortMonth, CustomerLapse, CustomerStats, DeliveryReturn, RetentionState
from segments.retention.tables import RETURN_DAYS

Facet = CohortMonth.Facet
Outcome = DeliveryReturn.Outcome
_DAYS_LATE: dict[Outcome, dict[str, int]] = {
    Outcome.KEPT: {"days_late__lte": 0},
    Outcome.LATE: {"days_late__gt": 0, "days_late__lte": 3},
    Outcome.VERY_LATE: {"days_late__gt": 3},
}


def cohort_people(
    state: RetentionState,
    month: date,
    *,
    age: int,
    facet: Facet = Facet.ALL,
    value: str | None = "",
    kept: Sequence[str | None] = (),
) -> QuerySet[CustomerStats]:
    """Those of a cohort who ordered `age` months after their first (0: everybody), as CohortMonth counts.

    `value` None: those of none of the values `kept` of the facet.
    """
    until = start_of_next_day(state.as_of, state.timezone)
    people = _of_facet(_of_cohort(_everybody(state), month), until, facet, value, kept)
    if age == 0:
        return people
    begin = start_of_day(add_months(month, age), state.timezone)
    end = min(start_of_day(add_months(month, age + 1), state.timezone), until)
    return people.filter(Exists(_counted(until).filter(placed_at__gte=begin, placed_at__lt=end)))


def second_order_people(
    state: RetentionState, days: int, *, returned: bool, month: date | None = None
) -> QuerySet[CustomerStats]:
    """Of the customers, or of one cohort, whose days from the first order are over: those who ordered again within
    them, or those who didn't, as SecondOrderWindow counts.
    """
    people = _everybody(state).filter(first_on__lt=state.as_of - timedelta(days=days))
    if month is not None:
        people = _of_cohort(people, month)
    within = {"second_on__lte": F("first_on") + timedelta(days=days)}
    return people.filter(**within) if returned else people.exclude(**within, second_on__isnull=False)


def waited_people(state: RetentionState, *, at_least: int, at_most: int | None) -> QuerySet[CustomerStats]:
    """Customers who once waited this many days, by the store's calendar, from a counted order to the next, as
    OrderGap counts.
    """
    zone = ZoneInfo(state.timezone)
    following = Window(Lead("placed_at"), order_by=F("placed_at").asc())
    waits = _counted(start_of_next_day(state.as_of, state.timezone)).annotate(
        waited=ExpressionWrapper(
            TruncDate(following, tzinfo=zone) - TruncDate("placed_at", tzinfo=zone),
            output_field=DurationField(),
        )
    )
    waits = waits.filter(waited__gte=timedelta(days=at_least))
    if at_most is not None:
        waits = waits.filter(waited__lte=timedelta(days=at_most))
    came_back = _everybody(state).filter(last_on__gte=F("first_on") + timedelta(days=at_least))
    return came_back.filter(Exists(waits))


def lapsed_people(state: RetentionState, month: date, *, won_back: bool) -> QuerySet[CustomerStats]:
    """Who lapsed in a month, or was won back in it, each once; the last LAPSES_KEPT months are known."""
    happened = CustomerLapse.objects.filter(
        store=state.store_id, customer=OuterRef("customer"), month=month, won_back=won_back
    )
    return _everybody(state).filter(Exists(happened))


def delivered_people(state: RetentionState, outcome: Outcome, *, returned: bool) -> QuerySet[CustomerStats]:
    """Of those whose first order was delivered so, who ordered again within RETURN_DAYS after it, or who didn't, as
    DeliveryReturn counts.
    """
    until, zone = start_of_next_day(state.as_of, state.timezone), ZoneInfo(state.timezone)
    first = _counted(until).order_by("placed_at", "id")
    delivered = first.annotate(day=TruncDate("delivered_at", tzinfo=zone)).values("day")
    people = _everybody(state)
    if outcome != Outcome.KEPT:  # few, found by their index; of the others a walk soon meets a page
        late = Order.objects.filter(store=state.store_id, days_late__gt=0)
        people = people.filter(customer__in=late.values("customer"))
    people = people.annotate(
        days_late=Subquery(first.values("days_late")[:1]), delivered_on=Subquery(delivered[:1])
    ).filter(**_DAYS_LATE[outcome], delivered_on__lt=state.as_of - timedelta(days=RETURN_DAYS))
    again = _counted(until).annotate(day=TruncDate("placed_at", tzinfo=zone))
    in_time = Exists(
        again.filter(
            day__gt=OuterRef("delivered_on"),
            day__lte=OuterRef("delivered_on") + Value(timedelta(days=RETURN_DAYS)),
        )
    )
    return people.filter(in_time if returned else ~in_time)


def times_happened(store: Store, month: date, *, won_back: bool) -> tuple[int, int]:
    """How often somebody lapsed in a month, or was won back, and how many customers that was. One query."""
    rows = CustomerLapse.objects.filter(store=store, month=month, won_back=won_back)
    found = rows.aggregate(times=Sum("times"), customers=Count("*"))
    return found["times"] or 0, found["customers"]


def _everybody(state: RetentionState) -> QuerySet[CustomerStats]:
    """Everybody whom the tables count."""
    people = CustomerStats.objects.filter(store=state.store_id, first_on__lte=state.as_of)
    return people.select_related("customer", "segment")


def _of_cohort(people: QuerySet[CustomerStats], month: date) -> QuerySet[CustomerStats]:
    """Those whose first order was in the month; through the index by cohort."""
    return people.alias(cohort=COHORT).filter(cohort=month.year * 12 + month.month)


def _counted(until: datetime) -> QuerySet[Order]:
    """The orders of a row's customer that count, up to a moment."""
    return Order.objects.filter(
        store=OuterRef("store"), customer=OuterRef("customer"), counted=True, placed_at__lt=until
    )


def _of_facet(
    people: QuerySet[CustomerStats],
    until: datetime,
    facet: Facet,
    value: str | None,
    kept: Sequence[str | None],
) -> QuerySet[CustomerStats]:
    if facet == Facet.ALL:
        return people
    if facet == Facet.BUYER:
        return people.filter(customer__first_seen_as_guest=value == "guest")
    first = _counted(until).order_by("placed_at", "id")
    if facet == Facet.CHANNEL:
        people = people.annotate(facet=Subquery(first.values("channel")[:1]))
    else:
        line = OrderLine.objects.filter(order=OuterRef("first_order"), position=1)
        category = Coalesce(Subquery(line.values("product__category")[:1]), Value(""))
        people = people.annotate(first_order=Subquery(first.values("id")[:1])).annotate(facet=category)
    return (
        people.exclude(facet__in=[one for one in kept if one is not None])
        if value is None
        else people.filter(facet=value)
    )


def customers_counted(store: Store, month: date, age: int, facet: Facet, value: str | None) -> int:
    """How many the cell of the triangle counts. One query."""
    row = CohortMonth.objects.filter(
        store=store, facet=facet, value=value, cohort=month, age=age
    ).values_list("customers", flat=True)
    return row.first() or 0
