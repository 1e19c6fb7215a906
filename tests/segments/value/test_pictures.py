"""The small tables that a fit keeps add up to everybody."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segments.clv.histories import Histories
from segments.value.pictures import (
    ALIVE_GROUPS,
    LEAST_IN_CELL,
    MOST_BANDS,
    alive_by_silence,
    value_bands,
    value_tenths,
)

values = st.lists(st.integers(0, 10**9), min_size=1, max_size=200).map(
    lambda found: np.array(found, dtype=np.float64)
)


@given(values)
def test_bands_hold_everybody_once(expected: np.ndarray) -> None:
    bands = value_bands(expected)
    assert len(bands) <= MOST_BANDS
    assert sum(band["customers"] or 0 for band in bands) == len(expected)
    assert sum(band["value"] or 0 for band in bands) == expected.sum()
    assert bands[0]["from"] == 0
    assert bands[-1]["below"] is None
    assert [band["below"] for band in bands[:-1]] == [band["from"] for band in bands[1:]]
    for band in bands:
        inside = (expected >= band["from"]) & (
            expected < (np.inf if band["below"] is None else band["below"])
        )
        assert band["customers"] == inside.sum()


def test_bands_begin_at_round_amounts_below_what_hardly_anybody_is_worth() -> None:
    bands = value_bands(np.array([120.0] * 500 + [800.0] * 499 + [90_000.0]))
    assert [band["from"] for band in bands] == [0, 2, 5, 10, 20, 50, 100, 200, 500]


@given(values)
def test_tenths_rise_to_everything(expected: np.ndarray) -> None:
    tenths = value_tenths(expected)
    if expected.sum() == 0:
        assert tenths == []
        return
    assert tenths == sorted(tenths)
    assert tenths[-1] == 1.0
    assert all(share >= place / 10 - 1e-4 for place, share in enumerate(tenths, 1))


def test_tenths_of_ten_customers_are_theirs() -> None:
    tenths = value_tenths(np.array([50, 20, 10, 10, 2, 2, 2, 2, 1, 1], dtype=np.float64))
    assert tenths == pytest.approx([0.5, 0.7, 0.8, 0.9, 0.92, 0.94, 0.96, 0.98, 0.99, 1.0])


def test_alive_is_the_mean_of_each_group_and_step_of_silence() -> None:
    # Six who bought twice and were silent for 10 days, six for 40; one who bought ten times: too few to show.
    x = np.array([1] * 12 + [9], dtype=np.float64)
    t_x = np.array([90] * 6 + [60] * 6 + [95], dtype=np.float64)
    histories = Histories.of(x=x, t_x=t_x, T=[100] * 13)
    alive = np.array([0.9, 0.8, 0.7, 0.9, 0.8, 0.7] + [0.4, 0.2, 0.3] * 2 + [0.99])
    rows = alive_by_silence(histories, alive)
    assert [(row["group"], row["customers"], row["p_alive"]) for row in rows] == [(0, 6, 0.8), (0, 6, 0.3)]
    for row, silence in zip(rows, (10, 40), strict=True):
        assert (row["from"] or 0) <= silence < (row["below"] or 0)


def test_nobody_with_p_alive_gives_no_picture() -> None:
    histories = Histories.of(x=[0, 0], t_x=[0, 0], T=[5, 9])
    assert alive_by_silence(histories, np.array([np.nan, np.nan])) == []


@given(
    st.lists(
        st.tuples(st.integers(1, 20), st.integers(1, 900), st.floats(0.01, 0.99)), min_size=1, max_size=200
    )
)
def test_alive_counts_nobody_twice(people: list[tuple[int, int, float]]) -> None:
    x, silence, alive = (np.array(column, dtype=np.float64) for column in zip(*people, strict=True))
    rows = alive_by_silence(Histories.of(x=x, t_x=np.full(len(x), 10.0), T=10 + silence), alive)
    assert sum(row["customers"] or 0 for row in rows) <= len(people)
    for row in rows:
        assert (row["customers"] or 0) >= LEAST_IN_CELL
        least, most = ALIVE_GROUPS[int(row["group"] or 0)]
        mine = (x >= least) & (x <= (most or np.inf))
        inside = mine & (silence >= row["from"]) & (silence < row["below"])
        assert alive[inside].min() - 1e-3 <= (row["p_alive"] or 0) <= alive[inside].max() + 1e-3
