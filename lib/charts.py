"""Charts as plain dicts: the figure plotly.js draws, and the same numbers as a table.

Colours are the page's custom properties, written "var(--name)"; static/js/charts.js resolves them when it
draws and again when the theme switches. Where an entry of `customdata` is a path of the site ("/s/..."),
a click on its mark opens it; give the same paths as `links` or `cell_links`, so that the table opens them too, also
without a mouse. Marks and axes are put together by lib.marks.

A figure is {"data": [...], "layout": {...}} and may have "narrow", of the same shape: its settings override those of
the traces and the layout when the chart is drawn narrower than 480 px.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import orjson
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from lib.wording import NOTHING, day_text, number_text

FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif'
SEGMENT_COLOURS = 12

# A figure already written as text: 26.7%, +12, £1,204, <0.1%.
_FIGURE = re.compile(r"[<+−-]?[^\w\s]?\d[\d,.]*%?")
# The five characters that could end a script element or start markup, as JSON escapes. Replaced one after the
# other: that takes a tenth of the time of str.translate.
_IN_SCRIPT = {c: f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


@dataclass(frozen=True)
class Cell:
    """One cell of the table view: what is read, what the CSV carries, whether it is a figure, what it opens."""

    text: str
    value: str
    is_number: bool
    link: str | None = None


@dataclass(frozen=True)
class Chart:
    """One chart of a page. `rows` are the numbers of `figure`; `links`, if any, has one entry per row.

    If the cells of a row open different people, `cell_links` has a link (or None) for each cell of each row.
    """

    id: str
    title: str
    subtitle: str
    figure: dict[str, Any]
    columns: tuple[str, ...]
    rows: Sequence[tuple[object, ...]]
    height: int = 320
    links: tuple[str | None, ...] = ()
    cell_links: Sequence[Sequence[str | None]] = ()

    @property
    def table(self) -> list[tuple[str | None, list[Cell]]]:
        """The table view: a link or None, and the cells, of each row."""
        links = self.links or (None,) * len(self.rows)
        cells = self.cell_links or [(None,) * len(row) for row in self.rows]
        return [
            (link, [replace(_cell(value), link=own) for value, own in zip(row, inner, strict=True)])
            for link, row, inner in zip(links, self.rows, cells, strict=True)
        ]

    @property
    def table_body(self) -> SafeString:
        """The rows of the table view as HTML; a template takes ten times as long for a table of hundreds of cells."""
        rows = [f"<tr{_attribute('data-href', link)}>{_row(link, cells)}</tr>" for link, cells in self.table]
        return mark_safe("".join(rows))  # noqa: S308  # every text and attribute in it is escaped

    @property
    def numeric_columns(self) -> list[tuple[str, bool]]:
        """Each column's name, and whether its first known value is a figure."""
        return [(name, self._is_numeric(place)) for place, name in enumerate(self.columns)]

    @property
    def script(self) -> SafeString:
        """The figure as a JSON data block, which a strict content policy lets stand in a page."""
        json = orjson.dumps(self.figure, default=_plain, option=orjson.OPT_SERIALIZE_NUMPY).decode()
        for character, escaped in _IN_SCRIPT.items():
            json = json.replace(character, escaped)
        return format_html(
            '<script type="application/json" id="{}-figure">{}</script>',
            self.id,
            mark_safe(json),  # noqa: S308  # no character that could close the element
        )

    def _is_numeric(self, place: int) -> bool:
        known = (row[place] for row in self.rows if row[place] not in (None, NOTHING))
        return _cell(next(known, None)).is_number


def segment_colour(health: int) -> str:
    """The colour of the segment with this health (1 is the healthiest), in every chart and both themes."""
    return f"var(--segment-{min(max(health, 1), SEGMENT_COLOURS)})"


def layout(**overrides: Any) -> dict[str, Any]:
    """The layout every chart begins from: few lines, no legend, the page's colours.

    `overrides` are merged in depth: layout(xaxis={"title": "Month"}) keeps the axis's other settings.
    """
    return merged(_base_layout(), overrides)


def merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with `changes` laid over it, dicts merged in depth; neither is altered."""
    result = dict(base)
    for name, change in changes.items():
        below = result.get(name)
        if isinstance(below, Mapping) and isinstance(change, Mapping):
            change = merged(below, change)
        result[name] = change
    return result


def _base_layout() -> dict[str, Any]:
    axis = {
        "automargin": True,
        "fixedrange": True,
        "zeroline": False,
        "ticks": "",
        "tickfont": {"color": "var(--muted)"},
        "title": {"font": {"color": "var(--muted)", "size": 13}, "standoff": 8},
    }
    return {
        "font": {"family": FONT, "size": 13, "color": "var(--text)"},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8, "pad": 4},
        "xaxis": {**axis, "tickangle": 0, "showgrid": False, "linecolor": "var(--line)", "showline": True},
        "yaxis": {**axis, "showgrid": True, "gridcolor": "var(--line)", "rangemode": "tozero", "nticks": 5},
        "hoverlabel": {
            "bgcolor": "var(--panel)",
            "bordercolor": "var(--border)",
            "font": {"family": FONT, "size": 13, "color": "var(--text)"},
            "align": "left",
        },
        "hovermode": "closest",
        "dragmode": False,
        "showlegend": False,
        "bargap": 0.35,
        "colorway": ["var(--mark)", "var(--mark-other)", "var(--mark-past)"],
        "separators": ".,",
    }


def _row(link: str | None, cells: Sequence[Cell]) -> str:
    """The cells of a row; the first one opens what the row opens."""
    opens = [link or cells[0].link, *(cell.link for cell in cells[1:])]
    return "".join(_cell_html(cell, own) for cell, own in zip(cells, opens, strict=True))


def _cell_html(cell: Cell, link: str | None) -> str:
    text = escape(cell.text)
    content = f"<a{_attribute('href', link)}>{text}</a>" if link else text
    number = ' class="num"' if cell.is_number else ""
    return f"<td{number}{_attribute('data-value', cell.value)}>{content}</td>"


def _attribute(name: str, value: str | None) -> str:
    """The attribute with its value escaped; nothing for None."""
    return "" if value is None else f' {name}="{escape(value)}"'


def _cell(value: object) -> Cell:
    if value is None:
        return Cell(NOTHING, "", False)
    if isinstance(value, date):
        return Cell(day_text(value), value.isoformat(), False)
    if _is_number(value):
        assert isinstance(value, (int, float, Decimal))
        return Cell(number_text(value), str(value), True)
    return Cell(str(value), str(value), bool(_FIGURE.fullmatch(str(value))))


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} has no place in a figure")
