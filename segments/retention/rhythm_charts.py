"""Charts of when customers come back, and after what: rows in, a Chart out. No database, no addresses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from lib.charts import Chart, layout
from lib.marks import COUNTS, NAMES, NAMES_DOWN, SHARES, TEXT_BEYOND, Mark, bars, dots, titled, whiskers
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

    `link`: the people who once took that many weeks.
    """
    last = len(weeks) - 1
    labels = [gap_weeks_text(week, last=last) for week in range(len(weeks))]
    links = tuple(link(week) for week in range(len(weeks)))
    colours = ["var(--mark)"] * last + ["var(--mark-past)"]
    whole = sum(weeks)
    return Chart(
        id="gaps",
        title=gaps_finding(summary),
        subtitle=(
            f"Times between two orders of one customer, by days, all {number_text(whole)} of them. "
            "Press a bar for its people"
        ),
        figure={
            "data": [bars(labels, weeks, colour=colours, hover="%{x} days: %{y:,} times", links=links)],
            "layout": layout(
                xaxis={**NAMES, **titled("Days to the next order"), "nticks": 7}, yaxis=COUNTS, bargap=0.12
            ),
            "narrow": {"layout": {"xaxis": {"nticks": 4}}},
        },
        columns=("Days", "Times", "Share"),
        rows=[(label, gaps, percent_text(gaps / whole)) for label, gaps in zip(labels, weeks, strict=True)],
        links=links,
    )


def gap_numbers_chart(summaries: Sequence[GapSummary]) -> Chart:
    """The median days from each order to the next: 1→2, 2→3 ..."""
    drawn = [summary for summary in summaries if summary.number]
    labels = [_step(summary.number) for summary in drawn]
    medians = bars(
        labels,
        [summary.median for summary in drawn],
        colour="var(--mark)",
        text=[number_text(summary.median) for summary in drawn],
        customdata=[number_text(summary.gaps) for summary in drawn],
        hover="%{x}: %{y} days, of %{customdata} times",
        **TEXT_BEYOND,
    )
    return Chart(
        id="gap-numbers",
        title=gap_numbers_finding(drawn),
        subtitle="Median days from an order to the next, by which order of the customer’s it was",
        figure={
            "data": [medians],
            "layout": layout(xaxis=NAMES, yaxis=titled("Days"), margin={"t": 20}),
            "narrow": {"layout": {"xaxis": {"tickfont": {"size": 9}}}},
        },
        columns=("Orders", "Times", "Median, days", "9 in 10 within, days"),
        rows=[
            (label, summary.gaps, summary.median, summary.long)
            for label, summary in zip(labels, drawn, strict=True)
        ],
    )


def _step(number: int) -> str:
    return f"{number}+" if number == _LAST_NUMBER else f"{number}→{number + 1}"


def lapses_chart(lapses: Lapses, *, link: Callable[[date, bool], str]) -> Chart:
    """Customers who lapsed and customers won back, by month; the month still running is pale.

    `link`: the people of a month, who were won back (True) or lapsed.
    """
    months = [month for month, _, _ in lapses.months]
    to_lapsed, to_won_back = ([link(month, won_back) for month in months] for won_back in (False, True))
    lapsed = [count for _, count, _ in lapses.months]
    won_back = [count for _, _, count in lapses.months]
    return Chart(
        id="lapses",
        title=lapses_finding(lapses),
        subtitle=(
            "Customers by month: lapsed (ochre, left) and won back (right). The last month is still running. "
            "Press a bar for its people"
        ),
        figure={
            "data": [
                _month_bars("Lapsed", months, lapsed, "var(--mark-other)", to_lapsed),
                _month_bars("Won back", months, won_back, "var(--mark)", to_won_back),
            ],
            "layout": layout(xaxis={**NAMES, "nticks": 6}, yaxis=COUNTS, barmode="group", bargap=0.25),
            "narrow": {"layout": {"xaxis": {"nticks": 3}}},
        },
        columns=("Month", "Lapsed", "Won back"),
        rows=[(month_text(month), *counts) for month, *counts in lapses.months],
        cell_links=[(None, *opens) for opens in zip(to_lapsed, to_won_back, strict=True)],
    )


def _month_bars(
    name: str, months: Sequence[date], counts: Sequence[int], colour: str, links: Sequence[str]
) -> Mark:
    """One bar per month, the last one pale."""
    over = len(months) - 1
    return bars(
        [month_text(month) for month in months],
        counts,
        name=name,
        colour=colour,
        marker={"opacity": [1.0] * over + [0.4] * (len(months) - over)},
        hover=f"{name} in %{{x}}: %{{y:,}}",
        links=links,
    )


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
        figure={
            "data": [_share_dots(rows, links)],
            "layout": layout(
                xaxis={**SHARES, "rangemode": "tozero", "showgrid": True, "gridcolor": "var(--line)"},
                yaxis={**NAMES_DOWN, "rangemode": "normal"},
                margin={"r": 24},
            ),
        },
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


def _share_dots(rows: Sequence[ReturnAfterDelivery], links: Sequence[str]) -> Mark:
    """One dot per share, with its interval."""
    shares = [row.share for row in rows]
    lows, highs = ([row.interval[end] for row in rows] for end in (0, 1))
    return dots(
        shares,
        [row.outcome.label for row in rows],
        colour="var(--mark)",
        size=11,
        error_x=whiskers(lows, shares, highs, color="var(--mark)", thickness=2, width=6),
        hovertext=[number_text(row.customers) for row in rows],
        hover="%{y}: %{x:.1%} of %{hovertext} customers",
        links=links,
    )
