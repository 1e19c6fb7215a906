"""The presets against the groups as they are published, written out again here cell by cell."""

from itertools import product

import pytest

from segments.rules import cell_index
from segments.schemes.presets import CLASSIC, ELEVEN, PRESETS, THIRDS, Preset


def _name(preset: Preset, r: int, f: int, m: int) -> str:
    key = preset.cube[cell_index(r, f, m, preset.bins)]
    (name,) = [segment.name for segment in preset.segments if segment.key == key]
    return name


def _classic(r: int, f: int) -> str:
    if r == 5:
        return "New" if f == 1 else "Potential loyalist" if f <= 3 else "Champions"
    if r == 4:
        return "Promising" if f == 1 else "Potential loyalist" if f <= 3 else "Loyal"
    if r == 3:
        return "About to sleep" if f <= 2 else "Needs attention" if f == 3 else "Loyal"
    return "Hibernating" if f <= 2 else "At risk" if f <= 4 else "Can't lose"


# Each group by itself, so that an overlap or a gap between two of them would show.
ELEVEN_GROUPS = {
    "Champions": lambda r, fm: r == 5 and fm > 3,
    "Loyal": lambda r, fm: r in (3, 4) and fm > 3,
    "Active": lambda r, fm: r in (4, 5) and fm in (2, 3),
    "New": lambda r, fm: r == 5 and fm == 1,
    "Promising": lambda r, fm: r == 4 and fm == 1,
    "Needs attention": lambda r, fm: r == 3 and fm == 3,
    "Almost lost": lambda r, fm: r == 3 and fm <= 2,
    "At risk": lambda r, fm: r in (1, 2) and fm in (3, 4),
    "Previously loyal": lambda r, fm: r in (1, 2) and fm == 5,
    "Dormant": lambda r, fm: r in (1, 2) and fm <= 2,
}

THIRDS_GROUPS = {
    "Champions": {333, 332, 323},
    "Loyal": {321, 322, 331, 232, 233},
    "Recent": {311, 312, 313, 222, 223},
    "Needs attention": {213, 221, 123, 132, 133},
    "At risk": {231, 212, 122, 131, 211},
    "Inactive": {111, 112, 113, 121},
}

FIVES = range(1, 6)
THREES = range(1, 4)


def test_classic_puts_each_cell_where_it_is_published() -> None:
    for r, f, m in product(FIVES, repeat=3):
        assert _name(CLASSIC, r, f, m) == _classic(r, f)


def test_eleven_puts_each_cell_in_the_one_group_that_claims_it() -> None:
    for r, f, m in product(FIVES, repeat=3):
        claims = [name for name, group in ELEVEN_GROUPS.items() if group(r, (f + m) // 2)]
        assert claims == [_name(ELEVEN, r, f, m)]


def test_thirds_puts_each_cell_in_the_one_group_that_lists_it() -> None:
    for r, f, m in product(THREES, repeat=3):
        claims = [name for name, cells in THIRDS_GROUPS.items() if 100 * r + 10 * f + m in cells]
        assert claims == [_name(THIRDS, r, f, m)]


def test_only_eleven_has_a_segment_for_those_who_never_ordered() -> None:
    assert [preset.prospects for preset in PRESETS.values()] == [None, "prospects", None]


def test_thirds_cuts_recency_after_half_a_year_and_a_year() -> None:
    assert THIRDS.thresholds == {"recency": [181, 366]}
    assert CLASSIC.thresholds == ELEVEN.thresholds == {}


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_every_segment_is_used_and_says_what_it_means_and_what_to_do(preset: Preset) -> None:
    keys = [segment.key for segment in preset.segments]
    assert set(keys) == set(preset.cube) | ({preset.prospects} if preset.prospects else set())
    assert len(set(keys)) == len(keys) == len({segment.name for segment in preset.segments})
    for segment in preset.segments:
        assert segment.meaning.endswith(".")
        assert segment.advice.count(".") == 1
        assert len(segment.meaning) <= 200
        assert len(segment.advice) <= 300


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_a_segment_has_its_place_on_the_scale_of_colours(preset: Preset) -> None:
    healths = {segment.key: health for health, segment in preset.ranked}
    assert list(healths.values()) == sorted(set(healths.values()))
    assert healths["champions"] == 1
    assert healths["at-risk"] == 8  # ochre
    assert all(
        health >= 10 for key, health in healths.items() if key in ("hibernating", "dormant", "inactive")
    )
