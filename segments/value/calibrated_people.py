"""The people behind the models' test: those who had come back so often by the day it learned until."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import TruncDate
from django.http import QueryDict

from accounts.models import Store
from lib.keyset import PARAMETER, page_of
from lib.numbers import whole_number
from lib.periods import start_of_next_day
from lib.wording import day_text, number_text
from orders.models import Order
from segments.addresses import export_query, page_url
from segments.clv.calibration import FrequencyGroup
from segments.findings import counted
from segments.models import CustomerStats
from segments.people import BY_VALUE, Choice, PeopleList, Switch
from segments.value.calibration import KeptCalibration
from segments.value.findings import repeats_text

_GROUP = "repeats"  # what an address calls a group by


def calibrated_url(store: Store, group: FrequencyGroup) -> str:
    """The people of a group."""
    return page_url(store, "calibrated_people", {_GROUP: group.x})


def group_named(kept: KeptCalibration, query: QueryDict) -> FrequencyGroup | None:
    """The group that an address names; None for anything else."""
    repeats = whole_number(query.get(_GROUP, ""))
    return next((group for group in kept.groups if group.x == repeats), None)


def calibrated_people(store: Store, kept: KeptCalibration, group: FrequencyGroup) -> QuerySet[CustomerStats]:
    """Who had ordered on so many days after their first by the end of the day that the test learned until.

    One row a customer, unsorted; read from the orders as they are now, as purchase_histories.sql counts them.
    """
    learned = Order.objects.filter(
        store=OuterRef("store"),
        customer=OuterRef("customer"),
        counted=True,
        placed_at__lt=start_of_next_day(kept.calibration_end, store.timezone),
    )
    day = TruncDate("placed_at", tzinfo=ZoneInfo(store.timezone))
    days = learned.order_by().values("customer").annotate(days=Count(day, distinct=True)).values("days")
    known = CustomerStats.objects.filter(
        store=store,
        first_on__lte=kept.calibration_end,
        last_on__gte=F("first_on") + timedelta(days=group.x),
    )
    people = known.annotate(days=Subquery(days)).select_related("customer", "segment")
    return people.filter(days__gt=group.x) if group.or_more else people.filter(days=group.x + 1)


def calibrated_words(kept: KeptCalibration, group: FrequencyGroup) -> str:
    """What comes after "12 customers"."""
    return f"who {repeats_text(group)} by {day_text(kept.calibration_end)}"


def calibrated_list(
    store: Store, kept: KeptCalibration, group: FrequencyGroup, query: QueryDict
) -> PeopleList:
    """The page of a group's people at the address's cursor, and what was expected of them. One query."""
    return PeopleList(
        title=f"{repeats_text(group).capitalize()} by {day_text(kept.calibration_end)}",
        finding=(
            f"{counted(group.customers, 'customer')} {repeats_text(group)} by {day_text(kept.calibration_end)}. "
            f"They ordered {number_text(group.actual_mean, 1)} times each until {day_text(kept.holdout_end)}; "
            f"{number_text(group.expected_mean, 1)} was expected. The best customers first."
        ),
        people=page_of(calibrated_people(store, kept, group), BY_VALUE, query.get(PARAMETER, "")),
        back=page_url(store, "calibration", {}),
        back_label="How far to trust it",
        export_query=export_query("calibration", query),
        nobody="Nobody had come back so often by then.",
        tab="value",
        switches=[
            Switch(
                "Repeat orders before",
                [
                    Choice(f"{one.x}+" if one.or_more else str(one.x), f"{_GROUP}={one.x}", one is group)
                    for one in kept.groups
                ],
            )
        ],
    )
