"""Maximum likelihood for a handful of positive parameters, and the sentence that says why there is none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.optimize import minimize

from segments.clv.histories import FloatArray

# Theta -> the log-likelihood and its slope along each parameter.
LogLikelihood = Callable[[FloatArray], tuple[float, FloatArray]]

# Parameters are searched between 1/EDGE and EDGE (time and money scaled to a mean of 1): a maximum that
# lies there means that the likelihood goes on rising, so that no finite parameters are the best.
EDGE = 1e5
# Steepest slope, per customer and unit of log parameter, that still counts as flat. At CDNOW's sample the
# search ends near 1e-9; 1e-6 moves no parameter by a printed digit.
FLAT = 1e-6
# Smallest curvature of the likelihood, as a share of the largest, that finite differences can tell from 0.
CURVED = 1e-7


class Reason(StrEnum):
    """Why there is no model."""

    TOO_FEW_CUSTOMERS = "too_few_customers"
    TOO_FEW_REPEAT_BUYERS = "too_few_repeat_buyers"
    NO_VARIATION = "no_variation"
    NO_MAXIMUM = "no_maximum"
    NOT_CONVERGED = "not_converged"
    MEAN_UNDEFINED = "mean_undefined"


@dataclass(frozen=True, slots=True)
class FitProblem:
    """There is no model: the reason, and a sentence for the person who asked for one."""

    reason: Reason
    sentence: str


@dataclass(frozen=True, slots=True)
class Maximum:
    """Where a likelihood is highest, and how sharply it is known.

    `standard_errors` are the usual ones of maximum likelihood: from the curvature at the top.
    """

    parameters: tuple[float, ...]
    standard_errors: tuple[float, ...]
    log_likelihood: float


def weighted_sum(weights: FloatArray, values: FloatArray) -> float:
    """The sum of weights times values, in one thread, by pairs (NumPy's sum), which keeps it exact.

    `weights @ values` goes to the BLAS library, whose threads wait for each other by spinning: beside a busy
    database a fit took ten times as long, and a million products are done in a millisecond anyway.
    """
    return float((weights * values).sum())


def maximise(
    log_likelihood: LogLikelihood, *, starts: Sequence[Sequence[float]], names: Sequence[str], weight: float
) -> Maximum | FitProblem:
    """The highest point reached from the starts, or why it is no maximum.

    The search is for the logarithms of the parameters, which keeps them positive. `weight` is the number
    of customers behind the likelihood; `names` are the parameters', for the sentence.
    """

    def objective(logs: FloatArray) -> tuple[float, FloatArray]:
        theta = np.exp(logs)
        value, slope = log_likelihood(theta)
        return -value / weight, -slope * theta / weight

    bound = float(np.log(EDGE))
    tops = [_climb(objective, np.log(np.asarray(start, dtype=np.float64)), bound) for start in starts]
    logs = min(tops, key=lambda top: objective(top)[0])
    value, slope = objective(logs)
    return _edge_problem(logs, names, bound) or _slope_problem(value, slope) or _top(objective, logs, weight)


def _climb(
    objective: Callable[[FloatArray], tuple[float, FloatArray]], start: FloatArray, bound: float
) -> FloatArray:
    # SciPy's own verdict isn't asked for: near the top rounding stops the line search before its
    # tolerance does, so the slope and the curvature are judged here instead.
    found = minimize(
        objective,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(-bound, bound)] * len(start),
        options={"ftol": 1e-15, "gtol": 1e-9, "maxcor": 20, "maxiter": 500},
    )
    return np.asarray(found.x, dtype=np.float64)


def _edge_problem(logs: FloatArray, names: Sequence[str], bound: float) -> FitProblem | None:
    at_edge = [name for name, log in zip(names, logs, strict=True) if abs(log) > bound - 1e-3]
    if not at_edge:
        return None
    return FitProblem(
        Reason.NO_MAXIMUM,
        "These histories don't settle the model: its fit keeps getting better as "
        f"{' and '.join(at_edge)} run{'s' if len(at_edge) == 1 else ''} off without end. "
        "It happens when customers are too alike, or when too few came back; more history may help.",
    )


def _slope_problem(value: float, slope: FloatArray) -> FitProblem | None:
    if np.isfinite(value) and np.abs(slope).max() <= FLAT:
        return None
    return FitProblem(
        Reason.NOT_CONVERGED,
        "The search for the best model didn't come to rest, so no figures are shown. More history may help.",
    )


def _top(
    objective: Callable[[FloatArray], tuple[float, FloatArray]], logs: FloatArray, weight: float
) -> Maximum | FitProblem:
    step = 1e-4
    curvature = np.array(
        [
            (objective(logs + step * axis)[1] - objective(logs - step * axis)[1]) / (2 * step)
            for axis in np.eye(len(logs))
        ]
    )
    curvature = weight * (curvature + curvature.T) / 2
    bends = np.linalg.eigvalsh(curvature)
    if bends[0] <= CURVED * bends[-1]:
        return FitProblem(
            Reason.NO_MAXIMUM,
            "These histories don't settle the model: many different ones fit them equally well. "
            "More history may help.",
        )
    theta = np.exp(logs)
    errors = theta * np.sqrt(np.diag(np.linalg.inv(curvature)))
    return Maximum(
        parameters=tuple(theta.tolist()),
        standard_errors=tuple(errors.tolist()),
        log_likelihood=-objective(logs)[0] * weight,
    )
