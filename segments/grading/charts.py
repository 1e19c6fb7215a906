"""The chart of a grading: rows in, a Chart out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lib.charts import Chart, layout, segment_colour
from lib.wording import day_text, number_text, percent_text
from segments.grading.findings import best_finding
from segments.grading.queries import GradedScheme, GradedSegment
from segments.models import Grading, Segment


def bought_chart(grading: Grading, graded: GradedScheme, *, link: Callable[[Segment], str]) -> Chart:
    """The share of each segment who bought, with its 95% interval, beside everybody's as a line."""
    shown = [one for one in graded.segments if one.people.customers]
    links = tuple(link(one.segment) for one in shown)
    return Chart(
        id="graded-segments",
        title=best_finding(graded),
        subtitle=(
            f"Share who bought from {day_text(grading.as_of)} to {day_text(grading.until_on)}, by the segment they "
            "were in at its start; the thin line is the 95% interval"
        ),
        figure=_figure(shown, links, whole=graded.everybody.share or 0.0),
        columns=("Segment", "Customers", "Bought", "% who bought", "From", "To"),
        rows=[_row(one) for one in shown],
        links=links,
        height=max(220, 60 + 34 * len(shown)),
    )


def _figure(shown: Sequence[GradedSegment], links: Sequence[str], *, whole: float) -> dict[str, Any]:
    """Bars with their intervals; `whole`: everybody's share, the line across them."""
    names = [one.segment.name for one in shown]
    shares = [one.people.share or 0.0 for one in shown]
    return {
        "data": [
            {
                "type": "bar",
                "orientation": "h",
                "y": names,
                "x": shares,
                "marker": {"color": [segment_colour(one.segment.health) for one in shown]},
                "error_x": {
                    "type": "data",
                    "symmetric": False,
                    "array": [_above(one) for one in shown],
                    "arrayminus": [_below(one) for one in shown],
                    "color": "var(--text)",
                    "thickness": 1.5,
                    "width": 4,
                },
                "customdata": links,
                "text": [_hover(one) for one in shown],
                "textposition": "none",
                "hovertemplate": "%{y}<br>%{text}<extra></extra>",
            }
        ],
        "layout": layout(
            xaxis={"tickformat": ".0%", "rangemode": "tozero", "showgrid": True, "gridcolor": "var(--line)"},
            yaxis={"type": "category", "autorange": "reversed", "showgrid": False, "nticks": 20},
            shapes=[
                {
                    "type": "line",
                    "x0": whole,
                    "x1": whole,
                    "yref": "paper",
                    "y0": 0,
                    "y1": 1,
                    "line": {"color": "var(--muted)", "width": 1.5, "dash": "dot"},
                }
            ],
            annotations=[
                {
                    "x": whole,
                    "y": 1,
                    "yref": "paper",
                    "yanchor": "bottom",
                    "text": f"everybody {percent_text(whole)}",
                    "showarrow": False,
                    "font": {"color": "var(--muted)", "size": 13},
                }
            ],
            margin={"t": 28, "r": 16},
        ),
    }


def _above(one: GradedSegment) -> float:
    interval = one.people.interval
    return interval.high - (one.people.share or 0.0) if interval else 0.0


def _below(one: GradedSegment) -> float:
    interval = one.people.interval
    return (one.people.share or 0.0) - interval.low if interval else 0.0


def _hover(one: GradedSegment) -> str:
    people = one.people
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
