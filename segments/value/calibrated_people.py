"""The people behind the models' test: those who had come back so often by the day it learned until."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import TruncDate
from django.http import QueryDict

from accounts.models import Store
from lib.keyset import PARAMETER, page_of
from lib.numbers import whole_number
from lib.periods import start_of_next_day
from lib.wording import count_text, day_text, number_text
from orders.models import Order
from segments.addresses import export_query, page_url
from segments.clv.calibration import FrequencyGroup
from segments.models import CustomerStats
from segments.people import BY_VALUE, Choice, PeopleList, Switch
from segments.value.calibration import KeptCalibration
from segments.value.findings import repeats_text
from segments.value.queries import latest_fit

_GROUP = "repeats"  # what an address calls a group by


@dataclass(frozen=True)
class CalibratedPeople:
    """A group of the models' test and its people, one row per customer, unsorted."""

    kept: KeptCalibration
    group: FrequencyGroup
    people: QuerySet[CustomerStats]

    @property
    def did(self) -> str:
        """What they had done by then: comes after "12 customers"."""
        return f"{repeats_text(self.group)} by {day_text(self.kept.calibration_end)}"


def calibrated_url(store: Store, group: FrequencyGroup) -> str:
    """The people of a group."""
    return page_url(store, "calibrated_people", {_GROUP: group.x})


def calibrated_people(store: Store, query: QueryDict) -> CalibratedPeople | None:
    """The group that an address names, of the newest fit's test; None for anything else. One query."""
    fit = latest_fit(store)
    kept = KeptCalibration.kept(fit.calibration) if fit else None
    repeats = whole_number(query.get(_GROUP, ""))
    group = next((group for group in kept.groups if group.x == repeats), None) if kept else None
    if kept is None or group is None:
        return None
    return CalibratedPeople(kept, group, _people_of(store, kept, group))


def _people_of(store: Store, kept: KeptCalibration, group: FrequencyGroup) -> QuerySet[CustomerStats]:
    """Customers who had ordered on this many days after their first by the end of the last day that the test learned
    from.

    Read from the orders as they are now, as purchase_histories.sql counts them.
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


def calibrated_list(store: Store, found: CalibratedPeople, query: QueryDict) -> PeopleList:
    """The page of a group's people at the address's cursor, and what was expected of them. One query."""
    kept, group = found.kept, found.group
    return PeopleList(
        title=f"{found.did[0].upper()}{found.did[1:]}",
        finding=(
            f"{count_text(group.customers, 'customer')} {found.did}. They ordered {number_text(group.actual_mean, 1)} times each until {day_text(kept.holdout_end)}; "
            f"{number_text(group.expected_mean, 1)} was expected. The best customers first."
        ),
        people=page_of(found.people, BY_VALUE, query.get(PARAMETER, "")),
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
