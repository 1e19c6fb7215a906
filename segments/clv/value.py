"""What each customer is expected to bring: orders to come times spend per order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segments.clv.bgnbd import BgNbd, expected_orders, fit_bgnbd, shown_p_alive
from segments.clv.fitting import FitProblem
from segments.clv.gamma_gamma import GammaGamma, expected_spend, fit_gamma_gamma
from segments.clv.histories import FloatArray, Histories


@dataclass(frozen=True, slots=True)
class ValueModel:
    """Both models, each fitted or with the reason why not."""

    orders: BgNbd | FitProblem
    spend: GammaGamma | FitProblem


@dataclass(frozen=True, slots=True)
class CustomerValues:
    """One row per history. NaN is "not known": to be shown as such, never as a number.

    `expected_orders`: within the horizon. `p_alive`: as `bgnbd.shown_p_alive`. `expected_spend`: an order,
    in the histories' unit of money. `expected_value`: both multiplied.
    """

    expected_orders: FloatArray
    p_alive: FloatArray
    expected_spend: FloatArray
    expected_value: FloatArray


def fit_value(histories: Histories) -> ValueModel:
    """Fit both models to the histories."""
    return ValueModel(fit_bgnbd(histories), fit_gamma_gamma(histories))


def customer_values(model: ValueModel, histories: Histories, *, horizon: float) -> CustomerValues:
    """Orders, P(alive), spend and value of each history, within `horizon` units of time after T.

    The value is E(Y(t)) x E(M) (Fader, Hardie & Lee 2005, "RFM and CLV", Journal of Marketing Research
    42(4): spend independent of orders), not discounted: money of next year counts like today's.
    """
    unknown = np.full_like(histories.x, np.nan)
    orders, alive, spend = unknown, unknown, unknown
    if not isinstance(model.orders, FitProblem):
        orders = expected_orders(model.orders, histories, horizon=horizon)
        alive = shown_p_alive(model.orders, histories)
    if not isinstance(model.spend, FitProblem):
        spend = expected_spend(model.spend, histories)
    return CustomerValues(orders, alive, spend, orders * spend)
