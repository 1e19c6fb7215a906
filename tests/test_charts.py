"""What holds for every chart of the site: each function that makes one has a sample here, and a new one without
a sample fails.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from importlib import import_module
from inspect import getmembers, isfunction
from typing import Any, get_type_hints

import plotly.graph_objects as go
import pytest

from accounts.models import Store
from lib.charts import Chart
from loyalty_site.paths import BASE_DIR
from segments.chain import Span
from segments.charts import segment_trend
from segments.grading.charts import bought_chart
from segments.grading.queries import GradedPeople, GradedScheme, GradedSegment
from segments.history.cause_queries import ARRIVED, BOUGHT, CUT_POINTS, Part, SegmentCauses
from segments.history.charts import change_waterfall
from segments.models import ConcentrationStep, GapSummary, Grading, Refresh, Segment
from segments.retention import rhythm_charts
from segments.retention.charts import concentration_curve, second_order_curves
from segments.retention.models import DeliveryReturn
from segments.retention.queries import Lapses, ReturnAfterDelivery, ReturnCurve, SecondOrders
from segments.value.charts import alive_chart, groups_chart, weeks_chart
from tests.orders import test_charts as orders
from tests.segments import test_charts as segments
from tests.segments.retention.test_charts import triangle
from tests.segments.value import test_charts as value
from tests.segments.value.test_calibration import kept

LOYAL = Segment(pk=1, key="loyal", name="Loyal", health=2)
AT_RISK = Segment(pk=2, key="at-risk", name="At risk", health=8)
# What a chart may be of: a subtitle names one of them, or a currency.
UNITS = (
    "customers", "orders", "deliveries", "people", "share", "%", "per cent", "days", "p(alive)", "times",
    "revenue",
)  # fmt: skip


def waterfall() -> Chart:
    parts = {BOUGHT: Part(3, 9), CUT_POINTS: Part(8, 0), ARRIVED: Part(4, 0)}
    return change_waterfall(
        Span(Store(), Refresh(as_of=date(2025, 5, 1)), Refresh(as_of=date(2025, 6, 1)), ()),
        SegmentCauses(LOYAL, then=40, now=46, parts=parts),
        list(parts),
        title="Loyal grew by 6 since 1 May",
        link=lambda group: f"/s/shop/segments/why/?cause={group.key}",
    )


def graded() -> Chart:
    everybody = GradedPeople(customers=100, buyers=40, spend=90_000)
    halves = [GradedPeople(60, 36, 80_000), GradedPeople(40, 4, 10_000)]
    return bought_chart(
        Grading(as_of=date(2025, 3, 1), until_on=date(2025, 5, 30)),
        GradedScheme(
            [
                GradedSegment(one, people, everybody)
                for one, people in zip((LOYAL, AT_RISK), halves, strict=True)
            ],
            everybody,
            None,
        ),
        link=lambda segment: f"/s/shop/segments/{segment.key}/",
    )


def curves() -> Chart:
    windows = [SecondOrders(days, 200, 2 * days) for days in (30, 60, 90)]
    return second_order_curves(
        [ReturnCurve(date(2025, month, 1), 100, (0.0, 0.1, 0.2)) for month in (1, 2)],
        windows,
        {date(2025, 1, 1): {window.days: window for window in windows}},
        link=lambda month: f"/s/shop/customers/?first={month}",
    )


def concentration() -> Chart:
    steps = [ConcentrationStep(percent=n, customers=2 * n, net=1000 * n, least=500) for n in range(1, 101)]
    return concentration_curve(
        steps, currency="GBP", period="all orders so far", link=lambda step: f"/top/{step.percent}"
    )


def returns() -> Chart:
    outcomes = (DeliveryReturn.Outcome.KEPT, DeliveryReturn.Outcome.LATE)
    return rhythm_charts.delivery_chart(
        [ReturnAfterDelivery(outcome, 100, back) for outcome, back in zip(outcomes, (60, 40), strict=True)],
        link=lambda outcome: f"/first/{outcome.value}",
    )


GAPS = [GapSummary(number=number, gaps=90, median=30 - number, long=60) for number in (1, 2)]
LAPSES = Lapses(((date(2025, 4, 1), 9, 2), (date(2025, 5, 1), 7, 1), (date(2025, 6, 1), 1, 0)), lapsed_now=14)
SAMPLES: dict[str, Callable[[], Chart]] = {
    "orders.charts.on_time_by_month": orders.on_time,
    "orders.charts.days_late_bars": orders.days_late,
    "orders.charts.method_shares_by_month": orders.method_shares,
    "orders.charts.guests_by_month_bars": orders.guests_bars,
    "orders.charts.time_to_register_bars": orders.register_bars,
    "segments.charts.segment_treemap": segments.treemap,
    "segments.charts.score_heatmap": segments.heatmap,
    "segments.charts.moves_sankey": segments.sankey,
    "segments.charts.segment_trend": lambda: segment_trend(LOYAL, segments.HISTORY),
    "segments.grading.charts.bought_chart": graded,
    "segments.history.charts.change_waterfall": waterfall,
    "segments.retention.charts.cohort_triangle": lambda: triangle([(200, 50, 20), (100, 30), (40,)]),
    "segments.retention.charts.second_order_curves": curves,
    "segments.retention.charts.concentration_curve": concentration,
    "segments.retention.rhythm_charts.gaps_chart": lambda: rhythm_charts.gaps_chart(
        (5, 3, 1), GAPS[0], link=lambda weeks: f"/{weeks}"
    ),
    "segments.retention.rhythm_charts.gap_numbers_chart": lambda: rhythm_charts.gap_numbers_chart(GAPS),
    "segments.retention.rhythm_charts.lapses_chart": lambda: rhythm_charts.lapses_chart(
        LAPSES, link=lambda month, won_back: f"/{month:%Y-%m}/{won_back}"
    ),
    "segments.retention.rhythm_charts.delivery_chart": returns,
    "segments.value.charts.segment_values": value.segments_chart,
    "segments.value.charts.value_distribution": value.bands_chart,
    "segments.value.charts.alive_chart": lambda: alive_chart(value.ALIVE),
    "segments.value.charts.weeks_chart": lambda: weeks_chart(kept()),
    "segments.value.charts.groups_chart": lambda: groups_chart(kept(), link=lambda group: f"/{group.x}"),
}

every_chart = pytest.mark.parametrize("make", SAMPLES.values(), ids=list(SAMPLES))


def makers() -> Iterator[str]:
    """Every public function of a charts module that returns a Chart, by its full name."""
    for path in BASE_DIR.glob("[!.]*/**/*charts.py"):
        name = ".".join(path.relative_to(BASE_DIR).with_suffix("").parts)
        if name.startswith(("tests.", "lib.")):
            continue
        module = import_module(name)
        for function_name, function in getmembers(module, isfunction):
            is_own = function.__module__ == name and not function_name.startswith("_")
            if is_own and get_type_hints(function).get("return") is Chart:
                yield f"{name}.{function_name}"


def strings(part: Any) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict):
        for inner in part.values():
            yield from strings(inner)
    elif isinstance(part, (list, tuple)):
        for inner in part:
            yield from strings(inner)


def opened(figure: dict[str, Any]) -> set[str]:
    """The addresses that marks open."""
    parts = [
        part.get("customdata", ()) for trace in figure["data"] for part in (trace, trace.get("link", {}))
    ]
    return {text for text in strings(parts) if text.startswith("/")}


def test_every_function_that_makes_a_chart_has_a_sample() -> None:
    assert sorted(makers()) == sorted(SAMPLES)


@every_chart
def test_title_says_a_finding_in_words(make: Callable[[], Chart]) -> None:
    title = make().title
    assert len(title.split()) >= 2
    assert re.match(r"[A-Z0-9£€$]", title)
    assert not title.endswith((".", ":"))


@every_chart
def test_subtitle_says_what_is_measured_and_in_what(make: Callable[[], Chart]) -> None:
    subtitle = make().subtitle
    assert subtitle != make().title
    assert any(unit in subtitle.lower() for unit in UNITS) or "GBP" in subtitle
    assert not subtitle.endswith(".")


@every_chart
def test_table_has_the_figures_that_are_drawn_under_named_columns(make: Callable[[], Chart]) -> None:
    chart = make()
    assert chart.rows
    assert {len(cells) for _, cells in chart.table} == {len(chart.columns)}
    assert all(chart.columns)
    assert all(cells[0].text for _, cells in chart.table)


@every_chart
def test_what_a_press_on_a_mark_opens_the_table_opens_too(make: Callable[[], Chart]) -> None:
    chart = make()
    reached = {link for row_link, cells in chart.table for link in (row_link, *(cell.link for cell in cells))}
    assert opened(chart.figure) <= reached


@every_chart
def test_colours_are_those_of_the_page_in_both_themes(make: Callable[[], Chart]) -> None:
    found = list(strings([make().figure["data"], make().figure["layout"], make().figure.get("narrow", {})]))
    assert not [text for text in found if re.fullmatch(r"#[0-9a-f]{3,8}", text, re.IGNORECASE)]
    used = {match for text in found for match in re.findall(r"^var\(--([\w-]+)\)$", text)}
    sheets = "".join(path.read_text() for path in (BASE_DIR / "static" / "css").glob("*.css"))
    assert used <= set(re.findall(r"--([\w-]+): light-dark\(", sheets))


@every_chart
def test_plotly_knows_every_setting_also_the_narrow_ones(make: Callable[[], Chart]) -> None:
    figure = make().figure
    go.Figure(data=figure["data"], layout=figure["layout"])
    narrow = figure.get("narrow", {})
    for trace, changes in zip(figure["data"], narrow.get("data", []), strict=False):
        go.Figure(data=[{"type": trace["type"], **changes}])
    go.Figure(layout=narrow.get("layout", {}))
