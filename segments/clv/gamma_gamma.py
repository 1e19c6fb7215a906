"""The Gamma-Gamma model: what a customer spends on an average order.

Fader & Hardie (2013), "The Gamma-Gamma Model of Monetary Value", note 025, brucehardie.com; cited here as
FH. Its story: a customer's orders vary at random around a mean of their own (gamma with shape p), the
means vary between customers (through a gamma with shape q and rate v; the note writes gamma for v), and
what someone spends has nothing to do with how often they order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, gammaln

from segments.clv.fitting import FitProblem, Maximum, Reason, maximise, weighted_sum
from segments.clv.histories import FloatArray, Histories, merge_equal

# A judgement: in drawn shops of 100 customers, fewer than half of them repeat buyers, 9 of 60 had no maximum.
LEAST_REPEAT_BUYERS = 30
NAMES = ("p", "q", "v")
# Money is scaled to a mean of 1 before the search. Spending that varies most within customers, or between.
STARTS = ((6.0, 4.0, 0.5), (1.5, 3.0, 1.5), (30.0, 10.0, 0.3))


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """A fitted model. v is in the histories' unit of money; p and q have none.

    `frequency_correlation` is Pearson's, of x with m_x among the repeat buyers: the model takes it for 0.
    It is None where all of them have the same x.
    """

    p: float
    q: float
    v: float
    log_likelihood: float
    repeat_buyers: int
    frequency_correlation: float | None
    standard_errors: tuple[float, ...]

    @property
    def mean_spend(self) -> float:
        """Mean spend per order of a customer of whom nothing is known: p v / (q - 1), FH equation (3)."""
        return self.p * self.v / (self.q - 1)


def fit_gamma_gamma(histories: Histories) -> GammaGamma | FitProblem:
    """The model under which the repeat buyers' mean spends are most likely, or why there is none.

    One-time buyers say nothing of it: m_x leaves the first order out. Repeat buyers whose repeat orders
    were all free are left out too, as no gamma can be 0; the order model keeps both.
    """
    spent = histories.chosen((histories.x > 0) & (histories.m_x > 0))
    problem = _too_small(spent)
    if problem:
        return problem
    # Merged, hence sorted, first: the same customers in another order give the same bits.
    x, spends, count = merge_equal((spent.x, spent.m_x), spent.count)
    scale = float(np.average(spends, weights=count))
    m_x = spends / scale
    top = maximise(
        lambda theta: log_likelihood(theta, x=x, m_x=m_x, count=count),
        starts=STARTS,
        names=NAMES,
        weight=spent.customers,
    )
    if isinstance(top, FitProblem):
        return top
    return _fitted(top, spent.customers, scale, _correlation(x, spends, count))


def _too_small(spent: Histories) -> FitProblem | None:
    buyers = spent.customers
    if buyers < LEAST_REPEAT_BUYERS:
        came = "No customer" if buyers == 0 else f"Only {buyers} customer{'s' if buyers > 1 else ''}"
        return FitProblem(
            Reason.TOO_FEW_REPEAT_BUYERS,
            f"{came} came back on another day and paid for it; "
            f"it takes at least {LEAST_REPEAT_BUYERS} to learn what they spend.",
        )
    if np.ptp(spent.m_x) <= 1e-9 * spent.m_x.max():
        return FitProblem(
            Reason.NO_VARIATION,
            "Every customer who came back spends the same on average, so there is nothing to learn "
            "about how spending differs.",
        )
    return None


def _fitted(top: Maximum, buyers: int, scale: float, correlation: float | None) -> GammaGamma | FitProblem:
    p, q, v = top.parameters
    if q <= 1:
        return FitProblem(
            Reason.MEAN_UNDEFINED,
            "A few orders are so much larger than the rest that an average spend has no meaning here "
            "(the model's q is 1 or less, so its mean is infinite).",
        )
    p_error, q_error, v_error = top.standard_errors
    return GammaGamma(
        p=p,
        q=q,
        v=v * scale,
        # Each mean spend is a density per unit of money, so the unit's change shows once per customer.
        log_likelihood=top.log_likelihood - buyers * float(np.log(scale)),
        repeat_buyers=buyers,
        frequency_correlation=correlation,
        standard_errors=(p_error, q_error, v_error * scale),
    )


def log_likelihood(
    theta: FloatArray, *, x: FloatArray, m_x: FloatArray, count: FloatArray
) -> tuple[float, FloatArray]:
    """The log-likelihood of theta = (p, q, v), FH equation (1a), and its slope along each."""
    p, q, v = (float(value) for value in theta)
    shape, seen = p * x, v + x * m_x
    log_seen = np.log(seen)
    terms = (
        gammaln(shape + q) - gammaln(shape) - gammaln(q)
        + q * np.log(v) + shape * np.log(x) + (shape - 1) * np.log(m_x) - (shape + q) * log_seen
    )  # fmt: skip
    both = digamma(shape + q) - log_seen
    slopes = (
        x * (both - digamma(shape) + np.log(x * m_x)),
        both - digamma(q) + np.log(v),
        q / v - (shape + q) / seen,
    )
    return weighted_sum(count, terms), np.array([weighted_sum(count, slope) for slope in slopes])


def expected_spend(model: GammaGamma, histories: Histories) -> FloatArray:
    """E(M): what each customer spends on an average order, FH equation (5).

    A mean of the customer's own m_x and everybody's, leaning on the first the more orders there are; for
    one-time buyers it is everybody's. An m_x below 0 counts as 0.
    """
    x, m_x = histories.x, np.maximum(histories.m_x, 0.0)
    return np.asarray(model.p * (model.v + x * m_x) / (model.p * x + model.q - 1), dtype=np.float64)


def _correlation(one: FloatArray, other: FloatArray, count: FloatArray) -> float | None:
    if np.ptp(one) == 0:
        return None
    both = np.cov(one, other, aweights=count)
    return float(both[0, 1] / np.sqrt(both[0, 0] * both[1, 1]))
