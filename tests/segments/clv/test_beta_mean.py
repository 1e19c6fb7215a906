"""Gauss-Jacobi means over a beta distribution, against its closed moments."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

from segments.clv.beta_mean import beta_nodes

SHAPES = st.floats(0.05, 200)


@given(a=SHAPES, b=SHAPES)
def test_moments_equal_the_closed_ones(a, b) -> None:
    points, weights = beta_nodes(a, b, stretch=1.0)
    assert weights.sum() == pytest.approx(1, rel=1e-12)
    assert weights @ points == pytest.approx(a / (a + b), rel=1e-10)
    assert weights @ points**2 == pytest.approx(a * (a + 1) / ((a + b) * (a + b + 1)), rel=1e-10)


@pytest.mark.parametrize(("a", "b"), [(0.3, 0.7), (0.5, 0.5), (1.0, 1.0), (0.2, 0.3), (0.8, 2.4)])
def test_a_high_moment_is_exact_also_where_the_recurrence_divides_by_nothing(a, b) -> None:
    points, weights = beta_nodes(a, b, stretch=1.0)
    assert weights @ points**9 == pytest.approx(beta.moment(9, a, b), rel=1e-7)


def test_points_lie_inside_also_where_nearly_nobody_leaves() -> None:
    points, weights = beta_nodes(1e-9, 3.0, stretch=100.0)
    assert (points > 0).all()
    assert (points < 1).all()
    assert (weights >= 0).all()
