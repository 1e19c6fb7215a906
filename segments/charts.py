"""Charts of segments: rows in, a Chart out. No database, no addresses made here: links come with the rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from math import sqrt
from typing import Any, Literal

from lib.charts import Chart, layout, segment_colour
from lib.marks import NAMES, Mark, heatmap, line, shown, titled
from lib.money import format_money
from lib.wording import day_text, number_text, percent_text, signed_text
from segments.findings import largest_finding, shares_finding, trend_finding, turn_finding
from segments.models import ScoreCell, Segment
from segments.move_queries import direction
from segments.queries import SegmentFlow, SizedSegment, SizeOnDay

NEW, GONE = "New customers", "In no segment"
_NODE_GAP, _SANKEY_MARGIN = 16, 12  # pixels
_EDGE = 1e-6  # plotly.js takes a place of exactly 0 for none given

_Nodes = list[Segment | None]
LinkOfSegment = Callable[[Segment], str]
LinkOfCell = Callable[[int, int], str]
LinkOfFlow = Callable[[SegmentFlow], str]


def segment_treemap(
    shares: Sequence[SizedSegment],
    *,
    measure: Literal["customers", "revenue"],
    currency: str,
    link: LinkOfSegment,
) -> Chart:
    """Every segment as an area: its share of customers, or of what they spent. Segments with nothing are left out."""
    drawn = [share for share in shares if _measured(share, measure) > 0]
    links = tuple(link(share.segment) for share in drawn)
    what = "customers" if measure == "customers" else "revenue"
    return Chart(
        id="segment-sizes",
        title=largest_finding(shares) if measure == "customers" else shares_finding(shares),
        subtitle=f"{what.capitalize()} by segment and their share of all, at this refresh; press a segment to open it",
        figure={
            "data": [_areas(drawn, measure, currency, links)],
            "layout": layout(margin={"l": 0, "r": 0, "t": 0, "b": 0, "pad": 0}),
        },
        columns=("Segment", "Customers", "% of customers", f"Revenue, {currency}", "% of revenue"),
        rows=[
            (
                share.segment.name,
                share.customers,
                percent_text(share.share_of_customers),
                format_money(share.revenue, currency),
                percent_text(share.share_of_revenue),
            )
            for share in drawn
        ],
        links=links,
        height=360,
    )


def _areas(drawn: Sequence[SizedSegment], measure: str, currency: str, links: Sequence[str]) -> Mark:
    return {
        "type": "treemap",
        "labels": [share.segment.name for share in drawn],
        "parents": [""] * len(drawn),
        "values": [_measured(share, measure) for share in drawn],
        "text": [_size_text(share, measure, currency) for share in drawn],
        "texttemplate": "<b>%{label}</b><br>%{text}",
        "hovertemplate": shown("%{label}<br>%{text}"),
        "customdata": links,
        "marker": {
            "colors": [segment_colour(share.segment.health) for share in drawn],
            "line": {"width": 0},
            "pad": {"t": 0, "l": 0, "r": 0, "b": 0},
        },
        "textfont": {"color": "var(--on-segment)", "size": 14},
        "tiling": {"pad": 2, "squarifyratio": 1.4},
        "pathbar": {"visible": False},
        "root": {"color": "rgba(0,0,0,0)"},
        "sort": True,
    }


def _measured(share: SizedSegment, measure: str) -> int:
    return share.customers if measure == "customers" else share.revenue


def _size_text(share: SizedSegment, measure: str, currency: str) -> str:
    if measure == "customers":
        return f"{number_text(share.customers)} · {percent_text(share.share_of_customers)}"
    return f"{format_money(share.revenue, currency)} · {percent_text(share.share_of_revenue)}"


def score_heatmap(cells: Sequence[ScoreCell], *, bins: int, title: str, link: LinkOfCell) -> Chart:
    """Customers by recency and frequency score, the best of both at the top right."""
    count = {(cell.r, cell.f): cell.customers for cell in cells if cell.r and cell.customers}
    filled = sorted(count, reverse=True)
    return Chart(
        id="score-cells",
        title=title,
        subtitle="Customers by recency and frequency score, 1 worst, best at the top right",
        figure={
            "data": [_score_cells(count, range(1, bins + 1), link)],
            "layout": layout(
                xaxis={**NAMES, **titled("Frequency score: more orders →"), "showline": False},
                yaxis={**NAMES, **titled("Recency score: bought lately →"), "showgrid": False},
            ),
        },
        columns=("Recency score", "Frequency score", "Customers"),
        rows=[(f"R{r}", f"F{f}", count[r, f]) for r, f in filled],
        links=tuple(link(r, f) for r, f in filled),
        height=360,
    )


def _score_cells(count: Mapping[tuple[int, int], int], scores: range, link: LinkOfCell) -> Mark:
    """A shade follows the square root of the count; otherwise one large cell would leave the others
    indistinguishable.
    """
    grid = [[count.get((r, f), 0) for f in scores] for r in scores]
    return heatmap(
        [str(f) for f in scores],
        [str(r) for r in scores],
        [[sqrt(n) if n else None for n in row] for row in grid],
        text=[[number_text(n) if n else "" for n in row] for row in grid],
        texttemplate="%{text}",
        textfont={"color": "var(--text)"},
        hover="Recency %{y}, frequency %{x}<br>%{text} customers",
        links=[[link(r, f) if count.get((r, f)) else "" for f in scores] for r in scores],
    )


def moves_sankey(
    flows: Sequence[SegmentFlow], *, subtitle: str, link: LinkOfFlow, chart_id: str = "moves"
) -> Chart:
    """Who went from which segment (left) to which (right), movers alone; a band opens its people."""
    before = _nodes([flow.before for flow in flows])
    after = _nodes([flow.after for flow in flows])
    links = tuple(link(flow) for flow in flows)
    height = max(300, 38 * max(len(before), len(after), 1))
    return Chart(
        id=chart_id,
        title=turn_finding(flows),
        subtitle=subtitle,
        figure={
            "data": [
                {
                    "type": "sankey",
                    "arrangement": "fixed",
                    "node": _sides(flows, before, after, height - 2 * _SANKEY_MARGIN),
                    "link": _bands(flows, before, after, links),
                    "textfont": {"color": "var(--text)", "size": 13},
                    "valueformat": ",d",
                }
            ],
            "layout": layout(margin={"l": 4, "r": 4, "t": _SANKEY_MARGIN, "b": _SANKEY_MARGIN, "pad": 0}),
        },
        columns=("From", "To", "Customers"),
        rows=[(_name(flow.before, NEW), _name(flow.after, GONE), flow.customers) for flow in flows],
        links=links,
        height=height,
    )


def _sides(flows: Sequence[SegmentFlow], before: _Nodes, after: _Nodes, height: int) -> dict[str, Any]:
    """The segments people left, and those they went to."""
    return {
        "x": [_EDGE] * len(before) + [1 - _EDGE] * len(after),
        "y": _middles(flows, before, after, height),
        "label": [_name(node, NEW) for node in before] + [_name(node, GONE) for node in after],
        "color": [_colour(node) for node in [*before, *after]],
        "line": {"width": 0},
        "thickness": 12,
        "pad": _NODE_GAP,
        "hovertemplate": shown("%{label}: %{value:,} moved"),
    }


def _bands(
    flows: Sequence[SegmentFlow], before: _Nodes, after: _Nodes, links: Sequence[str]
) -> dict[str, Any]:
    return {
        "source": [before.index(flow.before) for flow in flows],
        "target": [len(before) + after.index(flow.after) for flow in flows],
        "value": [flow.customers for flow in flows],
        "color": [_band_colour(flow) for flow in flows],
        "customdata": links,
        "hovertemplate": shown("%{source.label} → %{target.label}<br>%{value:,} customers"),
    }


def _middles(flows: Sequence[SegmentFlow], before: _Nodes, after: _Nodes, height: int) -> list[float]:
    """The middle of each node, first those on the left, as a share of the height: the healthiest on top on both
    sides, so that rising bands are people who moved up. By itself, plotly.js would order them differently.
    """
    whole = sum(flow.customers for flow in flows)
    scale = (height - _NODE_GAP * (max(len(before), len(after)) - 1)) / whole if whole else 0.0
    middles = []
    for side, column in ((0, before), (1, after)):
        top = 0.0
        for node in column:
            customers = sum(flow.customers for flow in flows if (flow.before, flow.after)[side] == node)
            middles.append(round((top + customers * scale / 2) / height, 4))
            top += customers * scale + _NODE_GAP
    return middles


def _nodes(segments: list[Segment | None]) -> _Nodes:
    """Each once, the healthiest first, None last."""
    return sorted(
        set(segments), key=lambda one: (one is None, one.health if one else 0, one.pk if one else 0)
    )


def _name(segment: Segment | None, otherwise: str) -> str:
    return segment.name if segment else otherwise


def _colour(segment: Segment | None) -> str:
    return segment_colour(segment.health) if segment else "var(--mark-past)"


def _band_colour(flow: SegmentFlow) -> str:
    """By direction: up in the accent colour, down in ochre, arrivals and departures grey."""
    return {"up": "var(--band-up)", "down": "var(--band-down)"}.get(direction(flow), "var(--band-other)")


def segment_trend(segment: Segment, points: Sequence[SizeOnDay]) -> Chart:
    """How many customers the segment had at each refresh, oldest first."""
    days = [point.as_of for point in points]
    counts = [point.customers for point in points]
    changes = [None, *(signed_text(later - earlier) for earlier, later in pairwise(counts))]
    period = f", {day_text(days[0])} to {day_text(days[-1])}" if days else ""
    colour = segment_colour(segment.health)
    size = line(
        [day.isoformat() for day in days],
        counts,
        colour=colour,
        mode="lines+markers" if len(points) < 16 else "lines",
        line={"shape": "linear"},
        marker={"size": 6, "color": colour},
        hover="%{x|%-d %b %Y}<br>%{y:,} customers",
        cliponaxis=False,
    )
    return Chart(
        id="segment-trend",
        title=trend_finding(segment, points),
        subtitle=f"Customers in {segment.name} at each refresh{period}",
        figure={
            "data": [size],
            "layout": layout(
                xaxis={"type": "date", "tickformat": "%-d %b<br>%Y", "nticks": 6},
                yaxis={"tickformat": ",d"},
                margin={"r": 24},
            ),
        },
        columns=("Refresh", "Customers", "Change"),
        rows=list(zip(days, counts, changes, strict=True)),
        height=280,
    )
