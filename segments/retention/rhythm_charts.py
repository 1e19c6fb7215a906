"""Charts of when customers come back, and after what: rows in, a Chart out. No database, no addresses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from lib.charts import Chart, layout
from lib.wording import number_text, percent_text
from segments.models import DeliveryReturn, GapSummary
from segments.retention.findings import (
    delivery_finding,
    gap_numbers_finding,
    gap_weeks_text,
    gaps_finding,
    lapses_finding,
    month_text,
)
from segments.retention.queries import Lapses, ReturnAfterDelivery

_LAST_NUMBER = 10  # gathers all orders after it


def gaps_chart(weeks: Sequence[int], summary: GapSummary, *, link: Callable[[int], str]) -> Chart:
    """How long customers take from one order to the next, by weeks; the last bar gathers what is longer.

    `link`: the people who once took so many weeks.
    """
    last = len(weeks) - 1
    labels = [gap_weeks_text(week, last=last) for week in range(len(weeks))]
    links = tuple(link(week) for week in range(len(weeks)))
    whole = sum(weeks)
    return Chart(
        id="gaps",
        title=gaps_finding(summary),
        subtitle=(
            f"Times between two orders of one customer, by days, all {number_text(whole)} of them. "
            "Press a bar for its people"
        ),
        figure={
            "data": [
                {
                    "type": "bar",
                    "x": labels,
                    "y": list(weeks),
                    "marker": {"color": ["var(--mark)"] * last + ["var(--mark-past)"]},
                    "customdata": links,
                    "hovertemplate": "%{x} days: %{y:,} times<extra></extra>",
                }
            ],
            "layout": layout(
                xaxis={"type": "category", "title": {"text": "Days to the next order"}, "nticks": 7},
                yaxis={"tickformat": ","},
                bargap=0.12,
            ),
            "narrow": {"layout": {"xaxis": {"nticks": 4}}},
        },
        columns=("Days", "Times", "Share"),
        rows=[(label, gaps, percent_text(gaps / whole)) for label, gaps in zip(labels, weeks, strict=True)],
        links=links,
    )


def gap_numbers_chart(summaries: Sequence[GapSummary]) -> Chart:
    """The median days from each order to the next: 1→2, 2→3 ..."""
    shown = [summary for summary in summaries if summary.number]
    labels = [_step(summary.number) for summary in shown]
    return Chart(
        id="gap-numbers",
        title=gap_numbers_finding(shown),
        subtitle="Median days from an order to the next, by which order of the customer’s it was",
        figure={
            "data": [
                {
                    "type": "bar",
                    "x": labels,
                    "y": [summary.median for summary in shown],
                    "text": [number_text(summary.median) for summary in shown],
                    "textposition": "outside",
                    "cliponaxis": False,
                    "marker": {"color": "var(--mark)"},
                    "customdata": [number_text(summary.gaps) for summary in shown],
                    "hovertemplate": "%{x}: %{y} days, of %{customdata} times<extra></extra>",
                }
            ],
            "layout": layout(xaxis={"type": "category"}, yaxis={"title": {"text": "Days"}}, margin={"t": 20}),
            "narrow": {"layout": {"xaxis": {"tickfont": {"size": 9}}}},
        },
        columns=("Orders", "Times", "Median, days", "9 in 10 within, days"),
        rows=[
            (label, summary.gaps, summary.median, summary.long)
            for label, summary in zip(labels, shown, strict=True)
        ],
    )


def _step(number: int) -> str:
    return f"{number}+" if number == _LAST_NUMBER else f"{number}→{number + 1}"


def lapses_chart(lapses: Lapses, *, link: Callable[[date, bool], str]) -> Chart:
    """Customers who lapsed and customers won back, by month; the month still running is pale.

    `link`: the people of a month, who were won back (True) or lapsed.
    """
    links = [[link(month, won_back) for month, _, _ in lapses.months] for won_back in (False, True)]
    labels = [month_text(month) for month, _, _ in lapses.months]
    settled = len(labels) - 1
    return Chart(
        id="lapses",
        title=lapses_finding(lapses),
        subtitle=(
            "Customers by month: lapsed (ochre, left) and won back (right). The last month is still running. "
            "Press a bar for its people"
        ),
        figure={
            "data": [
                {
                    **_bars(name, labels, values, colour, settled),
                    "customdata": opens,
                }
                for name, values, colour, opens in (
                    ("Lapsed", [lapsed for _, lapsed, _ in lapses.months], "var(--mark-other)", links[0]),
                    ("Won back", [back for _, _, back in lapses.months], "var(--mark)", links[1]),
                )
            ],
            "layout": layout(
                xaxis={"type": "category", "nticks": 6},
                yaxis={"tickformat": ","},
                barmode="group",
                bargap=0.25,
            ),
            "narrow": {"layout": {"xaxis": {"nticks": 3}}},
        },
        columns=("Month", "Lapsed", "Won back"),
        rows=[(label, *row[1:]) for label, row in zip(labels, lapses.months, strict=True)],
        cell_links=[(None, *opens) for opens in zip(*links, strict=True)],
    )


def _bars(name: str, labels: list[str], values: list[int], colour: str, settled: int) -> dict[str, Any]:
    return {
        "type": "bar",
        "name": name,
        "x": labels,
        "y": values,
        "marker": {"color": colour, "opacity": [1.0] * settled + [0.4] * (len(labels) - settled)},
        "hovertemplate": f"{name} in %{{x}}: %{{y:,}}<extra></extra>",
    }


def delivery_chart(
    rows: Sequence[ReturnAfterDelivery], *, link: Callable[[DeliveryReturn.Outcome], str]
) -> Chart:
    """The share who came back after each outcome, with its 95% confidence interval.

    `link`: the people of an outcome who didn't.
    """
    links = tuple(link(row.outcome) for row in rows)
    return Chart(
        id="delivery-returns",
        title=delivery_finding(rows),
        subtitle=(
            "Share of customers who ordered again within 90 days after their first delivery, by how it came; "
            "bars: 95% confidence interval. Press a dot for those who didn’t"
        ),
        figure=_delivery_figure(rows, links),
        height=90 + 60 * len(rows),
        columns=("First delivery", "Customers", "Came back", "Share", "95% interval"),
        rows=[
            (
                row.outcome.label,
                row.customers,
                row.returned,
                percent_text(row.share),
                " to ".join(percent_text(end) for end in row.interval),
            )
            for row in rows
        ],
        links=links,
    )


def _delivery_figure(rows: Sequence[ReturnAfterDelivery], links: Sequence[str]) -> dict[str, Any]:
    """A dot a share, with its interval."""
    return {
        "data": [
            {
                "type": "scatter",
                "mode": "markers",
                "x": [row.share for row in rows],
                "y": [row.outcome.label for row in rows],
                "marker": {"size": 11, "color": "var(--mark)"},
                "error_x": {
                    "type": "data",
                    "symmetric": False,
                    "array": [row.interval[1] - row.share for row in rows],
                    "arrayminus": [row.share - row.interval[0] for row in rows],
                    "color": "var(--mark)",
                    "thickness": 2,
                    "width": 6,
                },
                "customdata": links,
                "hovertext": [number_text(row.customers) for row in rows],
                "hovertemplate": "%{y}: %{x:.1%} of %{hovertext} customers<extra></extra>",
            }
        ],
        "layout": layout(
            xaxis={
                "tickformat": ".0%",
                "rangemode": "tozero",
                "showgrid": True,
                "gridcolor": "var(--line)",
            },
            yaxis={"type": "category", "autorange": "reversed", "rangemode": "normal", "showgrid": False},
            margin={"r": 24},
        ),
    }
