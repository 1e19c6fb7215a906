from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segments.rules import (
    UNSCORED,
    CutPoints,
    Scores,
    ascending_score,
    bands_passed,
    cell_index,
    cube_from_grid,
    recency_score,
    score,
    segment_of,
)
from tests.factories.segments import defined_score

BINS = st.sampled_from([3, 5])
VALUES = st.lists(st.integers(-5, 12) | st.integers(-(10**12), 10**12), min_size=1, max_size=60)


def share_ranks(count: int, bins: int) -> list[int]:
    """The places (1-based, in ascending order of value) of the cuts of `count` values into equal shares.

    A value scores more than k when at least k/bins of the values are strictly worse, that is when it lies above
    the ceil(k * count / bins)-th smallest. In integers, so exact at any count.
    """
    return [-(-k * count // bins) for k in range(1, bins)]


@given(VALUES, BINS)
def test_cutting_by_share_scores_everybody_by_the_definition(values: list[int], bins: int) -> None:
    ordered = sorted(values)
    cuts = [ordered[rank - 1] + 1 for rank in share_ranks(len(values), bins)]
    assert [ascending_score(value, cuts) for value in values] == [
        defined_score(value, values, bins) for value in values
    ]


@given(st.lists(st.integers(0, 40), min_size=1, max_size=60), BINS)
def test_recency_scores_by_the_definition_with_fewer_days_better(recencies: list[int], bins: int) -> None:
    oldest_first = sorted(recencies, reverse=True)
    cuts = sorted(oldest_first[rank - 1] for rank in share_ranks(len(recencies), bins))
    assert [recency_score(days, cuts) for days in recencies] == [
        defined_score(days, recencies, bins, less_is_better=True) for days in recencies
    ]


@pytest.mark.parametrize("bins", [3, 5])
def test_shares_in_double_precision_reach_the_exact_places(bins: int) -> None:
    """percentile_disc takes the ceil(share * count)-th value in doubles: the place of the integer arithmetic."""
    counts = np.concatenate([np.arange(1, 4_000_000), 2 ** np.arange(22, 45) * bins + np.arange(-11, 12)])
    for k in range(1, bins):
        in_doubles = np.ceil(np.float64(k / bins) * counts.astype(np.float64)).astype(np.int64)
        exactly = -(-k * counts // bins)
        assert np.array_equal(in_doubles, exactly)
    assert share_ranks(7, 5) == [2, 3, 5, 6]


@given(
    st.lists(st.integers(0, 20), min_size=4, max_size=4).map(sorted),
    st.lists(st.integers(0, 20), min_size=4, max_size=4).map(sorted),
    st.integers(-1, 21),
)
def test_value_that_no_cut_point_passed_scores_as_before(
    before: list[int], after: list[int], value: int
) -> None:
    lows, highs = bands_passed(before, after)
    passed = any(low <= value < high for low, high in zip(lows, highs, strict=True))
    assert passed or ascending_score(value, before) == ascending_score(value, after)
    assert not lows or before != after


def test_bins_hold_their_lower_cut_point_and_not_their_upper() -> None:
    cuts = [2, 5, 9, 20]
    assert [ascending_score(value, cuts) for value in (0, 1, 2, 4, 5, 8, 9, 19, 20, 500)] == [
        1, 1, 2, 2, 3, 3, 4, 4, 5, 5
    ]  # fmt: skip


def test_recency_bins_are_the_same_the_other_way_round() -> None:
    cuts = [30, 90, 180, 365]
    assert [recency_score(days, cuts) for days in (0, 29, 30, 89, 90, 179, 180, 364, 365, 4000)] == [
        5, 5, 4, 4, 3, 3, 2, 2, 1, 1
    ]  # fmt: skip


@given(st.lists(st.integers(1, 400), min_size=2, max_size=2, unique=True).map(sorted), st.integers(0, 500))
def test_recency_cut_points_as_days_give_the_same_scores(cuts: list[int], days: int) -> None:
    as_of = date(2025, 3, 31)
    last_on = date.fromordinal(as_of.toordinal() - days)
    bounds = CutPoints(tuple(cuts), (), ()).last_on(as_of)
    assert bounds == sorted(bounds)
    assert 1 + sum(last_on >= bound for bound in bounds) == recency_score(days, cuts)


def test_customer_without_a_counted_order_is_unscored() -> None:
    cuts = CutPoints((30, 90), (2, 5), (1000, 5000))
    assert score(recency=None, frequency=0, monetary=-500, cuts=cuts) == UNSCORED
    assert segment_of(UNSCORED, ["any"] * 27, 3, "prospects") == "prospects"


def test_scores_of_one_customer() -> None:
    cuts = CutPoints((30, 90), (2, 5), (1000, 5000))
    assert score(recency=12, frequency=2, monetary=999, cuts=cuts) == Scores(3, 2, 1)


def test_cut_points_survive_json() -> None:
    cuts = CutPoints((30, 90), (2, 5), (-10, 5000))
    assert CutPoints.from_json(cuts.as_json()) == cuts


@given(BINS, st.data())
def test_segment_is_found_where_the_cube_has_it(bins: int, data: st.DataObject) -> None:
    scores = st.integers(1, bins)
    r, f, m = data.draw(scores), data.draw(scores), data.draw(scores)
    every = range(1, bins + 1)
    cube = cube_from_grid("rfm", bins, {(x, y, z): f"{x}{y}{z}" for x in every for y in every for z in every})
    assert len(cube) == bins**3
    assert segment_of(Scores(r, f, m), cube, bins, None) == f"{r}{f}{m}" == cube[cell_index(r, f, m, bins)]


def test_mean_of_frequency_and_monetary_is_rounded_down() -> None:
    grid = {(r, fm): (r, fm) for r in range(1, 6) for fm in range(1, 6)}
    cube = cube_from_grid("r_fm", 5, grid)
    assert cube[cell_index(4, 2, 5, 5)] == (4, 3)
    assert cube[cell_index(4, 1, 2, 5)] == (4, 1)


def test_grid_that_misses_a_cell_is_refused() -> None:
    with pytest.raises(KeyError):
        cube_from_grid("rf", 3, {(1, 1): "alone"})
