"""How far a share of few people can be trusted. Pure: no database."""

from __future__ import annotations

from math import sqrt

Z_95 = 1.959963984540054  # the normal distribution's 97.5th percentile


def wilson_interval(successes: int, trials: int) -> tuple[float, float]:
    """The 95% confidence interval of a share, within 0..1.

    The score interval of E. B. Wilson, Probable inference, the law of succession, and statistical inference,
    Journal of the American Statistical Association 22 (1927), 209-212. Raises ValueError without trials.
    """
    if trials < 1:
        raise ValueError("A share of nobody has no interval.")
    share, z2 = successes / trials, Z_95**2
    middle = share + z2 / (2 * trials)
    reach = Z_95 * sqrt(share * (1 - share) / trials + z2 / (4 * trials**2))
    low, high = ((middle + sign * reach) / (1 + z2 / trials) for sign in (-1, 1))
    # For a share of 0 or 1 one end of the interval is the share itself, which floating point would miss by a hair.
    return 0.0 if successes == 0 else low, 1.0 if successes == trials else high
