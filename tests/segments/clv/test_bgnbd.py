"""The BG/NBD model: published figures, its own story integrated by brute force, and its limits."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import approx_fprime, minimize
from scipy.special import hyp2f1
from scipy.stats import beta, gamma, nbinom

from segments.clv.bgnbd import (
    BgNbd,
    Evidence,
    expected_orders,
    expected_orders_since_first,
    fit_bgnbd,
    log_likelihood,
    p_alive,
    shown_p_alive,
)
from segments.clv.fitting import FitProblem, Reason
from segments.clv.histories import Histories, Unit, summarise
from tests.segments.clv.conftest import CALIBRATION_END, drawn_shop


def model_of(r: float, alpha: float, a: float, b: float) -> BgNbd:
    return BgNbd(
        r=r, alpha=alpha, a=a, b=b, log_likelihood=0, customers=0, repeat_buyers=0, standard_errors=()
    )


PUBLISHED = model_of(0.243, 4.414, 0.793, 2.426)
THETAS = st.tuples(*[st.floats(0.1, 10)] * 4)
MODELS = st.builds(model_of, *[st.floats(0.1, 10)] * 4)


@st.composite
def histories(draw, least_x: int = 0) -> Histories:
    x = draw(st.integers(least_x, 300))
    end = draw(st.floats(1, 300))
    t_x = end * draw(st.floats(0.01, 1)) if x else 0.0
    return Histories.of(x=[x], t_x=[t_x], T=[end])


def one(x: float, t_x: float, end: float) -> Histories:
    return Histories.of(x=[x], t_x=[t_x], T=[end])


def test_cdnow_gives_the_published_model(cdnow_summary) -> None:
    model = fit_bgnbd(cdnow_summary.histories)
    assert isinstance(model, BgNbd)
    assert [round(value, 3) for value in (model.r, model.alpha, model.a, model.b)] == [
        0.243,
        4.414,
        0.793,
        2.426,
    ]
    assert round(model.log_likelihood, 1) == -9582.4
    assert (model.customers, model.repeat_buyers) == (2357, 946)


def test_cdnow_customer_1_gets_the_published_orders(cdnow_summary) -> None:
    model = fit_bgnbd(cdnow_summary.histories)
    first = cdnow_summary.histories.chosen(np.array([0]))
    assert (first.x[0], round(first.t_x[0], 2), round(first.T[0], 2)) == (2, 30.43, 38.86)
    assert round(float(expected_orders(model, first, horizon=39)[0]), 3) == 1.226


def test_days_give_the_same_model_as_weeks(cdnow, cdnow_summary) -> None:
    weeks = fit_bgnbd(cdnow_summary.histories)
    days_summary = summarise(cdnow, until=CALIBRATION_END, unit=Unit.DAY)
    days = fit_bgnbd(days_summary.histories)
    assert (days.r, days.alpha, days.a, days.b) == pytest.approx(
        (weeks.r, weeks.alpha * 7, weeks.a, weeks.b), rel=1e-6
    )
    # A density per day is a seventh of one per week, once a repeat order.
    orders = cdnow_summary.histories.x.sum()
    assert days.log_likelihood == pytest.approx(weeks.log_likelihood - orders * np.log(7))


def test_the_order_of_customers_does_not_matter(shop) -> None:
    shuffled = np.random.default_rng(3).permutation(len(shop.histories.x))
    assert fit_bgnbd(shop.histories.chosen(shuffled)) == fit_bgnbd(shop.histories)


def test_likelihood_of_merged_histories_is_that_of_customers_one_by_one() -> None:
    rng = np.random.default_rng(5)
    x = rng.integers(0, 4, 400).astype(float)
    many = Histories.of(x=x, t_x=x * 2, T=rng.integers(8, 11, 400))
    theta = np.array([0.7, 5.0, 0.9, 2.0])
    assert len(Evidence.of(many).timing.x) <= 12
    value, slope = log_likelihood(theta, Evidence.of(many))
    alone = [log_likelihood(theta, Evidence.of(many.chosen(np.array([row])))) for row in range(400)]
    assert value == pytest.approx(sum(one_value for one_value, _ in alone), rel=1e-12)
    np.testing.assert_allclose(slope, sum(one_slope for _, one_slope in alone), rtol=1e-9)


@pytest.mark.parametrize(("x", "t_x", "end"), [(0, 0, 20), (1, 4, 20), (3, 15, 20), (3, 20, 20), (9, 12, 40)])
def test_likelihood_is_the_models_story_integrated(x, t_x, end) -> None:
    r, alpha, a, b = 1.3, 6.0, 1.4, 2.5

    def over_rates(until: float) -> float:
        return quad(
            lambda rate: rate**x * np.exp(-rate * until) * gamma.pdf(rate, r, scale=1 / alpha), 0, np.inf
        )[0]

    stayed = quad(lambda p: (1 - p) ** x * beta.pdf(p, a, b), 0, 1)[0] * over_rates(end)
    left = quad(lambda p: p * (1 - p) ** (x - 1) * beta.pdf(p, a, b), 0, 1)[0] * over_rates(t_x) if x else 0
    found = log_likelihood(np.array([r, alpha, a, b]), Evidence.of(one(x, t_x, end)))[0]
    assert np.exp(found) == pytest.approx(stayed + left, rel=1e-6)
    assert p_alive(model_of(r, alpha, a, b), one(x, t_x, end))[0] == pytest.approx(
        stayed / (stayed + left), rel=1e-6
    )


@given(theta=THETAS, history=histories())
def test_slope_is_the_slope_of_the_likelihood(theta, history) -> None:
    evidence = Evidence.of(history)
    slope = log_likelihood(np.array(theta), evidence)[1]
    measured = approx_fprime(np.array(theta), lambda at: log_likelihood(at, evidence)[0], 1e-6)
    np.testing.assert_allclose(slope, measured, rtol=2e-3, atol=2e-3)


def test_known_parameters_are_found_again(shop) -> None:
    model = fit_bgnbd(shop.histories)
    assert isinstance(model, BgNbd)
    found = (model.r, model.alpha, model.a, model.b)
    for value, error, true in zip(found, model.standard_errors, (0.8, 8.0, 1.2, 3.0), strict=True):
        assert abs(value - true) < 3 * error
        assert error < true / 4


def test_expected_orders_come_true_in_a_shop_that_is_like_the_model(shop) -> None:
    expected = expected_orders(model_of(0.8, 8.0, 1.2, 3.0), shop.histories, horizon=50)
    spread = shop.later.std() * np.sqrt(len(shop.later))
    assert abs(expected.sum() - shop.later.sum()) < 3 * spread
    frequent = shop.histories.x >= 4
    assert expected[frequent].mean() == pytest.approx(shop.later[frequent].mean(), rel=0.1)


@pytest.mark.parametrize(("x", "t_x", "end"), [(0, 0, 20), (2, 15, 20), (9, 12, 40)])
def test_expected_orders_are_the_models_story_integrated(x, t_x, end) -> None:
    r, alpha, a, b, horizon = 1.3, 6.0, 1.4, 2.5, 30.0

    # The mean over both priors, at the midpoints of 1,500 equally likely slices of each.
    slices = (np.arange(1500) + 0.5) / 1500
    rate = gamma.ppf(slices, r, scale=1 / alpha)[:, None]
    p = beta.ppf(slices, a, b)
    stayed = (1 - p) ** x * rate**x * np.exp(-rate * end)
    total = (-np.expm1(-rate * p * horizon) / p * stayed).mean()
    chance = np.exp(log_likelihood(np.array([r, alpha, a, b]), Evidence.of(one(x, t_x, end)))[0])
    found = expected_orders(model_of(r, alpha, a, b), one(x, t_x, end), horizon=horizon)[0]
    assert found == pytest.approx(total / chance, rel=1e-4)


def closed_orders(model: BgNbd, x: float, end: float, horizon: float) -> float:
    """The numerator of the paper's equation (10), as printed."""
    top = model.a + model.b + x - 1
    rate = model.alpha + end
    series = hyp2f1(model.r + x, model.b + x, top, horizon / (rate + horizon))
    return top / (model.a - 1) * (1 - (rate / (rate + horizon)) ** (model.r + x) * series)


@pytest.mark.parametrize("horizon", [0.5, 39, 520])
@pytest.mark.parametrize(("x", "end"), [(0, 0), (0, 38), (2, 38.86), (7, 10), (29, 39)])
def test_expected_orders_equal_the_printed_equation(x, end, horizon) -> None:
    history = one(x, end, end) if x else one(0, 0, end)
    found = expected_orders(PUBLISHED, history, horizon=horizon)[0]
    alive = p_alive(PUBLISHED, history)[0]
    assert found == pytest.approx(alive * closed_orders(PUBLISHED, x, end, horizon), rel=1e-7)


def test_expected_orders_pass_smoothly_where_the_printed_equation_divides_by_nothing() -> None:
    history = one(2, 30.43, 38.86)
    below, at, above = (
        expected_orders(model_of(0.243, 4.414, a, 2.426), history, horizon=39)[0]
        for a in (1 - 1e-7, 1, 1 + 1e-7)
    )
    assert below > at > above
    assert at == pytest.approx((below + above) / 2, rel=1e-9)


def test_orders_since_the_first_equal_the_printed_equation() -> None:
    ages = np.array([0.0, 1.0, 39.0, 78.0])
    expected = [closed_orders(PUBLISHED, 0, 0, age) for age in ages]
    np.testing.assert_allclose(expected_orders_since_first(PUBLISHED, ages), expected, rtol=1e-10, atol=1e-12)


def test_customers_with_thousands_of_orders_get_finite_figures() -> None:
    history = one(5000, 999, 1000)
    value, slope = log_likelihood(np.array([0.243, 4.414, 0.793, 2.426]), Evidence.of(history))
    assert np.isfinite(value)
    assert np.isfinite(slope).all()
    assert 0.9 < p_alive(PUBLISHED, history)[0] < 1
    # Alive and hardly ever leaving: near their own pace of five a day.
    assert expected_orders(PUBLISHED, history, horizon=10)[0] == pytest.approx(49, abs=1.5)


@given(model=MODELS, history=histories(least_x=1), days=st.floats(1, 300))
def test_p_alive_falls_with_silence(model, history, days) -> None:
    later = dataclasses.replace(history, T=history.T + days)
    before, after = p_alive(model, history)[0], p_alive(model, later)[0]
    assert 0 <= after <= before < 1


@given(model=MODELS, history=histories(), short=st.floats(0, 400), more=st.floats(0.1, 400))
def test_expected_orders_rise_with_the_horizon_and_never_pass_those_of_a_customer_who_stays(
    model, history, short, more
) -> None:
    near = expected_orders(model, history, horizon=short)[0]
    far = expected_orders(model, history, horizon=short + more)[0]
    pace = (model.r + history.x[0]) / (model.alpha + history.T[0])
    assert 0 <= near <= far * (1 + 1e-9)
    assert far <= pace * (short + more) * (1 + 1e-9)


def test_no_horizon_brings_no_orders_and_a_wrong_one_is_refused() -> None:
    assert expected_orders(PUBLISHED, one(2, 3, 4), horizon=0)[0] == 0
    for horizon in (-1.0, float("inf"), float("nan")):
        with pytest.raises(ValueError, match="horizon"):
            expected_orders(PUBLISHED, one(2, 3, 4), horizon=horizon)


def test_p_alive_of_one_time_buyers_is_one_by_formula_and_not_known_to_people() -> None:
    buyers = Histories.of(x=[0, 0, 1], t_x=[0, 0, 2], T=[1, 1000, 30])
    assert p_alive(PUBLISHED, buyers)[:2].tolist() == [1, 1]
    shown = shown_p_alive(PUBLISHED, buyers)
    assert np.isnan(shown[:2]).all()
    assert shown[2] == p_alive(PUBLISHED, buyers)[2]


def test_p_alive_just_after_an_order_is_the_chance_of_having_stayed() -> None:
    # With no silence since t_x only leaving at that order is left: beta(a, b + x - 1) says how likely.
    found = p_alive(PUBLISHED, one(3, 20, 20))[0]
    assert found == pytest.approx((2.426 + 2) / (0.793 + 2.426 + 2))


def loyal_shop() -> Histories:
    """Everybody bought on the last day, so nothing speaks of leaving."""
    x = nbinom.ppf(np.linspace(0.01, 0.99, 500), 1.5, 0.3)
    return Histories.of(x=x, t_x=np.where(x > 0, 50.0, 0.0), T=np.full(500, 50.0))


def test_a_shop_nobody_leaves_gets_the_nbd_and_no_p_alive() -> None:
    shop = loyal_shop()
    model = fit_bgnbd(shop)
    assert isinstance(model, BgNbd)
    assert (model.a, model.sees_leavers) == (0, False)
    # Over one span of time the NBD's likelihood is the negative binomial's, of the counts.
    counts = minimize(
        lambda logs: -nbinom.logpmf(shop.x, np.exp(logs[0]), np.exp(logs[1]) / (np.exp(logs[1]) + 50)).sum(),
        np.log([1.0, 20.0]),
        method="Nelder-Mead",
        options={"xatol": 1e-8, "fatol": 1e-10, "maxiter": 2000},
    )
    assert (model.r, model.alpha) == pytest.approx(np.exp(counts.x), rel=1e-4)
    assert np.isnan(shown_p_alive(model, shop)).all()
    pace = (model.r + shop.x) / (model.alpha + shop.T)
    np.testing.assert_allclose(expected_orders(model, shop, horizon=10), pace * 10, rtol=1e-12)


def test_too_few_customers_say_so() -> None:
    problem = fit_bgnbd(drawn_shop(customers=199, r=0.8, alpha=8, a=1.2, b=3).histories)
    assert isinstance(problem, FitProblem)
    assert problem.reason is Reason.TOO_FEW_CUSTOMERS
    assert "There are 199 customers" in problem.sentence


@pytest.mark.parametrize(("repeat", "sentence"), [(0, "None of 300"), (29, "Only 29 of 300")])
def test_too_few_repeat_buyers_say_so(repeat, sentence) -> None:
    x = (np.arange(300) < repeat).astype(float)
    problem = fit_bgnbd(Histories.of(x=x, t_x=x * 3, T=np.full(300, 9.0)))
    assert isinstance(problem, FitProblem)
    assert problem.reason is Reason.TOO_FEW_REPEAT_BUYERS
    assert problem.sentence.startswith(sentence)


def test_customers_all_alike_settle_no_model() -> None:
    problem = fit_bgnbd(Histories.of(x=np.full(300, 4), t_x=np.full(300, 8.0), T=np.full(300, 10.0)))
    assert isinstance(problem, FitProblem)
    assert problem.reason is Reason.NO_MAXIMUM
    assert "alike" in problem.sentence
