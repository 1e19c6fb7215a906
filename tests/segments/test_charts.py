"""Charts of segments: figures plotly accepts, titles that say the finding, the same numbers as a table."""

from datetime import date
from typing import Any

import plotly.graph_objects as go
import pytest

from lib.charts import Chart
from segments.charts import moves_sankey, score_heatmap, segment_treemap, segment_trend
from segments.models import ScoreCell, Segment
from segments.queries import SegmentFlow, SizedSegment, SizeOnDay

CHAMPIONS = Segment(pk=1, key="champions", name="Champions", health=1)
AT_RISK = Segment(pk=2, key="at-risk", name="At risk", health=8)
NOBODY = Segment(pk=3, key="new", name="New", health=4)


def sized(segment: Segment, customers: int, revenue: int) -> SizedSegment:
    return SizedSegment(
        segment=segment,
        customers=customers,
        orders=customers,
        revenue=revenue,
        share_of_customers=customers / 100,
        share_of_revenue=revenue / 200_000,
        recency_days=10.0,
        change=None,
    )


SIZES = [sized(CHAMPIONS, 20, 150_000), sized(NOBODY, 0, 0), sized(AT_RISK, 80, 50_000)]
FLOWS = [
    SegmentFlow(CHAMPIONS, AT_RISK, 12),
    SegmentFlow(AT_RISK, CHAMPIONS, 3),
    SegmentFlow(None, CHAMPIONS, 5),
    SegmentFlow(AT_RISK, None, 1),
]
CELLS = [ScoreCell(r=5, f=5, customers=9, revenue=1), ScoreCell(r=1, f=1, customers=16, revenue=1)]
HISTORY = [SizeOnDay(date(2025, 1, 1), 10, 1), SizeOnDay(date(2025, 2, 1), 12, 2)]


def treemap(measure: Any = "customers") -> Chart:
    return segment_treemap(SIZES, measure=measure, currency="GBP", link=lambda one: f"/{one.key}")


def heatmap() -> Chart:
    return score_heatmap(CELLS, bins=5, title="A finding", link=lambda r, f: f"/r{r}f{f}")


def sankey() -> Chart:
    return moves_sankey(
        FLOWS, subtitle="Customers since 1 Nov", link=lambda flow: f"/{flow.before}-{flow.after}"
    )


def every_chart() -> list[Chart]:
    return [treemap(), treemap("revenue"), heatmap(), sankey(), segment_trend(CHAMPIONS, HISTORY)]


@pytest.mark.parametrize("chart", every_chart(), ids=lambda chart: chart.id)
def test_plotly_accepts_the_figure(chart: Chart) -> None:
    figure = go.Figure(data=chart.figure["data"], layout=chart.figure["layout"])
    assert len(figure.data) == 1


@pytest.mark.parametrize("chart", every_chart(), ids=lambda chart: chart.id)
def test_chart_has_a_finding_a_measure_and_a_table(chart: Chart) -> None:
    assert chart.title
    assert chart.subtitle
    assert chart.rows
    assert all(len(row) == len(chart.columns) for row in chart.rows)
    assert not chart.links or len(chart.links) == len(chart.rows)


def test_treemap_leaves_out_empty_segments_and_says_each_share_on_the_mark() -> None:
    (trace,) = treemap().figure["data"]
    assert trace["labels"] == ["Champions", "At risk"]
    assert trace["values"] == [20, 80]
    assert trace["text"] == ["20 · 20.0%", "80 · 80.0%"]
    assert trace["customdata"] == ("/champions", "/at-risk")


def test_treemap_of_revenue_is_measured_in_money() -> None:
    (trace,) = treemap("revenue").figure["data"]
    assert trace["values"] == [150_000, 50_000]
    assert trace["text"][0] == "£1,500 · 75.0%"
    assert treemap("revenue").title == "Champions, 20.0% of customers, brings 75.0% of revenue"


def test_segment_of_negative_revenue_has_no_area() -> None:
    owed = [sized(CHAMPIONS, 3, -500), sized(AT_RISK, 1, 100)]
    chart = segment_treemap(owed, measure="revenue", currency="GBP", link=lambda one: "/")
    assert chart.figure["data"][0]["labels"] == ["At risk"]


def test_heatmap_has_the_best_of_both_scores_at_the_top_right() -> None:
    (trace,) = heatmap().figure["data"]
    assert (trace["y"][-1], trace["x"][-1]) == ("5", "5")
    assert trace["text"][4][4] == "9"
    assert trace["text"][0][0] == "16"
    assert trace["customdata"][4][4] == "/r5f5"


def test_heatmap_shades_nobody_with_nothing_and_links_nowhere() -> None:
    (trace,) = heatmap().figure["data"]
    assert trace["z"][2][2] is None
    assert trace["customdata"][2][2] == ""


def test_heatmap_shade_follows_the_root_of_the_count() -> None:
    (trace,) = heatmap().figure["data"]
    assert (trace["z"][4][4], trace["z"][0][0]) == (3.0, 4.0)


def test_sankey_joins_each_segment_on_the_left_with_the_ones_on_the_right() -> None:
    (trace,) = sankey().figure["data"]
    labels = trace["node"]["label"]
    bands = list(zip(trace["link"]["source"], trace["link"]["target"], trace["link"]["value"], strict=True))
    named = {(labels[source], labels[target], value) for source, target, value in bands}
    assert named == {
        ("Champions", "At risk", 12),
        ("At risk", "Champions", 3),
        ("New customers", "Champions", 5),
        ("At risk", "In no segment", 1),
    }
    lefts, rights = set(trace["link"]["source"]), set(trace["link"]["target"])
    assert not lefts & rights


def test_sankey_has_the_healthiest_on_top_and_no_node_on_another() -> None:
    (trace,) = sankey().figure["data"]
    node, link = trace["node"], trace["link"]
    assert node["label"] == ["Champions", "At risk", "New customers", "Champions", "At risk", "In no segment"]
    height = 300 - 2 * 12
    for ends, places in ((link["source"], range(3)), (link["target"], range(3, 6))):
        sizes = [sum(n for end, n in zip(ends, link["value"], strict=True) if end == at) for at in places]
        scale = (height - 2 * node["pad"]) / 21
        tops = [node["y"][at] * height - n * scale / 2 for at, n in zip(places, sizes, strict=True)]
        feet = [node["y"][at] * height + n * scale / 2 for at, n in zip(places, sizes, strict=True)]
        assert [top - foot for foot, top in zip(feet, tops[1:], strict=False)] == pytest.approx(
            [16, 16], abs=0.1
        )
        assert (tops[0], feet[-1]) == pytest.approx((0, height), abs=0.1)


def test_sankey_tells_up_from_down() -> None:
    (trace,) = sankey().figure["data"]
    down, up, arrived, left = trace["link"]["color"]
    assert (down, up) == ("var(--band-down)", "var(--band-up)")
    assert arrived == left == "var(--band-other)"


def test_trend_has_a_point_a_day_and_a_change_from_the_one_before() -> None:
    chart = segment_trend(CHAMPIONS, HISTORY)
    (trace,) = chart.figure["data"]
    assert (trace["x"], trace["y"]) == (["2025-01-01", "2025-02-01"], [10, 12])
    assert chart.rows == [(date(2025, 1, 1), 10, None), (date(2025, 2, 1), 12, "+2")]
