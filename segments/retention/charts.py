"""Charts of who comes back: rows in, a Chart out. No database, no addresses made here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt
from typing import Any, TypeVar

from lib.charts import Chart, layout
from lib.marks import HEAT, NAMES, NAMES_DOWN, SHARES, Mark, dots, heatmap, line, titled
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

T = TypeVar("T")

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
    """One row per cohort, one column per month after its own, the newest cohort at the bottom.

    The month still running is grey: its figures will grow. Shares leave out the cohort's own month, which is
    the whole, and so the newest cohort, which has no other.
    """
    if as_share:
        cohorts = [cohort for cohort in cohorts if len(cohort.amounts) > 1]
    values = [cohort.shares() if as_share else list(cohort.amounts) for cohort in cohorts]
    columns = range(max(len(row) for row in values))
    people = [[link(cohort.month, age) for age in range(len(cohort.amounts))] for cohort in cohorts]
    form = _Form(measure, currency, as_share=as_share)
    return Chart(
        id="cohorts",
        title=cohorts_finding(mean_shares(cohorts), measure),
        subtitle=(
            f"{form.unit}, by month of the first order and months after it; {whom}. Grey: the month still running. "
            "Press a cell for its people"
        ),
        figure=_triangle(cohorts, values, people, columns[1:] if as_share else columns, form),
        columns=("Cohort", "Customers", *(f"+{age}" for age in columns)),
        rows=[
            (month_text(cohort.month), cohort.customers, *map(form.in_table, _filled(row, columns)))
            for cohort, row in zip(cohorts, values, strict=True)
        ],
        links=tuple(row[0] for row in people),
        cell_links=[(None, None, *_filled(row, columns)) for row in people],
        height=max(280, 26 * len(cohorts) + 60),
    )


@dataclass(frozen=True)
class _Form:
    """How the amounts of a triangle are written; revenue is in minor units, shares are of the first month."""

    measure: Measure
    currency: str
    as_share: bool

    @property
    def unit(self) -> str:
        """What a cell counts."""
        amounts = {
            "customers": "Customers who ordered",
            "orders": "Orders",
            "revenue": f"Revenue, {self.currency}",
        }
        share = ", in per cent of the cohort’s first month" if self.as_share else ""
        return f"{amounts[self.measure]}{share}"

    def in_cell(self, value: float | None) -> str:
        """Short enough for a cell: 12 (per cent), 1,204, 12k."""
        if value is None:
            return ""
        if self.as_share:
            return number_text(value * 100, 0)
        amount = float(to_decimal(int(value), self.currency)) if self.measure == "revenue" else value
        for size, letter in ((1e6, "M"), (1e3, "k")):
            if abs(amount) >= 10 * size or (abs(amount) >= size and letter == "M"):
                return f"{number_text(amount / size, 0 if abs(amount) >= 10 * size else 1)}{letter}"
        return number_text(amount, 0)

    def in_table(self, value: float | None) -> str | None:
        """The same in full; None for a month that hasn't come."""
        if value is None:
            return None
        if self.as_share:
            return percent_text(value)
        return format_money(int(value), self.currency) if self.measure == "revenue" else number_text(value)

    def shade(self, value: float | None) -> float | None:
        """A share as it is; of an amount the square root, or the first column would leave the others
        indistinguishable.
        """
        return value if self.as_share or value is None else sqrt(max(value, 0))


def _triangle(
    cohorts: Sequence[Cohort],
    values: Sequence[Sequence[float | None]],
    people: Sequence[Sequence[str]],
    ages: range,
    form: _Form,
) -> dict[str, Any]:
    """Two grids, one over the other: the months that are over, and for each cohort the one still running."""
    settled = [_filled(row[:-1], ages) for row in values]
    running = [_filled([*[None] * (len(row) - 1), row[-1]], ages) for row in values]
    shades = [[form.shade(value) for value in row] for row in settled]
    flat: list[list[float | None]] = [[None if value is None else 0 for value in row] for row in running]
    grids = [
        heatmap(
            [str(age) for age in ages],
            [month_text(cohort.month) for cohort in cohorts],
            cells,
            text=[[form.in_cell(value) for value in row] for row in amounts],
            texttemplate="%{text}",
            textfont={"size": 12, "color": colour},
            colorscale=scale,
            hover="%{y}, %{x} months after: %{text}",
            links=[_filled(row, ages) for row in people],
        )
        for cells, amounts, scale, colour in (
            (shades, settled, HEAT, "var(--text)"),
            (flat, running, _UNSETTLED, "var(--muted)"),
        )
    ]
    return {
        "data": grids,
        "layout": layout(
            xaxis={**NAMES, **titled("Months after the first order"), "showline": False},
            yaxis={**NAMES_DOWN, "nticks": 0, "dtick": 1},
        ),
        "narrow": {"data": [_narrow(grids)] * 2, "layout": {"margin": {"l": 0}}},
    }


def _filled(row: Sequence[T | None], ages: range) -> list[T | None]:
    """The row's entries of these months, None for those that haven't come."""
    return [row[age] if age < len(row) else None for age in ages]


def _narrow(traces: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Small figures in the cells of a phone's triangle, and none where they would run into each other."""
    rows = [row for trace in traces for row in trace["text"]]
    longest = max(len(text) for row in rows for text in row)
    fits = longest * len(rows[0]) * _NARROW_DIGIT <= _NARROW_WIDTH
    return {"textfont": {"size": 9}, "texttemplate": "%{text}" if fits else ""}


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
    ticks = {"tickvals": [0, *WINDOWS], "range": [0, WINDOWS[-1] + 2]}
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
                xaxis={**titled("Days since the first order"), **ticks}, yaxis=SHARES, margin={"r": 16}
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


def _curve(curve: ReturnCurve, opens: str | None, *, is_newest: bool) -> Mark:
    cohort = month_text(curve.month)
    return line(
        range(len(curve.shares)),
        curve.shares,
        colour="var(--mark)" if is_newest else "var(--mark-past)",
        width=3 if is_newest else 1.25,
        line={"shape": "hv"},
        name=cohort,
        hover=f"{cohort}, {number_text(curve.customers)} customers<br>%{{y:.1%}} within %{{x}} days",
        links=[opens] * len(curve.shares),
    )


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
    axis = {**SHARES, "range": [0, 1.02], "nticks": 6}
    return Chart(
        id="concentration",
        title=concentration_finding(steps),
        subtitle=f"Share of revenue by share of customers, those who spent most first, {period}; dots: all alike",
        figure={
            "data": _concentration_marks(steps, shares, links),
            "layout": layout(xaxis={**axis, **titled("Customers, those who spent most first")}, yaxis=axis),
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


def _concentration_marks(
    steps: Sequence[ConcentrationStep], shares: Sequence[float], links: Sequence[str]
) -> list[Mark]:
    """Equal shares, the curve, and a dot at its tenth. `shares`: of revenue, at each step."""
    tenth = next(share for step, share in zip(steps, shares, strict=True) if step.percent == 10)
    return [
        line([0, 1], [0, 1], colour="var(--mark-past)", width=1.5, dash="dot", hoverinfo="skip"),
        line(
            [0, *(step.percent / 100 for step in steps)],
            [0, *shares],
            colour="var(--mark)",
            width=2.5,
            hover="%{x:.0%} of customers bring %{y:.1%} of revenue",
            links=[None, *links],
        ),
        dots(
            [0.1],
            [tenth],
            colour="var(--mark)",
            size=9,
            mode="markers+text",
            text=[f"  10% bring {whole_percent(tenth)}"],
            textposition="middle right",
            hoverinfo="skip",
        ),
    ]
