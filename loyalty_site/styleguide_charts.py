"""The charts of the style guide: one of each kind that pages draw, with made-up figures."""

from __future__ import annotations

from lib.charts import SEGMENT_COLOURS, Chart, layout, segment_colour
from lib.marks import SHARES, bars, dots, heatmap, line, note, shown, titled

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
# From and to a place among the Sankey's segments, and how many customers.
FLOWS = (
    (0, 4, 160),
    (0, 6, 38),
    (1, 4, 54),
    (1, 5, 220),
    (1, 7, 41),
    (2, 5, 60),
    (2, 6, 120),
    (3, 7, 90),
)
REVENUE = (21400, 15800, 16200, 17900, 18300, 19100, 18600, 17200, 19800, 20900, 22300, 14100)


def charts() -> list[Chart]:
    """One chart of each kind that pages draw."""
    return [_bar(), _line(), _area(), _scatter(), _heatmap(), _treemap(), _sankey(), _funnel()]


def _bar() -> Chart:
    links = tuple(f"/styleguide/#{month}" for month in MONTHS)
    colours = ["var(--mark-past)"] * 11 + ["var(--mark)"]
    return Chart(
        id="bar",
        title="October brought the most, and November is on the way to more",
        subtitle="Net revenue, £, by month of the last twelve; November until today",
        figure={
            "data": [bars(MONTHS, REVENUE, colour=colours, hover="%{x}: £%{y:,}", links=links)],
            "layout": layout(yaxis={"tickprefix": "£"}),
        },
        columns=("Month", "Net revenue, £"),
        rows=list(zip(MONTHS, REVENUE, strict=True)),
        links=links,
    )


def _line() -> Chart:
    shares = [round(0.21 + 0.012 * i - 0.0006 * i * i, 4) for i in range(12)]
    before = [0.22] * 12
    names = [
        note("this year", x="Nov", y=shares[-1], xanchor="right", yshift=14),
        note("a year before", x="Nov", y=before[-1], xanchor="right", yshift=-12),
    ]
    return Chart(
        id="line",
        title="More first-time buyers come back than a year ago",
        subtitle="Share with a second order within 90 days, by month of the first order",
        figure={
            "data": [
                line(MONTHS, before, colour="var(--mark-past)"),
                line(MONTHS, shares, colour="var(--mark)", width=2.5, hover="%{x}: %{y:.1%} came back"),
            ],
            "layout": layout(yaxis=SHARES, hovermode="x", annotations=names),
        },
        columns=("Month", "This year", "A year before"),
        rows=list(zip(MONTHS, shares, before, strict=True)),
    )


def _area() -> Chart:
    sizes = [[SIZES[i] + 6 * i * month for month in range(12)] for i in range(4)]
    bottoms = [sum(SIZES[:i]) for i in range(4)]
    on_mark = {"font": {"color": "var(--on-segment)"}, "xanchor": "left", "xshift": 8}
    return Chart(
        id="area",
        title="Growth came from new and promising customers",
        subtitle="Customers of the four healthiest segments, end of month",
        figure={
            "data": [
                line(
                    MONTHS,
                    counts,
                    name=name,
                    colour="var(--panel)",
                    width=0.5,
                    stackgroup="one",
                    fillcolor=segment_colour(health),
                    hover=f"%{{y:,}} {name}",
                )
                for health, (name, counts) in enumerate(zip(NAMES, sizes, strict=False), start=1)
            ],
            "layout": layout(
                hovermode="x unified",
                annotations=[
                    note(NAMES[i], x="Dec", y=bottom + SIZES[i] / 2, **on_mark)
                    for i, bottom in enumerate(bottoms)
                ],
            ),
        },
        columns=("Month", *NAMES[:4]),
        rows=list(zip(MONTHS, *sizes, strict=True)),
    )


def _scatter() -> Chart:
    points = [(i * 7 % 90, i * 13 % 17 + 1, i) for i in range(1, 60)]
    links = tuple(f"/styleguide/#customer-{number}" for _, _, number in points)
    customers = dots(
        [days for days, _, _ in points],
        [orders for _, orders, _ in points],
        colour="var(--mark)",
        size=9,
        marker={"opacity": 0.75},
        hover="%{y} orders, last %{x} days ago",
        links=links,
    )
    return Chart(
        id="scatter",
        title="Frequent buyers are rarely away for long",
        subtitle="Orders against days since the last one, a dot a customer",
        figure={
            "data": [customers],
            "layout": layout(xaxis=titled("Days since last order"), yaxis=titled("Orders")),
        },
        columns=("Days since last order", "Orders", "Customer"),
        rows=points,
        links=links,
    )


def _heatmap() -> Chart:
    scores = range(1, 6)
    grid = [[((r - 1) * 37 + (f - 1) * 53) % 160 + 20 for f in scores] for r in scores]
    cells = heatmap(
        [f"F{f}" for f in scores],
        [f"R{r}" for r in scores],
        grid,
        texttemplate="%{z:,}",
        textfont={"color": "var(--text)"},
        hover="%{y} %{x}: %{z:,} customers",
        links=[[f"/styleguide/#r{r}f{f}" for f in scores] for r in scores],
    )
    plain = {"showgrid": False, "showline": False, "type": "category"}
    return Chart(
        id="heatmap",
        title="Most customers bought once, and long ago",
        subtitle="Customers by recency score (R) and frequency score (F)",
        figure={"data": [cells], "layout": layout(xaxis=plain, yaxis=plain)},
        columns=("Recency score", "F1", "F2", "F3", "F4", "F5"),
        rows=[(f"R{r}", *grid[r - 1]) for r in reversed(scores)],
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
        "hovertemplate": shown("%{label}: %{value:,} customers, %{percentRoot:.1%}"),
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
    healths = (1, 2, 4, 6, 1, 2, 6, 8)
    names = [NAMES[health - 1] for health in healths]
    links = tuple(f"/styleguide/#move-{before}-{after}" for before, after, _ in FLOWS)
    bands = {
        "type": "sankey",
        "arrangement": "fixed",
        "node": {
            "label": names,
            "color": [segment_colour(health) for health in healths],
            "pad": 18,
            "thickness": 14,
            "line": {"width": 0},
            "hovertemplate": shown("%{label}: %{value:,} customers"),
        },
        "link": {
            "source": [before for before, _, _ in FLOWS],
            "target": [after for _, after, _ in FLOWS],
            "value": [customers for _, _, customers in FLOWS],
            "color": "var(--mark-faint)",
            "line": {"color": "var(--border)", "width": 0.5},
            "customdata": links,
            "hovertemplate": shown("%{source.label} to %{target.label}: %{value:,}"),
        },
        "textfont": {"color": "var(--text)", "size": 13},
    }
    return Chart(
        id="sankey",
        title="54 Loyal customers became Champions; 41 slipped to At risk",
        subtitle="Customers by segment a month ago (left) and today (right)",
        figure={"data": [bands], "layout": layout()},
        columns=("From", "To", "Customers"),
        rows=[(names[before], names[after], customers) for before, after, customers in FLOWS],
        links=links,
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
        "hovertemplate": shown("%{y}: %{x:,}"),
    }
    return Chart(
        id="funnel",
        title="43% of customers come back a second time",
        subtitle="Customers who reached each order, all time",
        figure={"data": [funnel], "layout": layout(xaxis={"visible": False}, yaxis={"showgrid": False})},
        columns=("Step", "Customers"),
        rows=list(zip(steps, counts, strict=True)),
    )
