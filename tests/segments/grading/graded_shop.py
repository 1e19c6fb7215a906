"""Gradings by the definitions, in plain Python: one customer and one order at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from accounts.models import Store
from orders.models import Customer, Order
from segments.models import SchemeVersion
from segments.rules import cell_index
from tests.factories.orders import make_customer, make_order
from tests.factories.segments import Figures, defined_figures, defined_score


@dataclass(frozen=True)
class DefinedGrade:
    customers: int
    buyers: int
    spend: int
    median_spend: int


def figures_by_customer(store: Store, scheme: SchemeVersion, as_of: date) -> dict[int, Figures]:
    return {
        customer.pk: defined_figures(
            Order.objects.filter(customer=customer),
            timezone=store.timezone,
            as_of=as_of,
            window_months=scheme.window_months,
        )
        for customer in Customer.objects.filter(store=store)
    }


def _cut(value: int, cuts: Sequence[int]) -> int:
    return 1 + sum(value >= cut for cut in cuts)


def defined_segments(
    figures: Mapping[int, Figures], scheme: SchemeVersion, as_of: date
) -> dict[int, int | None]:
    """The segment of everybody, prospects included."""
    scored = {pk: one for pk, one in figures.items() if one.frequency}
    days = {pk: (as_of - one.last_on).days for pk, one in scored.items() if one.last_on}
    fixed, bins = scheme.thresholds, scheme.bins
    found: dict[int, int | None] = dict.fromkeys(figures, scheme.prospects_id)
    for pk, one in scored.items():
        if "recency" in fixed:
            r = bins + 1 - _cut(days[pk], fixed["recency"])
        else:
            r = defined_score(days[pk], list(days.values()), bins, less_is_better=True)
        f, m = (
            _cut(getattr(one, name), fixed[name])
            if name in fixed
            else defined_score(getattr(one, name), [getattr(other, name) for other in scored.values()], bins)
            for name in ("frequency", "monetary")
        )
        found[pk] = scheme.cells[cell_index(r, f, m, bins)]
    return found


def defined_grades(
    store: Store, scheme: SchemeVersion, as_of: date, until_on: date
) -> dict[int | None, DefinedGrade]:
    """The grade of each segment that had scored customers as of the day; under None everybody's."""
    figures = figures_by_customer(store, scheme, as_of)
    segments = defined_segments(figures, scheme, as_of)
    did: dict[int | None, list[tuple[bool, int]]] = defaultdict(list)
    for pk, one in figures.items():
        if one.frequency:
            outcome = _outcome(pk, store.timezone, as_of, until_on)
            did[segments[pk]].append(outcome)
            did[None].append(outcome)
    return {segment: _grade(people) for segment, people in did.items()}


def _outcome(customer_id: int, timezone: str, as_of: date, until_on: date) -> tuple[bool, int]:
    bought, spend = False, 0
    for order in Order.objects.filter(customer_id=customer_id):
        day = order.placed_at.astimezone(ZoneInfo(timezone)).date()
        if not as_of < day <= until_on or order.status in ("cancelled", "voided"):
            continue
        if order.total < 0:
            spend += order.total - order.refunded
        elif order.total == 0 or order.refunded < order.total:
            bought, spend = True, spend + order.total - order.refunded
    return bought, spend


def _grade(people: list[tuple[bool, int]]) -> DefinedGrade:
    spends = sorted(spend for _, spend in people)
    return DefinedGrade(
        customers=len(people),
        buyers=sum(bought for bought, _ in people),
        spend=sum(spends),
        median_spend=spends[(len(spends) - 1) // 2],
    )


def make_regulars(store: Store, *, until: date, customers: int = 60) -> None:
    """A shop in which some come every few weeks to the end, some came once, some stopped long ago."""
    for number in range(customers):
        customer = make_customer(store)
        kind = number % 4
        if kind == 0:  # regulars
            days = range(5 + number, 400, 23 + number % 5)
        elif kind == 1:  # stopped
            days = range(200 + number, 400, 40)
        elif kind == 2:  # once, at any time
            days = range(3 + 6 * number, 4 + 6 * number)
        else:  # twice a year, one of them sometimes refunded
            days = range(60 + number, 400, 150)
        for place, back in enumerate(days):
            total = 1000 + 137 * number + 11 * place
            make_order(
                customer,
                f"{until - timedelta(days=back)}T2{number % 4}:30",
                total=total,
                refunded=total if number % 11 == 3 and place == 0 else 0,
                status="cancelled" if number % 13 == 5 and place == 1 else "paid",
            )
        if number % 9 == 0:
            make_order(customer, f"{until - timedelta(days=20)}T10:00", total=-400)
    make_customer(store)
