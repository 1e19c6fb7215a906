"""What charts are made of: marks (plotly.js calls them traces), axes and lines across, each as a plain dict.

A mark takes its positions, its colour and `hover`: a plotly.js template of the text shown when somebody points at it.
`links` has the address that each of its points opens. Any other setting of plotly.js is given by its own name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

Mark = dict[str, Any]
Links = Sequence[str | None]

NAMES = {"type": "category"}
NAMES_DOWN = {**NAMES, "autorange": "reversed", "showgrid": False}  # of horizontal bars: the first one on top
SHARES = {"tickformat": ".0%"}
COUNTS = {"tickformat": ","}
TEXT_BEYOND: dict[str, Any] = {"textposition": "outside", "cliponaxis": False}  # of bars: at their ends
# The shades of a heatmap, from few to many.
HEAT = [[step / 4, f"var(--heat-{step + 1})"] for step in range(5)]


def bars(
    names: Iterable[object],
    values: Iterable[object],
    *,
    colour: str | Sequence[str],
    sideways: bool = False,
    hover: str | None = None,
    links: Links | None = None,
    **settings: Any,
) -> Mark:
    """A bar for each name; `colour` is one for all or one each."""
    along, across = ("y", "x") if sideways else ("x", "y")
    direction = {"orientation": "h"} if sideways else {}
    marker = {"color": colour, **settings.pop("marker", {})}
    figures = {along: list(names), across: list(values), "marker": marker}
    return {"type": "bar", **direction, **figures, **_pointed_at(hover, links), **settings}


def line(
    x: Iterable[object],
    y: Iterable[object],
    *,
    colour: str,
    width: float = 2,
    dash: str | None = None,
    hover: str | None = None,
    links: Links | None = None,
    **settings: Any,
) -> Mark:
    """A line through the points, `width` pixels wide."""
    stroke = {"color": colour, "width": width, **({"dash": dash} if dash else {}), **settings.pop("line", {})}
    figures = {"x": list(x), "y": list(y), "line": stroke}
    return {"type": "scatter", "mode": "lines", **figures, **_pointed_at(hover, links), **settings}


def dots(
    x: Iterable[object],
    y: Iterable[object],
    *,
    colour: str,
    size: float,
    hover: str | None = None,
    links: Links | None = None,
    **settings: Any,
) -> Mark:
    """A dot at each point, `size` pixels across."""
    marker = {"color": colour, "size": size, **settings.pop("marker", {})}
    figures = {"x": list(x), "y": list(y), "marker": marker}
    return {"type": "scatter", "mode": "markers", **figures, **_pointed_at(hover, links), **settings}


def heatmap(
    x: Iterable[object],
    y: Iterable[object],
    shades: Sequence[Sequence[float | None]],
    *,
    hover: str,
    links: Sequence[Links],
    **settings: Any,
) -> Mark:
    """A grid of cells, rows first; `links` has the address of each cell, and a cell whose shade is None is empty."""
    look = {"colorscale": HEAT, "showscale": False, "hoverongaps": False, "xgap": 2, "ygap": 2}
    figures = {"x": list(x), "y": list(y), "z": shades, "customdata": links}
    return {"type": "heatmap", **figures, **look, "hovertemplate": shown(hover), **settings}


def whiskers(
    lows: Iterable[float], values: Iterable[float], highs: Iterable[float], **look: Any
) -> dict[str, Any]:
    """Intervals around values along the x axis: a mark's `error_x`."""
    ends = [(value - low, high - value) for low, value, high in zip(lows, values, highs, strict=True)]
    below, above = [end[0] for end in ends], [end[1] for end in ends]
    return {"type": "data", "symmetric": False, "array": above, "arrayminus": below, **look}


def upright(x: object, *, colour: str, width: float) -> dict[str, Any]:
    """A dotted line from the foot of the chart to its top: one of the layout's `shapes`."""
    stroke = {"color": colour, "width": width, "dash": "dot"}
    return {"type": "line", "x0": x, "x1": x, "yref": "paper", "y0": 0, "y1": 1, "line": stroke}


def note(text: str, *, x: object, y: object, **settings: Any) -> dict[str, Any]:
    """Words in the chart, without an arrow: one of the layout's `annotations`."""
    return {"text": text, "x": x, "y": y, "showarrow": False, **settings}


def titled(text: str) -> dict[str, Any]:
    """The part of an axis that names it."""
    return {"title": {"text": text}}


def shown(hover: str) -> str:
    """A hover template without the second box in which plotly.js names the mark."""
    return f"{hover}<extra></extra>"


def _pointed_at(hover: str | None, links: Links | None) -> dict[str, Any]:
    """The settings for what a mark shows on hover and opens when pressed."""
    template = {} if hover is None else {"hovertemplate": shown(hover)}
    return template if links is None else {**template, "customdata": links}
