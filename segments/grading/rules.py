"""How well segments foretold who would buy. Pure: counts in, figures out. No database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

from segments.intervals import Z_95

# With fewer than this on either side the interval of the separation would be a guess, so nothing is said.
LEAST_ON_EACH_SIDE = 10


@dataclass(frozen=True)
class Outcome:
    """Of the people of one segment, or of several of one health: how many did buy, and how many didn't."""

    health: int
    buyers: int
    others: int


@dataclass(frozen=True)
class Separation:
    """The chance that somebody who bought was in a healthier segment than somebody who didn't; 0.5 is no better
    than luck.
    """

    value: float
    low: float
    high: float


def separation(outcomes: Iterable[Outcome]) -> Separation | None:
    """The area under the ROC curve of segment health against having bought, with its 95% interval.

    Equal healths count half. The area is Mann and Whitney's U over the number of pairs (Hanley and McNeil,
    1982); the interval is that of DeLong, DeLong and Clarke-Pearson (1988), exact for ties, from counts alone.
    None with fewer than LEAST_ON_EACH_SIDE buyers, or others.
    """
    ranked = _by_health(outcomes)
    buyers, others = sum(one.buyers for one in ranked), sum(one.others for one in ranked)
    if min(buyers, others) < LEAST_ON_EACH_SIDE:
        return None
    # Twice the wins, so that the ties' halves stay whole.
    others_below, buyers_above = others, 0
    of_buyers, of_others = [], []
    for one in ranked:
        others_below -= one.others
        of_buyers.append((one.buyers, (2 * others_below + one.others) / (2 * others)))
        of_others.append((one.others, (2 * buyers_above + one.buyers) / (2 * buyers)))
        buyers_above += one.buyers
    area = sum(count * place for count, place in of_buyers) / buyers
    error = sqrt(_variance(of_buyers, area) / buyers + _variance(of_others, area) / others)
    return Separation(area, max(0.0, area - Z_95 * error), min(1.0, area + Z_95 * error))


def _by_health(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """The healthiest first, one for each health."""
    found: dict[int, Outcome] = {}
    for one in outcomes:
        same = found.get(one.health, Outcome(one.health, 0, 0))
        found[one.health] = Outcome(one.health, same.buyers + one.buyers, same.others + one.others)
    return [found[health] for health in sorted(found)]


def _variance(places: list[tuple[int, float]], mean: float) -> float:
    count = sum(number for number, _ in places)
    return sum(number * (place - mean) ** 2 for number, place in places) / (count - 1)
