"""The charts of the style guide: one of each kind that pages draw, with made-up figures."""

from __future__ import annotations

from typing import Any

from lib.charts import SEGMENT_COLOURS, Chart, layout, segment_colour

NAMES = (
    "Champions",
    "Loyal",
    "Potential loyalist",
    "New",
    "Promising",
    "Needs attention",
    "About to sleep",
    "At risk",
    "Can't lose",
    "Hibernating",
    "Dormant",
    "Prospects",
)
SIZES = (212, 318, 264, 187, 143, 121, 166, 204, 58, 611, 540, 176)
MONTHS = ("Dec", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov")
REVENUE = (21400, 15800, 16200, 17900, 18300, 19100, 18600, 17200, 19800, 20900, 22300, 14100)


def charts() -> list[Chart]:
    """One chart of each kind that pages draw."""
    return [_bar(), _line(), _area(), _scatter(), _heatmap(), _treemap(), _sankey(), _funnel()]


def _bar() -> Chart:
    colours = ["var(--mark-past)"] * 11 + ["var(--mark)"]
    bars = {
        "type": "bar",
        "x": MONTHS,
        "y": REVENUE,
        "marker": {"color": colours},
        "customdata": [f"/styleguide/#{month}" for month in MONTHS],
        "hovertemplate": "%{x}: £%{y:,}<extra></extra>",
    }
    return Chart(
        id="bar",
        title="October brought the most, and November is on the way to more",
        subtitle="Net revenue, £, by month of the last twelve; November until today",
        figure={"data": [bars], "layout": layout(yaxis={"tickprefix": "£"})},
        columns=("Month", "Net revenue, £"),
        rows=list(zip(MONTHS, REVENUE, strict=True)),
        links=tuple(f"/styleguide/#{month}" for month in MONTHS),
    )


def _line() -> Chart:
    shares = [round(0.21 + 0.012 * i - 0.0006 * i * i, 4) for i in range(12)]
    base = [0.22] * 12
    lines: list[dict[str, Any]] = [
        {"type": "scatter", "mode": "lines", "x": MONTHS, "y": base, "line": {"color": "var(--mark-past)"}},
        {
            "type": "scatter",
            "mode": "lines",
            "x": MONTHS,
            "y": shares,
            "line": {"color": "var(--mark)", "width": 2.5},
            "hovertemplate": "%{x}: %{y:.1%} came back<extra></extra>",
        },
    ]
    names = [
        _label("Nov", shares[-1], "this year", yshift=14),
        _label("Nov", base[-1], "a year before", yshift=-12),
    ]
    return Chart(
        id="line",
        title="More first-time buyers come back than a year ago",
        subtitle="Share with a second order within 90 days, by month of the first order",
        figure={
            "data": lines,
            "layout": layout(yaxis={"tickformat": ".0%"}, hovermode="x", annotations=names),
        },
        columns=("Month", "This year", "A year before"),
        rows=list(zip(MONTHS, shares, base, strict=True)),
    )


def _label(x: str, y: float, text: str, **place: Any) -> dict[str, Any]:
    """A name written on its mark, instead of a legend."""
    return {"x": x, "y": y, "text": text, "showarrow": False, "xanchor": "right", **place}


def _area() -> Chart:
    figure_data = [
        {
            "type": "scatter",
            "mode": "lines",
            "stackgroup": "one",
            "x": MONTHS,
            "y": [SIZES[i] + 6 * i * month for month in range(12)],
            "line": {"width": 0.5, "color": "var(--panel)"},
            "fillcolor": segment_colour(i + 1),
            "name": NAMES[i],
            "hovertemplate": "%{y:,} " + NAMES[i] + "<extra></extra>",
        }
        for i in range(4)
    ]
    middles = [sum(SIZES[:i]) + SIZES[i] / 2 for i in range(4)]
    on_mark = {"font": {"color": "var(--on-segment)"}, "xanchor": "left", "xshift": 8}
    names = [_label("Dec", middle, name, **on_mark) for middle, name in zip(middles, NAMES, strict=False)]
    return Chart(
        id="area",
        title="Growth came from new and promising customers",
        subtitle="Customers of the four healthiest segments, end of month",
        figure={"data": figure_data, "layout": layout(hovermode="x unified", annotations=names)},
        columns=("Month", *NAMES[:4]),
        rows=[(month, *(SIZES[i] + 6 * i * place for i in range(4))) for place, month in enumerate(MONTHS)],
    )


def _scatter() -> Chart:
    points = [(i * 7 % 90, i * 13 % 17 + 1, i) for i in range(1, 60)]
    dots = {
        "type": "scatter",
        "mode": "markers",
        "x": [p[0] for p in points],
        "y": [p[1] for p in points],
        "marker": {"size": 9, "color": "var(--mark)", "opacity": 0.75},
        "customdata": [f"/styleguide/#customer-{p[2]}" for p in points],
        "hovertemplate": "%{y} orders, last %{x} days ago<extra></extra>",
    }
    return Chart(
        id="scatter",
        title="Frequent buyers are rarely away for long",
        subtitle="Orders against days since the last one, a dot a customer",
        figure={
            "data": [dots],
            "layout": layout(
                xaxis={"title": {"text": "Days since last order"}}, yaxis={"title": {"text": "Orders"}}
            ),
        },
        columns=("Days since last order", "Orders", "Customer"),
        rows=points,
        links=tuple(f"/styleguide/#customer-{p[2]}" for p in points),
    )


def _heatmap() -> Chart:
    grid = [[(r * 37 + f * 53) % 160 + 20 for f in range(5)] for r in range(5)]
    steps = [[i / 5, f"var(--heat-{i})"] for i in range(6)]
    cells = {
        "type": "heatmap",
        "x": [f"F{i}" for i in range(1, 6)],
        "y": [f"R{i}" for i in range(1, 6)],
        "z": grid,
        "colorscale": steps,
        "showscale": False,
        "xgap": 3,
        "ygap": 3,
        "texttemplate": "%{z:,}",
        "textfont": {"color": "var(--text)"},
        "customdata": [[f"/styleguide/#r{r + 1}f{f + 1}" for f in range(5)] for r in range(5)],
        "hovertemplate": "%{y} %{x}: %{z:,} customers<extra></extra>",
    }
    plain = {"showgrid": False, "showline": False, "type": "category"}
    rows = [(f"R{r + 1}", *grid[r]) for r in reversed(range(5))]
    return Chart(
        id="heatmap",
        title="Most customers bought once, and long ago",
        subtitle="Customers by recency score (R) and frequency score (F)",
        figure={"data": [cells], "layout": layout(xaxis=plain, yaxis=plain)},
        columns=("Recency score", "F1", "F2", "F3", "F4", "F5"),
        rows=rows,
    )


def _treemap() -> Chart:
    flush = {"l": 0, "r": 0, "t": 0, "b": 0}
    broken = ["<b>" + name.replace(" ", "<br>") + "</b>" for name in NAMES]
    tiles = {
        "type": "treemap",
        "labels": NAMES,
        "parents": [""] * len(NAMES),
        "values": SIZES,
        "marker": {
            "colors": [segment_colour(i) for i in range(1, SEGMENT_COLOURS + 1)],
            "line": {"width": 2, "color": "var(--panel)"},
            "pad": flush,
        },
        "textfont": {"color": "var(--on-segment)", "size": 13},
        "texttemplate": "<b>%{label}</b><br>%{value:,} · %{percentRoot:.1%}",
        "tiling": {"pad": 2, "squarifyratio": 2},
        "pathbar": {"visible": False},
        "root": {"color": "rgba(0,0,0,0)"},
        "customdata": [f"/styleguide/#segment-{i}" for i in range(1, 13)],
        "hovertemplate": "%{label}: %{value:,} customers, %{percentRoot:.1%}<extra></extra>",
    }
    return Chart(
        id="treemap",
        title="One customer in five is hibernating; 530 are Champions or Loyal",
        subtitle="Customers by segment, today",
        figure={
            "data": [tiles],
            "layout": layout(margin=flush, uniformtext={"minsize": 10, "mode": "hide"}),
            "narrow": {"data": [{"text": broken, "texttemplate": "%{text}"}]},
        },
        columns=("Segment", "Customers"),
        rows=list(zip(NAMES, SIZES, strict=True)),
        height=380,
        links=tuple(f"/styleguide/#segment-{i}" for i in range(1, 13)),
    )


def _sankey() -> Chart:
    flows = [
        (0, 4, 160),
        (0, 6, 38),
        (1, 4, 54),
        (1, 5, 220),
        (1, 7, 41),
        (2, 5, 60),
        (2, 6, 120),
        (3, 7, 90),
    ]
    healths = (1, 2, 4, 6, 1, 2, 6, 8)
    names = [NAMES[h - 1] for h in healths]
    bands = {
        "type": "sankey",
        "arrangement": "fixed",
        "node": {
            "label": names,
            "color": [segment_colour(h) for h in healths],
            "pad": 18,
            "thickness": 14,
            "line": {"width": 0},
            "hovertemplate": "%{label}: %{value:,} customers<extra></extra>",
        },
        "link": {
            "source": [f[0] for f in flows],
            "target": [f[1] for f in flows],
            "value": [f[2] for f in flows],
            "color": "var(--mark-faint)",
            "line": {"color": "var(--border)", "width": 0.5},
            "customdata": [f"/styleguide/#move-{f[0]}-{f[1]}" for f in flows],
            "hovertemplate": "%{source.label} to %{target.label}: %{value:,}<extra></extra>",
        },
        "textfont": {"color": "var(--text)", "size": 13},
    }
    return Chart(
        id="sankey",
        title="54 Loyal customers became Champions; 41 slipped to At risk",
        subtitle="Customers by segment a month ago (left) and today (right)",
        figure={"data": [bands], "layout": layout()},
        columns=("From", "To", "Customers"),
        rows=[(names[a], names[b], n) for a, b, n in flows],
        links=tuple(f"/styleguide/#move-{a}-{b}" for a, b, _ in flows),
        height=360,
    )


def _funnel() -> Chart:
    steps = ("First order", "Second order", "Third order", "Five or more")
    counts = (3000, 1290, 742, 388)
    funnel = {
        "type": "funnel",
        "y": steps,
        "x": counts,
        "marker": {"color": "var(--mark)"},
        "insidetextfont": {"color": "var(--on-accent)"},
        "outsidetextfont": {"color": "var(--text)"},
        "texttemplate": "%{value:,} · %{percentInitial:.0%}",
        "connector": {"fillcolor": "var(--mark-faint)", "line": {"width": 0}},
        "hovertemplate": "%{y}: %{x:,}<extra></extra>",
    }
    return Chart(
        id="funnel",
        title="43% of customers come back a second time",
        subtitle="Customers who reached each order, all time",
        figure={"data": [funnel], "layout": layout(xaxis={"visible": False}, yaxis={"showgrid": False})},
        columns=("Step", "Customers"),
        rows=list(zip(steps, counts, strict=True)),
    )
