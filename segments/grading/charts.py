"""The chart of a grading: rows in, a Chart out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lib.charts import Chart, layout, segment_colour
from lib.marks import NAMES_DOWN, SHARES, Mark, bars, note, upright, whiskers
from lib.wording import day_text, number_text, percent_text
from segments.grading.findings import best_finding
from segments.grading.queries import GradedPeople, GradedScheme, GradedSegment
from segments.models import Grading, Segment


def bought_chart(grading: Grading, graded: GradedScheme, *, link: Callable[[Segment], str]) -> Chart:
    """The share of each segment who bought, with its 95% interval, beside everybody's as a line."""
    drawn = [one for one in graded.segments if one.people.customers]
    links = tuple(link(one.segment) for one in drawn)
    return Chart(
        id="graded-segments",
        title=best_finding(graded),
        subtitle=(
            f"Share who bought from {day_text(grading.as_of)} to {day_text(grading.until_on)}, by the segment they "
            "were in at its start; the thin line is the 95% interval"
        ),
        figure=_figure(drawn, links, whole=graded.everybody.share or 0.0),
        columns=("Segment", "Customers", "Bought", "% who bought", "From", "To"),
        rows=[_row(one) for one in drawn],
        links=links,
        height=max(220, 60 + 34 * len(drawn)),
    )


def _figure(drawn: Sequence[GradedSegment], links: Sequence[str], *, whole: float) -> dict[str, Any]:
    """Bars with their intervals; `whole`: everybody's share, the line across them."""
    return {
        "data": [_share_bars(drawn, links)],
        "layout": layout(
            xaxis={**SHARES, "rangemode": "tozero", "showgrid": True, "gridcolor": "var(--line)"},
            yaxis={**NAMES_DOWN, "nticks": 20},
            shapes=[upright(whole, colour="var(--muted)", width=1.5)],
            annotations=[
                note(
                    f"everybody {percent_text(whole)}",
                    x=whole,
                    y=1,
                    yref="paper",
                    yanchor="bottom",
                    font={"color": "var(--muted)", "size": 13},
                )
            ],
            margin={"t": 28, "r": 16},
        ),
    }


def _share_bars(drawn: Sequence[GradedSegment], links: Sequence[str]) -> Mark:
    shares = [one.people.share or 0.0 for one in drawn]
    intervals = [one.people.interval for one in drawn]
    lows = [known.low if known else share for known, share in zip(intervals, shares, strict=True)]
    highs = [known.high if known else share for known, share in zip(intervals, shares, strict=True)]
    return bars(
        [one.segment.name for one in drawn],
        shares,
        sideways=True,
        colour=[segment_colour(one.segment.health) for one in drawn],
        error_x=whiskers(lows, shares, highs, color="var(--text)", thickness=1.5, width=4),
        text=[_bought_text(one.people) for one in drawn],
        textposition="none",
        hover="%{y}<br>%{text}",
        links=links,
    )


def _bought_text(people: GradedPeople) -> str:
    return f"{number_text(people.buyers)} of {number_text(people.customers)} bought: {percent_text(people.share)}"


def _row(one: GradedSegment) -> tuple[object, ...]:
    people, interval = one.people, one.people.interval
    return (
        one.segment.name,
        people.customers,
        people.buyers,
        percent_text(people.share),
        percent_text(interval.low if interval else None),
        percent_text(interval.high if interval else None),
    )
