"""The colours of static/css/tokens.css: readable, and told apart, in both themes."""

from itertools import combinations, pairwise

import pytest

from lib.charts import SEGMENT_COLOURS
from loyalty_site.paths import BASE_DIR
from tests.lib.colours import (
    Triple,
    as_deuteranope_sees,
    contrast,
    difference,
    lab_difference,
    laid_over,
    linear,
    themes,
)

THEMES = themes()
BANDS = themes(BASE_DIR / "static" / "css" / "segments.css")
SURFACES = ("page", "panel", "sunken")
SEGMENTS = [f"segment-{i}" for i in range(1, SEGMENT_COLOURS + 1)]
TEXT = 4.5
MARK = 3.0
# CIEDE2000 between segments that are neighbours in health. Around 2.3 is just noticeable; the greys, which
# differ in lightness alone, are the closest.
NEIGHBOURS = 8.0
BANDS_APART = 5.0

WRITTEN = [
    *((text, surface) for text in ("text", "muted", "accent", "accent-strong") for surface in SURFACES),
    *((f"{status}", f"{status}-soft") for status in ("good", "warning", "bad")),
    *((status, surface) for status in ("good", "warning", "bad") for surface in SURFACES),
    *(("text", f"{status}-soft") for status in ("good", "warning", "bad", "accent")),
    *(("accent", f"{status}-soft") for status in ("good", "warning", "bad", "accent")),
    *(("text", f"heat-{step}") for step in range(6)),
    *(("on-segment", segment) for segment in SEGMENTS),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("on-bad", "bad"),
    ("accent-strong", "accent-soft"),
    ("text", "mark-faint"),
]
SEEN = [
    (mark, surface)
    for mark in ("border", "accent", "mark", "mark-past", "mark-other", "good", "bad", *SEGMENTS)
    for surface in ("page", "panel")
] + [("border", "sunken"), ("accent", "sunken")]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("text", "surface"), WRITTEN)
def test_text_can_be_read(theme: str, text: str, surface: str) -> None:
    assert contrast(THEMES[theme][text], THEMES[theme][surface]) >= TEXT


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("mark", "surface"), SEEN)
def test_borders_and_marks_can_be_seen(theme: str, mark: str, surface: str) -> None:
    assert contrast(THEMES[theme][mark], THEMES[theme][surface]) >= MARK


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("one", "other"), list(pairwise(SEGMENTS)))
def test_neighbouring_segments_are_told_apart_also_without_green_cones(
    theme: str, one: str, other: str
) -> None:
    first, second = (linear(THEMES[theme][name]) for name in (one, other))
    assert difference(first, second) >= NEIGHBOURS
    assert difference(as_deuteranope_sees(first), as_deuteranope_sees(second)) >= NEIGHBOURS


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("one", "other"), list(combinations(("mark", "mark-past", "mark-other"), 2)))
def test_marks_of_one_chart_are_told_apart_also_without_green_cones(theme: str, one: str, other: str) -> None:
    first, second = (linear(THEMES[theme][name]) for name in (one, other))
    assert difference(first, second) >= NEIGHBOURS
    assert difference(as_deuteranope_sees(first), as_deuteranope_sees(second)) >= NEIGHBOURS


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("one", "other"), list(combinations(("band-up", "band-down", "band-other"), 2)))
def test_bands_of_moves_are_told_apart_also_without_green_cones(theme: str, one: str, other: str) -> None:
    """They let the panel shine through. Beside their colour, those of people who moved up rise."""
    panel = THEMES[theme]["panel"]
    first, second = (linear(laid_over(BANDS[theme][name], panel)) for name in (one, other))
    assert difference(as_deuteranope_sees(first), as_deuteranope_sees(second)) >= BANDS_APART


def test_contrast_is_that_of_the_guidelines() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)  # the well-known near miss


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [  # rows of the published test data (Sharma, Wu, Dalal 2005), L*a*b*
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((22.7233, 20.0904, -46.6940), (23.0331, 14.9730, -42.5619), 2.0373),
        ((90.8027, -2.0831, 1.4410), (91.1528, -1.6435, 0.0447), 1.4441),
    ],
)
def test_colour_difference_agrees_with_the_published_data(
    one: Triple, other: Triple, expected: float
) -> None:
    assert lab_difference(one, other) == pytest.approx(expected, abs=0.0001)
