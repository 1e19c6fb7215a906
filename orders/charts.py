"""Charts of the order pages: rows in, Chart out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from lib.charts import Chart, layout
from lib.marks import NAMES_DOWN, SHARES, TEXT_BEYOND, Mark, bars, line, note
from lib.wording import count_text, percent_text
from orders.findings import FEW, month_name
from orders.rollup_queries import EARLIEST, LATEST, Deliveries, Figures, Guests

Link = Callable[[date], str]
_LINES = 5  # more lines than this can't be told apart by their labels
_MONTHS = {"type": "date", "tickformat": "%b\n%Y", "nticks": 7}
_HIDDEN = {"visible": False, "rangemode": "tozero"}
_ALL_NAMES_DOWN = {**NAMES_DOWN, "dtick": 1}
# Days from the first order, and how a bar says so.
_WITHIN = {
    7: "Within a week",
    30: "Within 30 days",
    90: "Within 90 days",
    180: "Within half a year",
    365: "Within a year",
    9999: "Later",
}


def on_time_by_month(months: Sequence[tuple[date, Deliveries]], *, today: date, link: Link) -> Chart:
    """The share of deliveries that came by the promised day; months too small to judge are left out."""
    known = [(month, each) for month, each in months if each.judged >= FEW]
    shares = [each.on_time / each.judged for _, each in known]
    links = tuple(link(month) for month, _ in known)
    floor = max(0.0, min(shares, default=0.0) - 0.05)
    return Chart(
        id="on-time-by-month",
        title=_on_time_title(known),
        subtitle="On time, % of deliveries, by month of the order; hollow: not over yet",
        figure={
            "data": [_on_time_line(known, shares, today, links)],
            "layout": layout(xaxis=_MONTHS, yaxis={**SHARES, "range": [floor, 1.005], "rangemode": "normal"}),
        },
        columns=("Month", "On time, %", "On time", "Late", "Delivered and promised"),
        rows=[
            (month_name(month), _percent(share), each.on_time, each.late, each.judged)
            for (month, each), share in zip(known, shares, strict=True)
        ],
        height=400,
        links=links,
    )


def _on_time_line(
    known: Sequence[tuple[date, Deliveries]], shares: Sequence[float], today: date, links: Sequence[str]
) -> Mark:
    return line(
        [month for month, _ in known],
        shares,
        colour="var(--mark)",
        width=2.5,
        mode="lines+markers",
        marker={"color": _tones(known, today), "size": 8, "line": {"color": "var(--mark)", "width": 2}},
        text=[f"{each.late:,} of {each.judged:,} late" for _, each in known],
        hover="%{x|%B %Y}: %{y:.1%} on time<br>%{text}",
        links=links,
    )


def _tones(known: Sequence[tuple[date, Any]], today: date) -> list[str]:
    """Filled dots, hollow for the month that isn't over."""
    present = today.replace(day=1)
    return ["var(--panel)" if month >= present else "var(--mark)" for month, _ in known]


def _on_time_title(known: Sequence[tuple[date, Deliveries]]) -> str:
    if len(known) < 2:
        return "Too few months to compare"
    month, worst = min(known, key=lambda pair: pair[1].on_time / pair[1].judged)
    return (
        f"{month_name(month)} was the worst month: {percent_text(worst.on_time / worst.judged)} came on time"
    )


def days_late_bars(days: Sequence[tuple[int, int]]) -> Chart:
    """Deliveries by how many days before or after the promised day they came."""
    whole = sum(orders for _, orders in days)
    names = [_day_words(day) for day, _ in days]
    counts = bars(
        names,
        [orders for _, orders in days],
        sideways=True,
        colour=["var(--mark-other)" if day > 0 else "var(--mark)" for day, _ in days],
        text=[f"{orders:,} · {percent_text(orders / whole)}" if orders else "0" for _, orders in days],
        hover="%{y}: %{text}",
        **TEXT_BEYOND,
    )
    return Chart(
        id="days-late",
        title=_late_title(days),
        subtitle="Deliveries by days from the promised day; ochre is late",
        figure={
            "data": [counts],
            "layout": layout(xaxis=_HIDDEN, yaxis=_ALL_NAMES_DOWN, margin={"r": 96}),
        },
        height=400,
        columns=("Days from the promised day", "Deliveries", "Share, %"),
        rows=[
            (name, orders, _percent(orders / whole))
            for name, (_, orders) in zip(names, days, strict=True)
            if whole
        ],
    )


def _late_title(days: Sequence[tuple[int, int]]) -> str:
    late = sum(orders for day, orders in days if day > 0)
    by_a_day_or_two = sum(orders for day, orders in days if 0 < day <= 2)
    if not late:
        return "Nothing came late"
    return f"{percent_text(by_a_day_or_two / late)} of what comes late is late by a day or two"


def _day_words(day: int) -> str:
    if day == 0:
        return "On the day"
    more = " or more" if day in (EARLIEST, LATEST) else ""
    return f"{count_text(abs(day), 'day')}{more} {'late' if day > 0 else 'early'}"


def method_shares_by_month(methods: Sequence[tuple[str, Sequence[tuple[date, Figures]]]]) -> Chart:
    """Each payment method's share of orders by month, one line per method, named at its end.

    `methods` are names with their months, the most used first; only the first few are drawn.
    """
    totals = [
        sum(figures.orders for _, figures in column) for column in zip(*(m for _, m in methods), strict=True)
    ]
    drawn = [(name, _shares(months, totals)) for name, months in methods[:_LINES]]
    dates = [month for month, _ in methods[0][1]] if methods else []
    moved = max(drawn, key=lambda method: abs(_drift(method[1])), default=None)
    return Chart(
        id="method-shares",
        title=_drift_title(moved),
        subtitle="Share of orders, %, by month; the bold line is the method that moved most",
        figure=_method_lines(drawn, dates, bold=moved[0] if moved else None),
        columns=("Month", *(f"{name}, %" for name, _ in drawn)),
        rows=[
            (month_name(month), *(_percent(shares[place]) for _, shares in drawn))
            for place, month in enumerate(dates)
        ],
    )


def _method_lines(
    drawn: Sequence[tuple[str, Sequence[float | None]]], dates: Sequence[date], *, bold: str | None
) -> dict[str, Any]:
    labels = [
        note(name, x=1, y=shares[-1], xref="paper", xanchor="left", xshift=6)
        for name, shares in drawn
        if shares and shares[-1] is not None
    ]
    return {
        "data": [_share_line(name, dates, shares, bold=name == bold) for name, shares in drawn],
        "layout": layout(
            xaxis={**_MONTHS, "range": [dates[0], dates[-1]] if dates else None},
            yaxis=SHARES,
            margin={"r": 96},
            annotations=_apart(labels),
            hovermode="x unified",
        ),
    }


def _shares(months: Sequence[tuple[date, Figures]], totals: Sequence[int]) -> list[float | None]:
    return [each.orders / whole if whole else None for (_, each), whole in zip(months, totals, strict=True)]


def _drift(shares: Sequence[float | None]) -> float:
    """The mean of the last third less that of the first third."""
    known = [share for share in shares if share is not None]
    third = len(known) // 3
    return sum(known[-third:]) / third - sum(known[:third]) / third if third else 0.0


def _drift_title(moved: tuple[str, Sequence[float | None]] | None) -> str:
    if moved is None:
        return "No orders to compare"
    points = round(100 * _drift(moved[1]))
    if abs(points) < 2:
        return "What people pay with hasn't changed"
    gained = "gained" if points > 0 else "lost"
    return f"{moved[0]} {gained} {abs(points)} points of share over the period"


def _share_line(name: str, dates: Sequence[date], shares: Sequence[float | None], *, bold: bool) -> Mark:
    look: dict[str, Any] = {"colour": "var(--mark-past)", "width": 1.5}
    if bold:
        look = {"colour": "var(--mark)", "width": 3}
    return line(dates, shares, **look, name=name, hovertemplate="%{y:.1%}")


def _apart(labels: list[dict[str, Any]], gap: float = 0.055) -> list[dict[str, Any]]:
    """The labels, those too close to one another pushed up so that each can be read."""
    above = -1.0
    for label in sorted(labels, key=lambda each: each["y"]):
        label["y"] = max(label["y"], above + gap)
        above = label["y"]
    return labels


def guests_by_month_bars(months: Sequence[tuple[date, int, int]]) -> Chart:
    """Guests by the month of their first order: those who registered since, and those who are guests still."""
    dates = [month for month, _, _ in months]
    registered = [later for _, _, later in months]
    guests = [still for _, still, _ in months]
    look: dict[str, Any] = {"hovertemplate": "%{y:,}"}
    return Chart(
        id="guests-by-month",
        title=_registered_title(months),
        subtitle="Customers who bought first as guests, by month of their first order; teal registered since",
        figure={
            "data": [
                bars(dates, registered, name="Registered since", colour="var(--mark)", **look),
                bars(dates, guests, name="Guests still", colour="var(--mark-past)", **look),
            ],
            "layout": layout(xaxis=_MONTHS, barmode="stack", hovermode="x unified"),
        },
        columns=("Month", "Registered since", "Guests still"),
        rows=[(month_name(month), later, still) for month, still, later in months],
    )


def _registered_title(months: Sequence[tuple[date, int, int]]) -> str:
    """About the earlier half of the months only: those who came lately have had little time to register."""
    earlier = months[: max(1, len(months) // 2)]
    came = sum(still + later for _, still, later in earlier)
    registered = sum(later for _, _, later in earlier)
    if not came:
        return "No guests yet"
    share = percent_text(registered / came)
    return f"Of guests who came first by {month_name(earlier[-1][0])}, {share} registered"


def time_to_register_bars(guests: Guests) -> Chart:
    """How soon after their first order guests registered."""
    counts = [(name, guests.registered.get(days, 0)) for days, name in _WITHIN.items()]
    return Chart(
        id="time-to-register",
        title=_soon_title(guests),
        subtitle="Customers by time from their first order as a guest to registering",
        figure={
            "data": [
                bars(
                    [name for name, _ in counts],
                    [count for _, count in counts],
                    sideways=True,
                    colour="var(--mark)",
                    text=[f"{count:,}" for _, count in counts],
                    hover="%{y}: %{x:,} customers",
                    **TEXT_BEYOND,
                )
            ],
            "layout": layout(xaxis=_HIDDEN, yaxis=_ALL_NAMES_DOWN, margin={"r": 48}),
        },
        columns=("Registered", "Customers"),
        rows=counts,
    )


def _soon_title(guests: Guests) -> str:
    if not guests.registered_later:
        return "No guest has registered yet"
    soon = sum(count for days, count in guests.registered.items() if days <= 90)
    return f"{percent_text(soon / guests.registered_later)} of those who registered did so within 90 days"


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 1)
