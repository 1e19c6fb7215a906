"""Charts of the value pages: rows in, a Chart out. No database, no addresses made here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lib.charts import Chart, layout, segment_colour
from lib.money import format_money, to_decimal
from lib.wording import day_text, number_text, percent_text
from segments.clv.calibration import FrequencyGroup
from segments.models import Segment
from segments.value.calibration import KeptCalibration
from segments.value.findings import (
    alive_finding,
    bands_finding,
    groups_finding,
    segments_finding,
    times_text,
    weeks_finding,
)
from segments.value.pictures import ALIVE_GROUPS, Row
from segments.value.queries import ValueOfSegment

UNPLACED = "In no segment"
_GROUP_LINES = (
    {"color": "var(--mark-past)", "width": 2},
    {"color": "var(--mark-other)", "width": 2, "dash": "dash"},
    {"color": "var(--mark)", "width": 2.5},
    {"color": "var(--text)", "width": 2, "dash": "dot"},
)
_LEGEND = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"color": "var(--text)"}}


def segment_values(
    rows: Sequence[ValueOfSegment], *, currency: str, horizon_days: int, link: Callable[[Segment], str]
) -> Chart:
    """Expected revenue by segment, the healthiest on top."""
    names = [row.segment.name if row.segment else UNPLACED for row in rows]
    links = tuple(link(row.segment) if row.segment else None for row in rows)
    money = [_rough(row.expected_value, currency) for row in rows]
    bars = {
        "type": "bar",
        "orientation": "h",
        "y": names,
        "x": [_major(row.expected_value, currency) for row in rows],
        "marker": {"color": [segment_colour(row.segment.health if row.segment else 12) for row in rows]},
        "text": [
            f"{text} · {percent_text(row.share_of_value)}" for text, row in zip(money, rows, strict=True)
        ],
        "textposition": "auto",
        "insidetextfont": {"color": "var(--on-segment)"},
        "outsidetextfont": {"color": "var(--text)"},
        "cliponaxis": False,
        "constraintext": "none",
        "customdata": links,
        "hovertext": [
            f"{name}: {text} from {number_text(row.customers)} customers"
            for name, text, row in zip(names, money, rows, strict=True)
        ],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
    axes = {
        "xaxis": {"rangemode": "tozero", "tickformat": ",.2~s", "nticks": 5},
        "yaxis": {"autorange": "reversed", "showgrid": False, "rangemode": "normal", "nticks": 0},
    }
    return Chart(
        id="segment-values",
        title=segments_finding(rows),
        subtitle=f"Expected net revenue of the next {horizon_days} days, {currency}, by today's segment",
        figure={"data": [bars], "layout": layout(**axes, bargap=0.25)},
        columns=(
            "Segment",
            "Customers",
            f"Expected revenue, {currency}",
            "Share of it",
            f"A customer, {currency}",
        ),
        rows=[
            (
                name,
                row.customers,
                text,
                percent_text(row.share_of_value),
                _rough(row.mean_value, currency),
            )
            for name, text, row in zip(names, money, rows, strict=True)
        ],
        links=links,
        height=max(380, 34 * len(rows) + 40),
    )


def value_distribution(
    bands: Sequence[Row],
    tenths: Sequence[float],
    *,
    currency: str,
    horizon_days: int,
    link: Callable[[Row], str],
) -> Chart:
    """How many customers are worth how much."""
    labels = [_band_label(band, currency) for band in bands]
    whole = sum(band["value"] or 0 for band in bands)
    shares = [(band["value"] or 0) / whole if whole else 0.0 for band in bands]
    links = tuple(link(band) if band["customers"] else None for band in bands)
    bars = {
        "type": "bar",
        "x": labels,
        "y": [band["customers"] for band in bands],
        "customdata": links,
        "marker": {"color": "var(--mark)"},
        "hovertext": [
            f"{number_text(band['customers'])} customers, {percent_text(share)} of expected revenue"
            for band, share in zip(bands, shares, strict=True)
        ],
        "hovertemplate": f"{currency} %{{x}}: %{{hovertext}}<extra></extra>",
    }
    return Chart(
        id="value-bands",
        title=bands_finding(tenths),
        subtitle=f"Customers by the net revenue expected of them in {horizon_days} days, {currency}",
        figure={
            "data": [bars],
            "layout": layout(xaxis={"type": "category"}, yaxis={"tickformat": ","}, bargap=0.15),
            "narrow": {"layout": {"xaxis": {"tickfont": {"size": 10}}}},
        },
        height=380,
        columns=(
            f"Expected of them, {currency}",
            "Customers",
            f"Expected revenue, {currency}",
            "Share of it",
        ),
        rows=[
            (label, band["customers"], _rough(int(band["value"] or 0), currency), percent_text(share))
            for label, band, share in zip(labels, bands, shares, strict=True)
        ],
        links=links,
    )


def alive_chart(rows: Sequence[Row]) -> Chart:
    """P(alive) against silence, a line for each way of having bought."""
    groups = [
        (group, [row for row in rows if row["group"] == group])
        for group in range(len(ALIVE_GROUPS))
        if any(row["group"] == group for row in rows)
    ]
    return Chart(
        id="alive",
        title=alive_finding(rows),
        subtitle="P(alive), mean, by days since the last order; people who bought on two days or more",
        figure={
            "data": [_alive_line(group, mine) for group, mine in groups],
            "layout": layout(
                xaxis={"title": {"text": "Days since the last order"}, "rangemode": "tozero", "nticks": 8},
                yaxis={"tickformat": ".0%", "range": [0, 1.02]},
                showlegend=True,
                legend=_LEGEND,
                margin={"t": 40},
            ),
        },
        columns=("Bought", "Days of silence", "Customers", "P(alive)"),
        rows=[
            (
                times_text(group),
                f"{row['from']} to {_last_day(row)}",
                row["customers"],
                percent_text(row["p_alive"]),
            )
            for group, mine in groups
            for row in mine
        ],
    )


def _alive_line(group: int, rows: Sequence[Row]) -> dict[str, Any]:
    name = f"Bought {times_text(group)}"
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": [((row["from"] or 0) + (row["below"] or 0) - 1) / 2 for row in rows],
        "y": [row["p_alive"] for row in rows],
        "line": _GROUP_LINES[group],
        "marker": {"size": 5},
        "hovertext": [
            f"{name}, silent for {row['from']} to {_last_day(row)} days: "
            f"{percent_text(row['p_alive'])}, {number_text(row['customers'])} customers"
            for row in rows
        ],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _last_day(row: Row) -> int:
    return int(row["below"] or 0) - 1


def weeks_chart(kept: KeptCalibration) -> Chart:
    """Repeat orders since the start, expected and actual, week by week."""
    ends = [week.end.isoformat() for week in kept.weeks]
    hover = "%{x|%-d %b %Y}: %{y:,.0f} "
    cut = kept.calibration_end.isoformat()
    lines: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": "What happened",
            "x": ends,
            "y": [week.actual for week in kept.weeks],
            "line": {"color": "var(--mark)", "width": 2.5},
            "hovertemplate": hover + "came<extra></extra>",
        },
        {
            "type": "scatter",
            "mode": "lines",
            "name": "Forecast",
            "x": ends,
            "y": [round(week.expected, 1) for week in kept.weeks],
            "line": {"color": "var(--mark-other)", "width": 2, "dash": "dash"},
            "hovertemplate": hover + "expected<extra></extra>",
        },
    ]
    edge = {"type": "line", "x0": cut, "x1": cut, "yref": "paper", "y0": 0, "y1": 1}
    words = {"y": 1, "yref": "paper", "yanchor": "top", "showarrow": False, "font": {"color": "var(--muted)"}}
    return Chart(
        id="calibration-weeks",
        title=weeks_finding(kept),
        subtitle=(
            f"Repeat orders since the start of the {number_text(kept.customers)} customers known by "
            f"{day_text(kept.calibration_end)}, cumulative, by week"
        ),
        figure={
            "data": lines,
            "layout": layout(
                xaxis={"type": "date", "tickformat": "%b<br>%Y", "nticks": 6},
                yaxis={"tickformat": ","},
                shapes=[{**edge, "line": {"color": "var(--border)", "width": 1, "dash": "dot"}}],
                annotations=[
                    {**words, "x": cut, "xanchor": "right", "xshift": -6, "text": "learned from"},
                    {**words, "x": cut, "xanchor": "left", "xshift": 6, "text": "foretold"},
                ],
                showlegend=True,
                legend=_LEGEND,
                margin={"t": 40},
            ),
        },
        columns=("Week to", "Learned or foretold", "Came", "Expected"),
        rows=[
            (week.end, "foretold" if week.in_holdout else "learned from", week.actual, round(week.expected))
            for week in kept.weeks
        ],
    )


def groups_chart(kept: KeptCalibration, *, link: Callable[[FrequencyGroup], str]) -> Chart:
    """Orders a customer after the cut, expected and actual, by how often they had come back before.

    `link`: the people of a group.
    """
    links = tuple(link(group) for group in kept.groups)
    labels = [f"{group.x}+" if group.or_more else str(group.x) for group in kept.groups]
    sides = (
        ("What happened", [group.actual_mean for group in kept.groups], "var(--mark)"),
        ("Forecast", [group.expected_mean for group in kept.groups], "var(--mark-other)"),
    )
    bars = [
        {
            "type": "bar",
            "name": name,
            "x": labels,
            "y": [round(mean, 3) for mean in means],
            "marker": {"color": colour},
            "customdata": links,
            "hovertext": [f"{number_text(group.customers)} customers" for group in kept.groups],
            "hovertemplate": f"{name}: %{{y:.2f}} orders a customer, %{{hovertext}}<extra></extra>",
        }
        for name, means, colour in sides
    ]
    return Chart(
        id="calibration-groups",
        title=groups_finding(kept),
        subtitle=(
            "Orders a customer in the time foretold, mean, by repeat orders in the time learned from. "
            "Press a bar for its people"
        ),
        figure={
            "data": bars,
            "layout": layout(
                barmode="group",
                bargap=0.3,
                bargroupgap=0.08,
                xaxis={"type": "category", "title": {"text": "Repeat orders before"}},
                showlegend=True,
                legend=_LEGEND,
                margin={"t": 40},
            ),
        },
        columns=("Repeat orders before", "Customers", "Came, a customer", "Expected, a customer"),
        rows=[
            (label, group.customers, round(group.actual_mean, 2), round(group.expected_mean, 2))
            for label, group in zip(labels, kept.groups, strict=True)
        ],
        links=links,
    )


def _band_label(band: Row, currency: str) -> str:
    """Where the band begins, in major units: 5+; the first: under 5."""
    low, below = (number_text(to_decimal(int(band[edge] or 0), currency)) for edge in ("from", "below"))
    return f"{low}+" if band["from"] or band["below"] is None else f"under {below}"


def _rough(minor: int, currency: str) -> str:
    return format_money(minor, currency, whole_from=10)


def _major(minor: int, currency: str) -> float:
    return float(to_decimal(minor, currency))
