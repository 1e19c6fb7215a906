"""Orders and spend together, and what is left of them where one of the models is missing."""

from __future__ import annotations

import numpy as np
import pytest

from segments.clv.bgnbd import BgNbd
from segments.clv.fitting import FitProblem, Reason
from segments.clv.gamma_gamma import GammaGamma
from segments.clv.histories import Histories
from segments.clv.value import ValueModel, customer_values, fit_value

ORDERS = BgNbd(
    r=0.243, alpha=4.414, a=0.793, b=2.426, log_likelihood=0, customers=0, repeat_buyers=0, standard_errors=()
)
SPEND = GammaGamma(
    p=6.25, q=3.74, v=15.44, log_likelihood=0, repeat_buyers=0, frequency_correlation=0, standard_errors=()
)
NONE = FitProblem(Reason.NO_MAXIMUM, "No model.")
TWO = Histories.of(x=[2, 0], t_x=[30.43, 0], T=[38.86, 38.86], m_x=[22.35, 0])


def test_value_is_orders_times_spend() -> None:
    values = customer_values(ValueModel(ORDERS, SPEND), TWO, horizon=39)
    assert values.expected_orders[0] == pytest.approx(1.226, abs=2e-3)
    assert values.expected_spend == pytest.approx([24.65, 35.22], abs=0.02)
    assert values.expected_value == pytest.approx(values.expected_orders * values.expected_spend)
    assert np.isnan(values.p_alive).tolist() == [False, True]


def test_without_spend_orders_are_known_and_value_is_not() -> None:
    values = customer_values(ValueModel(ORDERS, NONE), TWO, horizon=39)
    assert np.isfinite(values.expected_orders).all()
    assert np.isnan(values.expected_spend).all()
    assert np.isnan(values.expected_value).all()


def test_without_orders_spend_is_known_and_value_is_not() -> None:
    values = customer_values(ValueModel(NONE, SPEND), TWO, horizon=39)
    assert np.isnan(values.expected_orders).all()
    assert np.isnan(values.p_alive).all()
    assert np.isfinite(values.expected_spend).all()
    assert np.isnan(values.expected_value).all()


def test_a_shop_too_small_has_neither_model() -> None:
    model = fit_value(TWO)
    assert isinstance(model.orders, FitProblem)
    assert isinstance(model.spend, FitProblem)


def test_a_shop_of_nobody_has_neither_model() -> None:
    model = fit_value(Histories.of(x=[], t_x=[], T=[]))
    assert isinstance(model.orders, FitProblem)
    assert isinstance(model.spend, FitProblem)


def test_a_shop_large_enough_has_both(shop) -> None:
    model = fit_value(shop.histories)
    assert isinstance(model.orders, BgNbd)
    assert isinstance(model.spend, GammaGamma)
