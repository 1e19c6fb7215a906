"""The Gamma-Gamma model: published figures, its own story integrated by brute force, and its limits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import approx_fprime
from scipy.stats import gamma

from segments.clv.fitting import FitProblem, Reason
from segments.clv.gamma_gamma import GammaGamma, expected_spend, fit_gamma_gamma, log_likelihood
from segments.clv.histories import Histories

PUBLISHED_SPEND = [24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17]
MODEL = GammaGamma(
    p=6.25, q=3.74, v=15.44, log_likelihood=0, repeat_buyers=946, frequency_correlation=0, standard_errors=()
)


def repeat_buyers(x, m_x) -> Histories:
    x = np.asarray(x, dtype=float)
    return Histories.of(x=x, t_x=np.minimum(x, 5), T=np.full(len(x), 9.0), m_x=m_x)


def drawn(*, p: float, q: float, v: float, customers: int) -> Histories:
    rng = np.random.default_rng(11)
    x = rng.integers(1, 9, customers)
    return repeat_buyers(x, rng.gamma(p * x) / x / rng.gamma(q, 1 / v, customers))


def one_log_likelihood(theta, x: float, m_x: float) -> float:
    return log_likelihood(np.array(theta), x=np.array([x]), m_x=np.array([m_x]), count=np.ones(1))[0]


def test_cdnow_gives_the_published_model(cdnow_summary) -> None:
    model = fit_gamma_gamma(cdnow_summary.histories)
    assert isinstance(model, GammaGamma)
    assert (round(model.p, 2), round(model.q, 2), round(model.v, 2)) == (6.25, 3.74, 15.44)
    assert round(model.log_likelihood, 2) == -4055.92
    assert model.repeat_buyers == 946


def test_cdnow_gives_the_published_spend(cdnow_summary) -> None:
    model = fit_gamma_gamma(cdnow_summary.histories)
    assert expected_spend(model, cdnow_summary.histories)[:10].round(2).tolist() == PUBLISHED_SPEND


@pytest.mark.parametrize(("x", "m_x"), [(1, 20.0), (3, 55.5), (12, 8.0)])
def test_likelihood_is_the_models_story_integrated(x, m_x) -> None:
    p, q, v = 6.25, 3.74, 15.44
    story = quad(
        lambda nu: gamma.pdf(m_x, p * x, scale=1 / (nu * x)) * gamma.pdf(nu, q, scale=1 / v), 0, np.inf
    )[0]
    assert np.exp(one_log_likelihood([p, q, v], x, m_x)) == pytest.approx(story, rel=1e-6)


@pytest.mark.parametrize(("x", "m_x"), [(1, 20.0), (3, 55.5), (12, 8.0)])
def test_expected_spend_is_the_mean_of_what_the_story_leaves_possible(x, m_x) -> None:
    def after(nu: float) -> float:
        return gamma.pdf(m_x, MODEL.p * x, scale=1 / (nu * x)) * gamma.pdf(nu, MODEL.q, scale=1 / MODEL.v)

    mean = quad(lambda nu: MODEL.p / nu * after(nu), 0, 5)[0] / quad(after, 0, 5)[0]
    assert expected_spend(MODEL, repeat_buyers([x], [m_x]))[0] == pytest.approx(mean, rel=1e-6)


@given(
    theta=st.tuples(st.floats(0.5, 20), st.floats(0.5, 20), st.floats(0.1, 50)),
    x=st.integers(1, 60),
    m_x=st.floats(0.05, 500),
)
def test_slope_is_the_slope_of_the_likelihood(theta, x, m_x) -> None:
    slope = log_likelihood(np.array(theta), x=np.array([float(x)]), m_x=np.array([m_x]), count=np.ones(1))[1]
    measured = approx_fprime(np.array(theta), lambda at: one_log_likelihood(at, float(x), m_x), 1e-6)
    np.testing.assert_allclose(slope, measured, rtol=1e-3, atol=1e-3)


def test_known_parameters_are_found_again() -> None:
    model = fit_gamma_gamma(drawn(p=6.0, q=4.0, v=15.0, customers=20_000))
    assert isinstance(model, GammaGamma)
    for found, error, true in zip(
        (model.p, model.q, model.v), model.standard_errors, (6.0, 4.0, 15.0), strict=True
    ):
        assert abs(found - true) < 3 * error
        assert error < true / 10


def test_cents_give_the_same_model_as_dollars() -> None:
    dollars = drawn(p=6.0, q=4.0, v=15.0, customers=2000)
    cents = repeat_buyers(dollars.x, dollars.m_x * 100)
    one, hundred = fit_gamma_gamma(dollars), fit_gamma_gamma(cents)
    assert (hundred.p, hundred.q, hundred.v) == pytest.approx((one.p, one.q, one.v * 100), rel=1e-6)
    assert hundred.log_likelihood == pytest.approx(one.log_likelihood - 2000 * np.log(100))


def test_repeat_buyers_of_free_orders_are_not_fitted_but_get_a_spend() -> None:
    paid = drawn(p=6.0, q=4.0, v=15.0, customers=500)
    both = repeat_buyers([*paid.x, 2, 3], [*paid.m_x, 0.0, 0.0])
    model = fit_gamma_gamma(both)
    assert model == fit_gamma_gamma(paid)
    assert 0 < expected_spend(model, both)[-1] < expected_spend(model, both)[-2] < model.mean_spend


def test_a_one_time_buyer_spends_what_everybody_does() -> None:
    spend = expected_spend(MODEL, Histories.of(x=[0], t_x=[0], T=[3]))
    assert spend[0] == pytest.approx(6.25 * 15.44 / 2.74)


@given(x=st.integers(1, 1000), m_x=st.floats(0, 1e6))
def test_expected_spend_lies_between_ones_own_mean_and_everybodys(x, m_x) -> None:
    spend = expected_spend(MODEL, repeat_buyers([x], [m_x]))[0]
    low, high = sorted([m_x, MODEL.mean_spend])
    assert low * (1 - 1e-9) <= spend <= high * (1 + 1e-9)


def test_too_few_repeat_buyers_say_so() -> None:
    problem = fit_gamma_gamma(drawn(p=6.0, q=4.0, v=15.0, customers=29))
    assert isinstance(problem, FitProblem)
    assert problem.reason is Reason.TOO_FEW_REPEAT_BUYERS
    assert problem.sentence.startswith("Only 29 customers came back")


def test_equal_spend_of_all_says_so() -> None:
    problem = fit_gamma_gamma(repeat_buyers(np.arange(1, 201) % 7 + 1, np.full(200, 9.99)))
    assert isinstance(problem, FitProblem)
    assert problem.reason is Reason.NO_VARIATION


def test_spend_without_a_mean_says_so() -> None:
    problem = fit_gamma_gamma(drawn(p=5.0, q=0.7, v=2.0, customers=3000))
    assert isinstance(problem, FitProblem)
    assert problem.reason is Reason.MEAN_UNDEFINED
