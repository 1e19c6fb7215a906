"""How figures of the value models are rounded before they are kept.

A forecast of one customer is off by far more than a few per cent, and every one of them drifts by a little
each day: if kept to the last digit, each night would rewrite every row to say the same thing. Rounding depends only
on the new figure, so that what is kept doesn't depend on earlier nights.
"""

from __future__ import annotations

import numpy as np

from segments.clv.histories import FloatArray

FIGURES = 2


def to_figures(values: FloatArray) -> FloatArray:
    """The values to FIGURES significant digits; 0 and NaN stay what they are."""
    known = np.isfinite(values) & (values != 0)
    rounded = values.copy()
    digits = FIGURES - 1 - np.floor(np.log10(np.abs(values[known])))
    # By a power of ten that is a whole number either way, so that 0.123 is the double nearest to it.
    up, down = 10.0 ** np.maximum(digits, 0), 10.0 ** np.maximum(-digits, 0)
    rounded[known] = np.round(values[known] * up / down) * down / up
    return rounded


def to_minor_units(values: FloatArray) -> FloatArray:
    """Amounts to FIGURES significant digits and to whole minor units; NaN stays what it is."""
    return np.round(to_figures(values))


def to_hundredths(shares: FloatArray) -> FloatArray:
    """Shares to two places, but never to 0 or 1 from in between: nothing is certain. NaN stays what it is."""
    between = (shares > 0) & (shares < 1)
    return np.where(between, np.clip(np.round(shares, 2), 0.01, 0.99), shares)
