"""Charts of how segments changed between two refreshes: rows in, a Chart out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lib.charts import Chart, layout
from lib.wording import day_text, number_text, signed_text
from segments.chain import Span
from segments.history.cause_queries import CauseGroup, SegmentCauses

LinkOfPart = Callable[[CauseGroup], str]


def change_waterfall(
    span: Span, change: SegmentCauses, groups: Sequence[CauseGroup], *, title: str, link: LinkOfPart
) -> Chart:
    """What each cause added to a segment or took from it, one after the other, up to the whole change."""
    shown = [group for group in groups if change.parts[group].came or change.parts[group].left]
    nets = [change.parts[group].net for group in shown]
    links = tuple(link(group) for group in shown)
    figure = {
        "data": [
            {
                "type": "waterfall",
                "x": [*(group.title for group in shown), "Change"],
                "y": [*nets, change.change],
                "measure": [*("relative" for _ in shown), "total"],
                "text": [signed_text(value) for value in [*nets, change.change]],
                "textposition": "outside",
                "cliponaxis": False,
                "customdata": [*links, ""],
                "hovertemplate": "%{x}: %{text} customers<extra></extra>",
                "increasing": {"marker": {"color": "var(--mark)"}},
                "decreasing": {"marker": {"color": "var(--mark-other)"}},
                "totals": {"marker": {"color": "var(--mark-past)"}},
                "connector": {"line": {"color": "var(--line)", "width": 1}},
            }
        ],
        "layout": layout(
            xaxis={"type": "category", "showline": False},
            yaxis={"tickformat": ",d", "zeroline": True, "rangemode": "tozero"},
            margin={"t": 24},
            showlegend=False,
        ),
        "narrow": {
            "data": [{"x": [*(group.title.replace(" ", "<br>") for group in shown), "Change"]}],
            "layout": {"xaxis": {"tickfont": {"size": 10}}},
        },
    }
    days = f"{day_text(span.earlier.as_of)} to {day_text(span.later.as_of)}"
    return Chart(
        id="change-waterfall",
        title=title,
        subtitle=(
            f"Customers in {change.segment.name} by what moved them, {days}: "
            f"{number_text(change.then)} then, {number_text(change.now)} now; press a bar to see them"
        ),
        figure=figure,
        columns=("Cause", "Came", "Left", "Net"),
        rows=[
            (
                group.title,
                change.parts[group].came,
                change.parts[group].left,
                signed_text(change.parts[group].net),
            )
            for group in shown
        ],
        links=links,
        height=320,
    )
