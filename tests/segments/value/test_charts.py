"""Charts of value: figures plotly accepts, titles that say the finding, the same numbers as a table."""

from __future__ import annotations

from itertools import chain

import plotly.graph_objects as go
import pytest

from lib.charts import Chart
from segments.models import Segment
from segments.value.charts import alive_chart, groups_chart, segment_values, value_distribution, weeks_chart
from segments.value.pictures import Row
from segments.value.queries import ValueOfSegment
from tests.segments.value.test_calibration import kept

CHAMPIONS = Segment(key="champions", name="Champions", health=1)
ROWS = [
    ValueOfSegment(CHAMPIONS, 20, 90.0, 700_000, 0.2, 0.7),
    ValueOfSegment(None, 80, 30.0, 300_000, 0.8, 0.3),
]
BANDS: list[Row] = [
    {"from": 0, "below": 500, "customers": 40, "value": 10_000},
    {"from": 500, "below": 1000, "customers": 30, "value": 20_000},
    {"from": 1000, "below": None, "customers": 30, "value": 70_000},
]
ALIVE: list[Row] = [
    {"group": 0, "from": 0, "below": 30, "customers": 40, "p_alive": 0.8},
    {"group": 0, "from": 30, "below": 60, "customers": 20, "p_alive": 0.4},
    {"group": 3, "from": 0, "below": 30, "customers": 9, "p_alive": 0.95},
]


def segments_chart() -> Chart:
    return segment_values(
        ROWS, currency="GBP", horizon_days=365, link=lambda segment: f"/s/shop/{segment.key}/"
    )


def bands_chart(currency: str = "GBP") -> Chart:
    return value_distribution(
        BANDS, [0.6, 1.0], currency=currency, horizon_days=365, link=lambda band: f"/{band['from']}"
    )


def groups() -> Chart:
    return groups_chart(kept(), link=lambda group: f"/{group.x}")


CHARTS = [segments_chart(), bands_chart(), alive_chart(ALIVE), weeks_chart(kept()), groups()]


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.id)
def test_plotly_accepts_the_figure(chart: Chart) -> None:
    assert go.Figure(data=chart.figure["data"], layout=chart.figure["layout"]).data


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.id)
def test_the_table_has_a_column_a_heading_and_nothing_empty(chart: Chart) -> None:
    assert {len(row) for row in chart.rows} == {len(chart.columns)}
    assert None not in chain.from_iterable(chart.rows)
    assert chart.title
    assert chart.subtitle


def test_bars_of_segments_open_them() -> None:
    chart = segments_chart()
    assert chart.links == ("/s/shop/champions/", None)
    assert chart.figure["data"][0]["x"] == [7000.0, 3000.0]
    assert chart.rows[0] == ("Champions", 20, "£7,000", "70.0%", "£350")


def test_bands_are_named_in_major_units_of_the_currency() -> None:
    assert bands_chart().figure["data"][0]["x"] == ["under 5", "5+", "10+"]
    assert bands_chart("JPY").figure["data"][0]["x"] == ["under 500", "500+", "1,000+"]
    assert bands_chart().rows[2] == ("10+", 30, "£700", "70.0%")


def test_a_line_for_each_group_that_has_people() -> None:
    chart = alive_chart(ALIVE)
    assert [line["name"] for line in chart.figure["data"]] == ["Bought twice", "Bought 9 times or more"]
    assert chart.figure["data"][0]["y"] == [0.8, 0.4]
    assert chart.rows[1] == ("twice", "30 to 59", 20, "40.0%")


def test_weeks_tell_what_was_learned_from_what_was_foretold() -> None:
    chart = weeks_chart(kept())
    assert [row[1] for row in chart.rows] == ["learned from", "foretold"]
    assert chart.figure["layout"]["shapes"][0]["x0"] == "2026-05-30"


def test_the_last_group_is_so_many_and_more() -> None:
    assert groups().figure["data"][0]["x"] == ["0", "7+"]


def test_both_bars_of_a_group_and_its_row_open_its_people() -> None:
    chart = groups()
    assert chart.links == ("/0", "/7")
    assert [bars["customdata"] for bars in chart.figure["data"]] == [chart.links, chart.links]
