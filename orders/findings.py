"""The sentence at the top of each order page: what the figures say. Pure; plain text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from lib.money import format_money
from lib.wording import number_text, percent_text
from orders.rollup_queries import Deliveries, FacetFigures, Figures, Guests

# Too few to speak of a share.
FEW = 20


def counted(count: int, one: str, many: str = "") -> str:
    """1 order; 1,204 orders."""
    return f"{number_text(count)} {one if count == 1 else many or one + 's'}"


def orders_finding(last_days: Figures, days_before: Figures, overdue: int, currency: str) -> str:
    """The last 30 days beside the 30 before, and what is overdue."""
    if not last_days.orders:
        first = "No orders in the last 30 days"
    else:
        first = (
            f"{counted(last_days.orders, 'order')} in the last 30 days, "
            f"{format_money(last_days.net, currency)} net{_against(last_days.orders, days_before.orders)}"
        )
    late = f"; {counted(overdue, 'delivery is', 'deliveries are')} overdue" if overdue else ""
    return f"{first}{late}."


def _against(now: int, before: int) -> str:
    if before < FEW:
        return ""
    change = now / before - 1
    if abs(change) < 0.005:
        return ", as many as in the 30 days before"
    return f", {percent_text(abs(change))} {'more' if change > 0 else 'fewer'} than in the 30 days before"


def delivery_finding(all_: Deliveries, carriers: Sequence[tuple[str, Deliveries]], period: str) -> str:
    """How many came on time, and which carrier is behind most of the lateness."""
    if all_.on_time_share is None:
        if not all_.orders:
            return f"No orders were placed in {period}."
        return f"Whether {period}'s orders came on time isn't known: none has both a promised day and a delivery."
    first = f"{percent_text(all_.on_time_share)} of deliveries came by the promised day in {period}"
    named = [(name, each) for name, each in carriers if name and each.judged >= FEW]
    if len(named) < 2:
        return f"{first}."
    worst, its = max(named, key=lambda pair: (pair[1].late / pair[1].judged, pair[1].judged))
    if its.late * all_.judged <= its.judged * all_.late:
        return f"{first}, no carrier worse than another."
    return f"{first}; {worst} was late {_one_in(its.late, its.judged)} and carried {_share(its.late, all_.late)} of all that came late."


def _one_in(part: int, whole: int) -> str:
    """One time in 7; percent where that says little."""
    times = whole / part if part else 0
    return (
        f"one time in {round(times)}" if 2.5 <= times <= 30 else f"{percent_text(part / whole)} of the time"
    )


def _share(part: int, whole: int) -> str:
    return percent_text(part / whole) if whole else "none"


def payments_finding(methods: Sequence[FacetFigures], period: str, names: Sequence[str]) -> str:
    """What most pay with, and what is refunded most."""
    if not methods:
        return f"No orders were placed in {period}."
    top = methods[0]
    first = f"{names[0]} paid {percent_text(top.share_of_orders)} of orders in {period}"
    rated = [
        (name, each.figures.refund_rate or 0.0)
        for name, each in zip(names, methods, strict=True)
        if each.figures.orders >= 5 * FEW
    ]
    if len(rated) < 2:
        return f"{first}."
    worst, rate = max(rated, key=lambda pair: pair[1])
    if not rate:
        return f"{first}; nothing was refunded."
    return f"{first}; orders paid with {worst} are refunded most, {percent_text(rate)} of them."


def guests_finding(found: Guests, buyers: Sequence[FacetFigures], period: str) -> str:
    """How many guests there are, how many of them registered, and what guests bring."""
    if not found.guests:
        return f"Nobody bought as a guest for the first time in {period}."
    registered = (
        f"{counted(found.guests, 'person', 'people')} bought first as a guest in {period}, and "
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
    return f"{_MONTHS[month.month - 1]} {month.year}"


_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
