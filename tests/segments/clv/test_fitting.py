"""The search for the highest likelihood: where the answer is known, and where there is none."""

from __future__ import annotations

import numpy as np
import pytest

from segments.clv.fitting import FitProblem, Maximum, Reason, maximise


def test_finds_a_maximum_known_in_closed_form_with_its_standard_error() -> None:
    # Exponential waits with sum 80: n log(rate) - rate * sum is highest at n / sum, error rate / sqrt(n).
    top = maximise(
        lambda rate: (100 * np.log(rate[0]) - 80 * rate[0], np.array([100 / rate[0] - 80])),
        starts=[[5.0], [0.1]],
        names=["rate"],
        weight=100,
    )
    assert isinstance(top, Maximum)
    assert top.parameters[0] == pytest.approx(1.25, rel=1e-8)
    assert top.standard_errors[0] == pytest.approx(0.125, rel=1e-5)
    assert top.log_likelihood == pytest.approx(100 * np.log(1.25) - 100)


def test_the_higher_of_two_hills_is_taken() -> None:
    def hills(theta):
        log = np.log(theta[0])
        low, high = np.exp(-((log + 2) ** 2)), 2 * np.exp(-((log - 2) ** 2))
        slope = (-2 * (log + 2) * low - 2 * (log - 2) * high) / theta[0]
        return low + high, np.array([slope])

    top = maximise(hills, starts=[[np.exp(-2.2)], [np.exp(1.8)]], names=["hill"], weight=1)
    assert isinstance(top, Maximum)
    assert np.log(top.parameters[0]) == pytest.approx(2, abs=1e-5)


def test_a_likelihood_that_rises_without_end_names_the_parameter() -> None:
    problem = maximise(
        lambda theta: (np.log(theta[0]), np.array([1 / theta[0]])), starts=[[1.0]], names=["q"], weight=1
    )
    assert isinstance(problem, FitProblem)
    assert problem.reason is Reason.NO_MAXIMUM
    assert "as q runs off without end" in problem.sentence


def test_a_likelihood_that_knows_only_a_product_settles_nothing() -> None:
    def product(theta):
        miss = np.log(theta[0] * theta[1])
        return -(miss**2), -2 * miss / theta

    problem = maximise(product, starts=[[2.0, 3.0]], names=["r", "alpha"], weight=1)
    assert isinstance(problem, FitProblem)
    assert problem.reason is Reason.NO_MAXIMUM
    assert "many different ones" in problem.sentence


def test_a_slope_that_belongs_to_another_likelihood_is_no_convergence() -> None:
    problem = maximise(
        lambda theta: (-(np.log(theta[0]) ** 2), np.array([1.0])), starts=[[1.0]], names=["r"], weight=1
    )
    assert isinstance(problem, FitProblem)
    assert problem.reason is Reason.NOT_CONVERGED
