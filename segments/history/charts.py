"""Charts of how segments changed between two refreshes: rows in, a Chart out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lib.charts import Chart, layout
from lib.marks import NAMES, TEXT_BEYOND, Mark, shown
from lib.wording import day_text, number_text, signed_text
from segments.chain import Span
from segments.history.cause_queries import CauseGroup, SegmentCauses

LinkOfPart = Callable[[CauseGroup], str]


def change_waterfall(
    span: Span, change: SegmentCauses, groups: Sequence[CauseGroup], *, title: str, link: LinkOfPart
) -> Chart:
    """What each cause added to a segment or took from it, one after the other, up to the whole change."""
    drawn = [group for group in groups if change.parts[group].came or change.parts[group].left]
    links = tuple(link(group) for group in drawn)
    days = f"{day_text(span.earlier.as_of)} to {day_text(span.later.as_of)}"
    return Chart(
        id="change-waterfall",
        title=title,
        subtitle=(
            f"Customers in {change.segment.name} by what moved them, {days}: "
            f"{number_text(change.then)} then, {number_text(change.now)} now; press a bar to see them"
        ),
        figure={
            "data": [_steps(change, drawn, links)],
            "layout": layout(
                xaxis={**NAMES, "showline": False},
                yaxis={"tickformat": ",d", "zeroline": True, "rangemode": "tozero"},
                margin={"t": 24},
                showlegend=False,
            ),
            "narrow": {
                "data": [{"x": [*(group.title.replace(" ", "<br>") for group in drawn), "Change"]}],
                "layout": {"xaxis": {"tickfont": {"size": 10}}},
            },
        },
        columns=("Cause", "Came", "Left", "Net"),
        rows=[
            (group.title, part.came, part.left, signed_text(part.net))
            for group, part in ((group, change.parts[group]) for group in drawn)
        ],
        links=links,
        height=320,
    )


def _steps(change: SegmentCauses, drawn: Sequence[CauseGroup], links: Sequence[str]) -> Mark:
    """One bar per cause, up or down from where the one before ended, and one for the whole change."""
    values = [*(change.parts[group].net for group in drawn), change.change]
    return {
        "type": "waterfall",
        "x": [*(group.title for group in drawn), "Change"],
        "y": values,
        "measure": [*("relative" for _ in drawn), "total"],
        "text": [signed_text(value) for value in values],
        "customdata": [*links, ""],
        "hovertemplate": shown("%{x}: %{text} customers"),
        "increasing": {"marker": {"color": "var(--mark)"}},
        "decreasing": {"marker": {"color": "var(--mark-other)"}},
        "totals": {"marker": {"color": "var(--mark-past)"}},
        "connector": {"line": {"color": "var(--line)", "width": 1}},
        **TEXT_BEYOND,
    }
