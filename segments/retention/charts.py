"""Charts of who comes back: rows in, a Chart out. No database, no addresses made here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from math import sqrt
from typing import Any

from lib.charts import Chart, layout
from lib.money import format_money, to_decimal
from lib.wording import NOTHING, number_text, percent_text
from segments.models import ConcentrationStep
from segments.retention.findings import (
    cohorts_finding,
    concentration_finding,
    month_text,
    second_orders_finding,
    whole_percent,
)
from segments.retention.queries import Cohort, Measure, ReturnCurve, SecondOrders, mean_shares
from segments.retention.tables import WINDOWS

_HEAT = [[step / 4, f"var(--heat-{step + 1})"] for step in range(5)]
_UNSETTLED = [[0, "var(--heat-0)"], [1, "var(--heat-0)"]]
_NARROW_WIDTH, _NARROW_DIGIT = 250, 6  # pixels: of a phone's triangle, and of a figure in it


def cohort_triangle(
    cohorts: Sequence[Cohort],
    *,
    measure: Measure,
    as_share: bool,
    whom: str,
    currency: str,
    link: Callable[[date, int], str],
) -> Chart:
    """A row a cohort, a column a month after its own, the newest cohort at the bottom.

    The month still running is grey: its figures will grow. Shares leave out the cohort's own month, which is
    the whole; a cell's shade follows the square root of an amount, or the first column would leave the others
    alike.
    """
    if as_share:  # the newest has its own month alone
        cohorts = [cohort for cohort in cohorts if len(cohort.amounts) > 1]
    values: list[list[float | None]] = [
        cohort.shares() if as_share else list(cohort.amounts) for cohort in cohorts
    ]
    ages = range(1 if as_share else 0, max(len(row) for row in values))
    settled = [_cells(row[:-1], ages) for row in values]
    running = [_cells([*[None] * (len(row) - 1), row[-1]], ages) for row in values]

    def text(value: float | None) -> str:
        return _cell_text(value, measure, currency, as_share=as_share)

    people = [[link(cohort.month, age) for age in range(len(cohort.amounts))] for cohort in cohorts]
    links = [[row[age] if age < len(row) else None for age in ages] for row in people]
    shades = [[value if as_share else _shade(value) for value in row] for row in settled]
    traces = [
        _heat(cohorts, ages, shades, settled, text, _HEAT, "var(--text)"),
        _heat(cohorts, ages, [_flat(row) for row in running], running, text, _UNSETTLED, "var(--muted)"),
    ]
    for trace in traces:
        trace["customdata"] = links
    of_what = {
        "customers": "Customers who ordered",
        "orders": "Orders",
        "revenue": f"Revenue, {currency}",
    }[measure]
    unit = f"{of_what}, in per cent of the cohort’s first month" if as_share else of_what
    every = [_cells(row, range(len(ages) + ages.start)) for row in values]
    return Chart(
        id="cohorts",
        title=cohorts_finding(mean_shares(cohorts), measure),
        subtitle=(
            f"{unit}, by month of the first order and months after it; {whom}. Grey: the month still running. "
            "Press a cell for its people"
        ),
        figure={
            "data": traces,
            "layout": _triangle_layout(),
            "narrow": {"data": [_narrow(traces)] * 2, "layout": {"margin": {"l": 0}}},
        },
        columns=("Cohort", "Customers", *(f"+{age}" for age in range(len(ages) + ages.start))),
        rows=[
            (
                month_text(cohort.month),
                cohort.customers,
                *(_table_cell(value, measure, currency, as_share=as_share) for value in row),
            )
            for cohort, row in zip(cohorts, every, strict=True)
        ],
        links=tuple(row[0] for row in people),
        cell_links=[(None, None, *_padded(row, len(ages) + ages.start)) for row in people],
        height=max(280, 26 * len(cohorts) + 60),
    )


def _padded(links: Sequence[str], cells: int) -> list[str | None]:
    return [*links, *[None] * (cells - len(links))]


def _narrow(traces: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Small figures in the cells of a phone's triangle, and none where they would run into each other."""
    rows = [row for trace in traces for row in trace["text"]]
    longest = max(len(text) for row in rows for text in row)
    fits = longest * len(rows[0]) * _NARROW_DIGIT <= _NARROW_WIDTH
    return {"textfont": {"size": 9}, "texttemplate": "%{text}" if fits else ""}


def _cells(row: Sequence[float | None], ages: range) -> list[float | None]:
    return [row[age] if age < len(row) else None for age in ages]


def _shade(value: float | None) -> float | None:
    return None if value is None else sqrt(max(value, 0))


def _flat(row: Sequence[float | None]) -> list[float | None]:
    return [None if value is None else 0 for value in row]


def _heat(
    cohorts: Sequence[Cohort],
    ages: range,
    shades: list[list[float | None]],
    values: list[list[float | None]],
    text: Any,
    scale: list[list[Any]],
    colour: str,
) -> dict[str, Any]:
    return {
        "type": "heatmap",
        "x": [str(age) for age in ages],
        "y": [month_text(cohort.month) for cohort in cohorts],
        "z": shades,
        "text": [[text(value) for value in row] for row in values],
        "texttemplate": "%{text}",
        "textfont": {"size": 12, "color": colour},
        "hovertemplate": "%{y}, %{x} months after: %{text}<extra></extra>",
        "hoverongaps": False,
        "colorscale": scale,
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
    }


def _triangle_layout() -> dict[str, Any]:
    return layout(
        xaxis={"type": "category", "title": {"text": "Months after the first order"}, "showline": False},
        yaxis={"type": "category", "autorange": "reversed", "showgrid": False, "nticks": 0, "dtick": 1},
    )


def _cell_text(value: float | None, measure: Measure, currency: str, *, as_share: bool) -> str:
    """Short enough for a cell: 12 (per cent), 1,204, 12k."""
    if value is None:
        return ""
    if as_share:
        return number_text(value * 100, 0)
    amount = float(to_decimal(int(value), currency)) if measure == "revenue" else value
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if abs(amount) >= 10 * size or (abs(amount) >= size and letter == "M"):
            return f"{number_text(amount / size, 0 if abs(amount) >= 10 * size else 1)}{letter}"
    return number_text(amount, 0)


def _table_cell(value: float | None, measure: Measure, currency: str, *, as_share: bool) -> str | None:
    if value is None:
        return None
    if as_share:
        return percent_text(value)
    return format_money(int(value), currency) if measure == "revenue" else number_text(value)


def second_order_curves(
    curves: Sequence[ReturnCurve],
    windows: Sequence[SecondOrders],
    by_cohort: Mapping[date, Mapping[int, SecondOrders]],
    *,
    link: Callable[[date], str],
) -> Chart:
    """How soon each cohort ordered again, a line each; the newest stands out."""
    lines = [
        _curve(curve, link(curve.month) if curve.month in by_cohort else None, is_newest=curve is curves[-1])
        for curve in curves
    ]
    months = sorted(by_cohort)
    newest = f"; the bold line is {month_text(curves[-1].month)}" if curves else ""
    return Chart(
        id="second-orders",
        title=second_orders_finding(windows),
        subtitle=(
            "Share of a cohort with a second order, by days since the first, as far as everybody in it has come"
            f"{newest}. The table counts those whose days are over"
        ),
        figure={
            "data": lines,
            "layout": layout(
                xaxis={
                    "title": {"text": "Days since the first order"},
                    "tickvals": [0, *WINDOWS],
                    "range": [0, WINDOWS[-1] + 2],
                },
                yaxis={"tickformat": ".0%"},
                margin={"r": 16},
            ),
        },
        columns=("Cohort", *(name for days in WINDOWS for name in (f"Within {days} days", "of"))),
        rows=[(month_text(month), *_window_cells(by_cohort[month])) for month in months],
        links=tuple(link(month) for month in months),
    )


def _window_cells(found: Mapping[int, SecondOrders]) -> list[object]:
    cells: list[object] = []
    for days in WINDOWS:
        window = found.get(days)
        cells += [percent_text(window.share), window.elapsed] if window else [NOTHING, None]
    return cells


def _curve(curve: ReturnCurve, opens: str | None, *, is_newest: bool) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": month_text(curve.month),
        "x": list(range(len(curve.shares))),
        "y": list(curve.shares),
        "customdata": [opens] * len(curve.shares),
        "line": {
            "color": "var(--mark)" if is_newest else "var(--mark-past)",
            "width": 3 if is_newest else 1.25,
            "shape": "hv",
        },
        "hovertemplate": (
            f"{month_text(curve.month)}, {number_text(curve.customers)} customers<br>"
            "%{y:.1%} within %{x} days<extra></extra>"
        ),
    }


def concentration_curve(
    steps: Sequence[ConcentrationStep],
    *,
    currency: str,
    period: str,
    link: Callable[[ConcentrationStep], str],
) -> Chart:
    """Revenue by the share of customers who bring it, those who spent most first; the dots are equal shares."""
    whole = steps[-1].net
    shares = [step.net / whole if whole > 0 else 0.0 for step in steps]
    links = tuple(link(step) for step in steps)
    axis = {"tickformat": ".0%", "range": [0, 1.02], "nticks": 6}
    return Chart(
        id="concentration",
        title=concentration_finding(steps),
        subtitle=f"Share of revenue by share of customers, those who spent most first, {period}; dots: all alike",
        figure={
            "data": _concentration_traces(steps, shares, links),
            "layout": layout(
                xaxis={**axis, "title": {"text": "Customers, those who spent most first"}}, yaxis=axis
            ),
        },
        columns=(
            "Customers",
            "How many",
            "Share of revenue",
            f"Revenue, {currency}",
            f"At least, {currency}",
        ),
        rows=[
            (
                f"{step.percent}%",
                step.customers,
                percent_text(share),
                format_money(step.net, currency),
                format_money(step.least, currency),
            )
            for step, share in zip(steps, shares, strict=True)
        ],
        links=links,
    )


def _concentration_traces(
    steps: Sequence[ConcentrationStep], shares: Sequence[float], links: Sequence[str]
) -> list[dict[str, Any]]:
    """Equal shares, the curve, and the mark on its tenth. `shares`: of revenue, at each step."""
    tenth = next(share for step, share in zip(steps, shares, strict=True) if step.percent == 10)
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "x": [0, 1],
            "y": [0, 1],
            "line": {"color": "var(--mark-past)", "width": 1.5, "dash": "dot"},
            "hoverinfo": "skip",
        },
        {
            "type": "scatter",
            "mode": "lines",
            "x": [0, *(step.percent / 100 for step in steps)],
            "y": [0, *shares],
            "customdata": [None, *links],
            "line": {"color": "var(--mark)", "width": 2.5},
            "hovertemplate": "%{x:.0%} of customers bring %{y:.1%} of revenue<extra></extra>",
        },
        {
            "type": "scatter",
            "mode": "markers+text",
            "x": [0.1],
            "y": [tenth],
            "text": [f"  10% bring {whole_percent(tenth)}"],
            "textposition": "middle right",
            "marker": {"size": 9, "color": "var(--mark)"},
            "hoverinfo": "skip",
        },
    ]
