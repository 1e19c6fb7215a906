"""Marks are what plotly.js takes, and say what their arguments say."""

import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib import marks


@pytest.mark.parametrize(
    "mark",
    [
        marks.bars(["a", "b"], [1, 2], colour=["red", "blue"], links=["/a", None], **marks.TEXT_BEYOND),
        marks.bars(["a"], [1], colour="red", sideways=True, hover="%{y}"),
        marks.line([1, 2], [3, None], colour="red", dash="dot", line={"shape": "hv"}, name="A"),
        marks.dots([1], [2], colour="red", size=9, error_x=marks.whiskers([0], [1], [3], color="red")),
        marks.heatmap(["a"], ["b"], [[None]], hover="%{z}", links=[[None]]),
    ],
    ids=lambda mark: mark["type"],
)
def test_plotly_knows_every_setting(mark: marks.Mark) -> None:
    go.Figure(data=[mark])


def test_axes_and_lines_across_are_known_to_plotly() -> None:
    go.Figure(
        layout={
            "xaxis": {**marks.NAMES, **marks.titled("Month")},
            "yaxis": {**marks.NAMES_DOWN, **marks.SHARES, **marks.COUNTS},
            "shapes": [marks.upright(3, colour="red", width=1)],
            "annotations": [marks.note("everybody", x=3, y=1, yref="paper")],
        }
    )


def test_bars_lie_along_the_axis_of_their_names() -> None:
    standing = marks.bars(["a"], [5], colour="red")
    lying = marks.bars(["a"], [5], colour="red", sideways=True)
    assert (standing["x"], standing["y"]) == (["a"], [5])
    assert (lying["x"], lying["y"], lying["orientation"]) == ([5], ["a"], "h")


def test_settings_of_a_part_are_added_to_what_the_mark_says_of_it() -> None:
    assert marks.line([], [], colour="red", line={"shape": "hv"})["line"] == {
        "color": "red",
        "width": 2,
        "shape": "hv",
    }
    assert marks.dots([], [], colour="red", size=9, marker={"opacity": 0.5})["marker"] == {
        "color": "red",
        "size": 9,
        "opacity": 0.5,
    }


def test_a_mark_without_hover_or_links_says_nothing_of_them() -> None:
    assert not {"hovertemplate", "customdata"} & marks.bars(["a"], [1], colour="red").keys()


@given(st.lists(st.tuples(*[st.integers(0, 1000)] * 3).map(sorted), min_size=1))
def test_whiskers_reach_from_the_low_end_to_the_high_end(intervals: list[list[int]]) -> None:
    lows, values, highs = (list(column) for column in zip(*intervals, strict=True))
    drawn = marks.whiskers(lows, values, highs)
    assert [value - below for value, below in zip(values, drawn["arrayminus"], strict=True)] == lows
    assert [value + above for value, above in zip(values, drawn["array"], strict=True)] == highs
