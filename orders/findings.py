"""The sentence at the top of each order page: what the figures say. Pure; plain text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt

from lib.money import format_money
from lib.wording import count_text, number_text, percent_text, times_text
from orders.rollup_queries import Deliveries, FacetFigures, Figures, Guests

# With fewer than this a share means little.
FEW = 20


@dataclass(frozen=True, slots=True)
class Part:
    """A count and the whole it is part of."""

    count: int
    whole: int


def stands_out(part: Part, rest: Part) -> bool:
    """Whether the part's share is above the rest's by more than chance makes likely.

    The two-proportion z statistic with the pooled variance, above 2 (about one time in forty by chance).
    """
    if not part.whole or not rest.whole:
        return False
    pooled = (part.count + rest.count) / (part.whole + rest.whole)
    variance = pooled * (1 - pooled) * (1 / part.whole + 1 / rest.whole)
    difference = part.count / part.whole - rest.count / rest.whole
    return variance > 0 and difference / sqrt(variance) > 2


def orders_finding(last_days: Figures, days_before: Figures, overdue: int, currency: str) -> str:
    """The last 30 days beside the 30 before, and what is overdue."""
    if not last_days.orders:
        first = "No orders in the last 30 days"
    else:
        first = (
            f"{count_text(last_days.orders, 'order')} in the last 30 days, "
            f"{format_money(last_days.net, currency)} net{_against(last_days.orders, days_before.orders)}"
        )
    late = f"; {count_text(overdue, 'delivery is', 'deliveries are')} overdue" if overdue else ""
    return f"{first}{late}."


def _against(now: int, before: int) -> str:
    if before < FEW:
        return ""
    if times := times_text(before, now):
        return f", {times} as many as in the 30 days before"
    change = now / before - 1
    if abs(change) < 0.005:
        return ", as many as in the 30 days before"
    return f", {percent_text(abs(change))} {'more' if change > 0 else 'fewer'} than in the 30 days before"


def delivery_finding(all_: Deliveries, carriers: Sequence[tuple[str, Deliveries]], period: str) -> str:
    """How many came on time, and which carrier is behind most of the lateness."""
    if all_.on_time_share is None:
        if not all_.orders:
            return f"No orders were placed {period}."
        return (
            f"Whether orders came on time {period} isn't known: none has both a promised day and a delivery."
        )
    first = f"{percent_text(all_.on_time_share)} of deliveries came by the promised day {period}"
    worst = _worst_carrier(all_, carriers)
    if worst is None:
        return f"{first}."
    name, its = worst
    return (
        f"{first}; {name} was late {_one_in(its.late, its.judged)} and brought "
        f"{percent_text(its.late / all_.late)} of what came late."
    )


def _worst_carrier(
    all_: Deliveries, carriers: Sequence[tuple[str, Deliveries]]
) -> tuple[str, Deliveries] | None:
    """The carrier late most often, where it is later than the others by more than chance."""
    named = [(name, each) for name, each in carriers if name and each.judged >= FEW]
    if len(named) < 2:
        return None
    name, its = max(named, key=lambda pair: pair[1].late / pair[1].judged)
    others = Part(all_.late - its.late, all_.judged - its.judged)
    return (name, its) if stands_out(Part(its.late, its.judged), others) else None


def _one_in(part: int, whole: int) -> str:
    """One time in 7; percent where that says little."""
    times = whole / part if part else 0
    return (
        f"one time in {round(times)}" if 2.5 <= times <= 30 else f"{percent_text(part / whole)} of the time"
    )


def payments_finding(methods: Sequence[FacetFigures], period: str, names: Sequence[str]) -> str:
    """What most pay with, and what is refunded most."""
    if not methods:
        return f"No orders were placed {period}."
    top = next(((name, each) for name, each in zip(names, methods, strict=True) if each.value), None)
    if top is None:
        return f"How orders were paid {period} isn’t known: none of them says it."
    first = f"{top[0]} paid {percent_text(top[1].share_of_orders)} of orders {period}"
    rated = [
        (name, each.figures) for name, each in zip(names, methods, strict=True) if each.figures.orders >= FEW
    ]
    if len(rated) < 2:
        return f"{first}."
    worst, its = max(rated, key=lambda pair: pair[1].refund_rate or 0.0)
    refunds, orders = (
        sum(counts) for counts in zip(*((f.refunded_orders, f.orders) for _, f in rated), strict=True)
    )
    rest = Part(refunds - its.refunded_orders, orders - its.orders)
    if not stands_out(Part(its.refunded_orders, its.orders), rest):
        return f"{first}; no method is refunded clearly more than the others."
    return f"{first}; orders paid with {worst} are refunded most, {percent_text(its.refund_rate)} of them."


def guests_finding(found: Guests, buyers: Sequence[FacetFigures], period: str) -> str:
    """How many guests there are, how many of them registered, and what guests bring."""
    if not found.guests:
        return f"Nobody bought as a guest for the first time {period}."
    registered = (
        f"{count_text(found.guests, 'person', 'people')} bought first as a guest {period}, and "
        f"{_of_them(found)} registered since"
    )
    share = next((each.share_of_net for each in buyers if each.value == "guest"), None)
    return (
        f"{registered}; those who are guests to this day bring {percent_text(share)} of revenue."
        if share
        else f"{registered}."
    )


def _of_them(found: Guests) -> str:
    if not found.registered_later:
        return "none has"
    return f"{number_text(found.registered_later)} ({percent_text(found.share)}) have"


def month_name(month: date) -> str:
    """November 2026."""
    return f"{month:%B %Y}"
