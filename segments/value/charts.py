"""Charts of the value pages: rows in, a Chart out. No database, no addresses made here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lib.charts import SEGMENT_COLOURS, Chart, layout, segment_colour
from lib.marks import COUNTS, NAMES, SHARES, Links, Mark, bars, line, note, titled, upright
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
_GROUP_LINES: tuple[dict[str, Any], ...] = (
    {"colour": "var(--mark-past)"},
    {"colour": "var(--mark-other)", "dash": "dash"},
    {"colour": "var(--mark)", "width": 2.5},
    {"colour": "var(--text)", "dash": "dot"},
)
# A legend above the chart, where lines are too close to be named at their ends.
_NAMED_ABOVE: dict[str, Any] = {
    "showlegend": True,
    "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"color": "var(--text)"}},
    "margin": {"t": 40},
}


def segment_values(
    rows: Sequence[ValueOfSegment], *, currency: str, horizon_days: int, link: Callable[[Segment], str]
) -> Chart:
    """Expected revenue by segment, the healthiest on top."""
    links = tuple(link(row.segment) if row.segment else None for row in rows)
    return Chart(
        id="segment-values",
        title=segments_finding(rows),
        subtitle=f"Expected net revenue of the next {horizon_days} days, {currency}, by today's segment",
        figure={
            "data": [_segment_bars(rows, currency, links)],
            "layout": layout(
                xaxis={"rangemode": "tozero", "tickformat": ",.2~s", "nticks": 5},
                yaxis={"autorange": "reversed", "showgrid": False, "rangemode": "normal", "nticks": 0},
                bargap=0.25,
            ),
        },
        columns=(
            "Segment",
            "Customers",
            f"Expected revenue, {currency}",
            "Share of it",
            f"A customer, {currency}",
        ),
        rows=[
            (
                _segment_name(row),
                row.customers,
                _rough(row.expected_value, currency),
                percent_text(row.share_of_value),
                _rough(row.mean_value, currency),
            )
            for row in rows
        ],
        links=links,
        height=max(380, 34 * len(rows) + 40),
    )


def _segment_bars(rows: Sequence[ValueOfSegment], currency: str, links: Links) -> Mark:
    money = [_rough(row.expected_value, currency) for row in rows]
    return bars(
        [_segment_name(row) for row in rows],
        [float(to_decimal(row.expected_value, currency)) for row in rows],
        sideways=True,
        colour=[segment_colour(row.segment.health if row.segment else SEGMENT_COLOURS) for row in rows],
        text=[f"{text} · {percent_text(row.share_of_value)}" for text, row in zip(money, rows, strict=True)],
        textposition="auto",
        insidetextfont={"color": "var(--on-segment)"},
        outsidetextfont={"color": "var(--text)"},
        cliponaxis=False,
        constraintext="none",
        hovertext=[
            f"{_segment_name(row)}: {text} from {number_text(row.customers)} customers"
            for text, row in zip(money, rows, strict=True)
        ],
        hover="%{hovertext}",
        links=links,
    )


def _segment_name(row: ValueOfSegment) -> str:
    return row.segment.name if row.segment else UNPLACED


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
    shares = [percent_text((band["value"] or 0) / whole if whole else 0.0) for band in bands]
    links = tuple(link(band) if band["customers"] else None for band in bands)
    counts = [band["customers"] for band in bands]
    words = [
        f"{number_text(count)} customers, {share} of expected revenue"
        for count, share in zip(counts, shares, strict=True)
    ]
    hover = f"{currency} %{{x}}: %{{hovertext}}"
    return Chart(
        id="value-bands",
        title=bands_finding(tenths),
        subtitle=f"Customers by the net revenue expected of them in {horizon_days} days, {currency}",
        figure={
            "data": [bars(labels, counts, colour="var(--mark)", hover=hover, hovertext=words, links=links)],
            "layout": layout(xaxis=NAMES, yaxis=COUNTS, bargap=0.15),
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
            (label, band["customers"], _rough(int(band["value"] or 0), currency), share)
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
                xaxis={**titled("Days since the last order"), "rangemode": "tozero", "nticks": 8},
                yaxis={**SHARES, "range": [0, 1.02]},
                **_NAMED_ABOVE,
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


def _alive_line(group: int, rows: Sequence[Row]) -> Mark:
    name = f"Bought {times_text(group)}"
    return line(
        [((row["from"] or 0) + (row["below"] or 0) - 1) / 2 for row in rows],
        [row["p_alive"] for row in rows],
        **_GROUP_LINES[group],
        name=name,
        mode="lines+markers",
        marker={"size": 5},
        hovertext=[
            f"{name}, silent for {row['from']} to {_last_day(row)} days: "
            f"{percent_text(row['p_alive'])}, {number_text(row['customers'])} customers"
            for row in rows
        ],
        hover="%{hovertext}",
    )


def _last_day(row: Row) -> int:
    return int(row["below"] or 0) - 1


def weeks_chart(kept: KeptCalibration) -> Chart:
    """Repeat orders since the start, expected and actual, week by week."""
    return Chart(
        id="calibration-weeks",
        title=weeks_finding(kept),
        subtitle=(
            f"Repeat orders since the start of the {number_text(kept.customers)} customers known by "
            f"{day_text(kept.calibration_end)}, cumulative, by week"
        ),
        figure={"data": _weeks_lines(kept), "layout": _weeks_layout(kept.calibration_end.isoformat())},
        columns=("Week to", "Learned or foretold", "Came", "Expected"),
        rows=[
            (week.end, "foretold" if week.in_holdout else "learned from", week.actual, round(week.expected))
            for week in kept.weeks
        ],
    )


def _weeks_lines(kept: KeptCalibration) -> list[Mark]:
    ends = [week.end.isoformat() for week in kept.weeks]
    hover = "%{x|%-d %b %Y}: %{y:,.0f}"
    return [
        line(
            ends,
            [week.actual for week in kept.weeks],
            name="What happened",
            colour="var(--mark)",
            width=2.5,
            hover=f"{hover} came",
        ),
        line(
            ends,
            [round(week.expected, 1) for week in kept.weeks],
            name="Forecast",
            colour="var(--mark-other)",
            dash="dash",
            hover=f"{hover} expected",
        ),
    ]


def _weeks_layout(cut: str) -> dict[str, Any]:
    """Weeks on either side of the day that parts those learned from and those foretold."""
    words = {"yref": "paper", "yanchor": "top", "font": {"color": "var(--muted)"}}
    return layout(
        xaxis={"type": "date", "tickformat": "%b<br>%Y", "nticks": 6},
        yaxis=COUNTS,
        shapes=[upright(cut, colour="var(--border)", width=1)],
        annotations=[
            note("learned from", x=cut, y=1, xanchor="right", xshift=-6, **words),
            note("foretold", x=cut, y=1, xanchor="left", xshift=6, **words),
        ],
        **_NAMED_ABOVE,
    )


def groups_chart(kept: KeptCalibration, *, link: Callable[[FrequencyGroup], str]) -> Chart:
    """Orders per customer after the cut, expected and actual, by how often they had come back before.

    `link`: the people of a group.
    """
    links = tuple(link(group) for group in kept.groups)
    labels = [f"{group.x}+" if group.or_more else str(group.x) for group in kept.groups]
    actual = [group.actual_mean for group in kept.groups]
    expected = [group.expected_mean for group in kept.groups]
    sizes = [group.customers for group in kept.groups]
    return Chart(
        id="calibration-groups",
        title=groups_finding(kept),
        subtitle=(
            "Orders a customer in the time foretold, mean, by repeat orders in the time learned from. "
            "Press a bar for its people"
        ),
        figure={
            "data": [
                _mean_bars("What happened", "var(--mark)", labels, actual, sizes, links),
                _mean_bars("Forecast", "var(--mark-other)", labels, expected, sizes, links),
            ],
            "layout": layout(
                barmode="group",
                bargap=0.3,
                bargroupgap=0.08,
                xaxis={**NAMES, **titled("Repeat orders before")},
                **_NAMED_ABOVE,
            ),
        },
        columns=("Repeat orders before", "Customers", "Came, a customer", "Expected, a customer"),
        rows=[
            (label, size, round(came, 2), round(foretold, 2))
            for label, size, came, foretold in zip(labels, sizes, actual, expected, strict=True)
        ],
        links=links,
    )


def _mean_bars(
    name: str,
    colour: str,
    labels: Sequence[str],
    means: Sequence[float],
    sizes: Sequence[int],
    links: Sequence[str],
) -> Mark:
    return bars(
        labels,
        [round(mean, 3) for mean in means],
        name=name,
        colour=colour,
        hovertext=[f"{number_text(size)} customers" for size in sizes],
        hover=f"{name}: %{{y:.2f}} orders a customer, %{{hovertext}}",
        links=links,
    )


def _band_label(band: Row, currency: str) -> str:
    """Where the band begins, in major units: 5+; the first: under 5."""
    low, below = (number_text(to_decimal(int(band[edge] or 0), currency)) for edge in ("from", "below"))
    return f"{low}+" if band["from"] or band["below"] is None else f"under {below}"


def _rough(minor: int, currency: str) -> str:
    return format_money(minor, currency, whole_from=10)
