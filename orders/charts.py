"""Charts of the order pages: rows in, Chart out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from lib.charts import Chart, layout
from lib.wording import count_text, percent_text
from orders.findings import FEW, month_name
from orders.rollup_queries import EARLIEST, LATEST, Deliveries, Figures, Guests

Link = Callable[[date], str]
_LINES = 5  # more lines than this can't be told apart by their labels


def on_time_by_month(months: Sequence[tuple[date, Deliveries]], *, today: date, link: Link) -> Chart:
    """The share of deliveries that came by the promised day; months too small to judge are left out."""
    known = [(month, each) for month, each in months if each.judged >= FEW]
    shares = [each.on_time / each.judged for _, each in known]
    marks = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": [month for month, _ in known],
        "y": shares,
        "line": {"color": "var(--mark)", "width": 2.5},
        "marker": {"color": _tones(known, today), "size": 8, "line": {"color": "var(--mark)", "width": 2}},
        "customdata": [link(month) for month, _ in known],
        "text": [f"{each.late:,} of {each.judged:,} late" for _, each in known],
        "hovertemplate": "%{x|%B %Y}: %{y:.1%} on time<br>%{text}<extra></extra>",
    }
    floor = max(0.0, min(shares, default=0.0) - 0.05)
    return Chart(
        id="on-time-by-month",
        title=_on_time_title(known),
        subtitle="On time, % of deliveries, by month of the order; hollow: not over yet",
        figure={
            "data": [marks],
            "layout": layout(
                xaxis=_MONTH_AXIS, yaxis={"tickformat": ".0%", "range": [floor, 1.005], "rangemode": "normal"}
            ),
        },
        columns=("Month", "On time, %", "On time", "Late", "Delivered and promised"),
        rows=[
            (
                month_name(month),
                round(100 * each.on_time / each.judged, 1),
                each.on_time,
                each.late,
                each.judged,
            )
            for month, each in known
        ],
        height=400,
        links=tuple(link(month) for month, _ in known),
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
    """How many deliveries came so many days before or after the promised day."""
    whole = sum(orders for _, orders in days)
    late = sum(orders for day, orders in days if day > 0)
    near = sum(orders for day, orders in days if 0 < day <= 2)
    bars = {
        "type": "bar",
        "orientation": "h",
        "y": [_day_words(day) for day, _ in days],
        "x": [orders for _, orders in days],
        "marker": {"color": ["var(--mark-other)" if day > 0 else "var(--mark)" for day, _ in days]},
        "text": [f"{orders:,} · {percent_text(orders / whole)}" if orders else "0" for _, orders in days],
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": "%{y}: %{text}<extra></extra>",
    }
    title = "Nothing came late"
    if late:
        title = f"{percent_text(near / late)} of what comes late is late by a day or two"
    return Chart(
        id="days-late",
        title=title,
        subtitle="Deliveries by days from the promised day; ochre is late",
        figure={
            "data": [bars],
            "layout": layout(xaxis=_HIDDEN_AXIS, yaxis=_NAMES_AXIS, margin={"r": 96}),
        },
        height=400,
        columns=("Days from the promised day", "Deliveries", "Share, %"),
        rows=[(_day_words(day), orders, round(100 * orders / whole, 1)) for day, orders in days if whole],
    )


def _day_words(day: int) -> str:
    if day == 0:
        return "On the day"
    more = " or more" if day in (EARLIEST, LATEST) else ""
    return f"{count_text(abs(day), 'day')}{more} {'late' if day > 0 else 'early'}"


def method_shares_by_month(methods: Sequence[tuple[str, Sequence[tuple[date, Figures]]]]) -> Chart:
    """Each payment method's share of orders by month, a line a method, named at its end.

    `methods` are names with their months, the most used first; only the first few are drawn.
    """
    totals = [
        sum(figures.orders for _, figures in column) for column in zip(*(m for _, m in methods), strict=True)
    ]
    drawn = [(name, _shares(months, totals)) for name, months in methods[:_LINES]]
    dates = [month for month, _ in methods[0][1]] if methods else []
    moved = max(drawn, key=lambda line: abs(_drift(line[1])), default=None)
    lines = [
        _share_line(name, dates, shares, bold=moved is not None and name == moved[0])
        for name, shares in drawn
    ]
    labels = [_end_label(name, shares) for name, shares in drawn if shares and shares[-1] is not None]
    return Chart(
        id="method-shares",
        title=_drift_title(moved),
        subtitle="Share of orders, %, by month; the bold line is the method that moved most",
        figure={
            "data": lines,
            "layout": layout(
                xaxis={**_MONTH_AXIS, "range": [dates[0], dates[-1]] if dates else None},
                yaxis={"tickformat": ".0%"},
                margin={"r": 96},
                annotations=_apart(labels),
                hovermode="x unified",
            ),
        },
        columns=("Month", *(f"{name}, %" for name, _ in drawn)),
        rows=[
            (month_name(month), *(_percent(shares[place]) for _, shares in drawn))
            for place, month in enumerate(dates)
        ],
    )


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


def _share_line(
    name: str, dates: Sequence[date], shares: Sequence[float | None], *, bold: bool
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": list(dates),
        "y": list(shares),
        "line": {"color": "var(--mark)" if bold else "var(--mark-past)", "width": 3 if bold else 1.5},
        "hovertemplate": "%{y:.1%}",
    }


def _end_label(name: str, shares: Sequence[float | None]) -> dict[str, Any]:
    at_the_edge = {"xref": "paper", "x": 1, "xanchor": "left", "xshift": 6}
    return {"y": shares[-1], "text": name, "showarrow": False, **at_the_edge}


def _apart(labels: list[dict[str, Any]], gap: float = 0.055) -> list[dict[str, Any]]:
    """The labels with those too near one another pushed up, so that each can be read."""
    above = -1.0
    for label in sorted(labels, key=lambda each: each["y"]):
        label["y"] = max(label["y"], above + gap)
        above = label["y"]
    return labels


def guests_by_month_bars(months: Sequence[tuple[date, int, int]]) -> Chart:
    """Guests by the month of their first order: those who registered since, and those who are guests still."""
    dates = [month for month, _, _ in months]
    half = max(1, len(months) // 2)
    began = sum(still + later for _, still, later in months[:half])
    became = sum(later for _, _, later in months[:half])
    return Chart(
        id="guests-by-month",
        title=f"Of guests who came first by {month_name(dates[half - 1])}, {percent_text(became / began)} registered"
        if began
        else "No guests yet",
        subtitle="Customers who bought first as guests, by month of their first order; teal registered since",
        figure={
            "data": [
                _guest_bars(dates, [later for _, _, later in months], "Registered since", "var(--mark)"),
                _guest_bars(dates, [still for _, still, _ in months], "Guests still", "var(--mark-past)"),
            ],
            "layout": layout(xaxis=_MONTH_AXIS, barmode="stack", hovermode="x unified"),
        },
        columns=("Month", "Registered since", "Guests still"),
        rows=[(month_name(month), later, still) for month, still, later in months],
    )


def _guest_bars(dates: Sequence[date], counts: Sequence[int], name: str, colour: str) -> dict[str, Any]:
    return {
        "type": "bar",
        "name": name,
        "x": list(dates),
        "y": list(counts),
        "marker": {"color": colour},
        "hovertemplate": "%{y:,}",
    }


_WITHIN = {
    7: "Within a week",
    30: "Within 30 days",
    90: "Within 90 days",
    180: "Within half a year",
    365: "Within a year",
    9999: "Later",
}


def time_to_register_bars(guests: Guests) -> Chart:
    """How soon after their first order guests registered."""
    counts = [(name, guests.registered.get(days, 0)) for days, name in _WITHIN.items()]
    whole = guests.registered_later
    soon = sum(count for days, count in guests.registered.items() if days <= 90)
    bars = {
        "type": "bar",
        "orientation": "h",
        "y": [name for name, _ in counts],
        "x": [count for _, count in counts],
        "marker": {"color": "var(--mark)"},
        "text": [f"{count:,}" for _, count in counts],
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": "%{y}: %{x:,} customers<extra></extra>",
    }
    return Chart(
        id="time-to-register",
        title=f"{percent_text(soon / whole)} of those who registered did so within 90 days"
        if whole
        else "No guest has registered yet",
        subtitle="Customers by time from their first order as a guest to registering",
        figure={
            "data": [bars],
            "layout": layout(xaxis=_HIDDEN_AXIS, yaxis=_NAMES_AXIS, margin={"r": 48}),
        },
        columns=("Registered", "Customers"),
        rows=list(counts),
    )


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 1)


_MONTH_AXIS = {"type": "date", "tickformat": "%b\n%Y", "nticks": 7}
_HIDDEN_AXIS = {"visible": False, "rangemode": "tozero"}
_NAMES_AXIS = {"autorange": "reversed", "showgrid": False, "dtick": 1, "type": "category"}
