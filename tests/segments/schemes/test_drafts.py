"""Drafts: read along other axes, in another number of scores."""

from __future__ import annotations

import pytest

from segments.rules import Axes
from segments.schemes.drafts import Draft, preset_draft, read_grid, reshaped
from segments.schemes.presets import PRESETS

AXES: tuple[Axes, ...] = ("rf", "r_fm", "rfm")


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_read_along_its_own_axes_a_draft_is_itself(preset: object) -> None:
    draft = preset_draft(preset)  # type: ignore[arg-type]
    assert reshaped(draft, draft.axes, draft.bins) == draft
    assert read_grid(draft.cube, draft.bins, draft.axes, draft.bins) == draft.grid


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_three_axes_say_all_that_two_say(preset: object) -> None:
    draft = preset_draft(preset)  # type: ignore[arg-type]
    cube = reshaped(draft, "rfm", draft.bins)
    assert cube.cube == draft.cube
    assert reshaped(cube, draft.axes, draft.bins).grid == draft.grid


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
@pytest.mark.parametrize("axes", AXES)
@pytest.mark.parametrize("bins", [3, 5])
def test_every_cell_of_every_shape_has_a_segment_of_the_preset(preset: object, axes: Axes, bins: int) -> None:
    shaped = reshaped(preset_draft(preset), axes, bins)  # type: ignore[arg-type]
    assert len(shaped.grid) == bins ** (3 if axes == "rfm" else 2)
    assert len(shaped.cube) == bins**3
    assert shaped.keys <= {one.key for one in PRESETS[shaped.preset.key].segments}


def test_the_corners_and_the_middle_of_five_scores_are_those_of_three() -> None:
    five = preset_draft(PRESETS["classic"])
    three = reshaped(five, "rf", 3)
    for here, there in {
        (1, 1): (1, 1),
        (2, 2): (3, 3),
        (3, 3): (5, 5),
        (3, 1): (5, 1),
        (1, 3): (1, 5),
    }.items():
        assert three.grid[here] == five.grid[there]
    back = reshaped(three, "rf", 5)
    assert {back.grid[5, 5], back.grid[1, 1]} == {"champions", "hibernating"}


def test_cut_points_of_another_number_of_scores_are_left_out() -> None:
    thirds = preset_draft(PRESETS["thirds"])
    assert reshaped(thirds, "rfm", 5).thresholds == {}
    assert reshaped(thirds, "rf", 3).thresholds == thirds.thresholds


def test_segment_of_scores_is_that_of_the_cube() -> None:
    draft: Draft = preset_draft(PRESETS["eleven"])
    assert draft.segment_of(0, 0, 0) == "prospects"
    assert draft.segment_of(5, 4, 5) == "champions"  # FM is 4, rounded down
    assert draft.segment_of(5, 1, 2) == "new"  # FM is 1
