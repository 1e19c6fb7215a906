"""The rules of scoring, pure: values to scores, scores to a segment. No database.

A cut point is the lowest value of the next bin: bins are lower <= value < upper. Cut points found by share
and cut points fixed by hand are the same thing once found, so everything after them has one convention.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from typing import Any, Literal, TypeVar

DIMENSIONS = ("recency", "frequency", "monetary")
BINS = (5, 3)  # how many scores a dimension may have

# Which scores decide a segment: R and F; R and the mean of F and M; or all three.
Axes = Literal["rf", "r_fm", "rfm"]
SegmentT = TypeVar("SegmentT")


@dataclass(frozen=True)
class CutPoints:
    """Ascending cut points of a refresh: recency in days, frequency in orders, monetary in minor units.

    Each has bins-1 members, or none where there was nobody to cut by.
    """

    recency: tuple[int, ...]
    frequency: tuple[int, ...]
    monetary: tuple[int, ...]

    @classmethod
    def from_json(cls, value: Mapping[str, Sequence[int]]) -> CutPoints:
        return cls(*(tuple(value.get(dimension, ())) for dimension in DIMENSIONS))

    def as_json(self) -> dict[str, list[int]]:
        return {dimension: list(getattr(self, dimension)) for dimension in DIMENSIONS}

    def last_on(self, as_of: date) -> list[date]:
        """The recency cut points as days of a last order, ascending: the first day of each higher score."""
        return [as_of - timedelta(days=days - 1) for days in reversed(self.recency)]

    def bounds(self, as_of: date) -> dict[str, list[date] | list[int]]:
        """The lowest values of scores 2, 3, .. of each dimension, as the statements that score take them."""
        return {
            "last_on": self.last_on(as_of),
            "frequency": list(self.frequency),
            "monetary": list(self.monetary),
        }


def bands_passed(before: Sequence[Any], after: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """The lower and upper ends of the bands that cut points moved across: a value in none of them scores as before.

    A band includes its lower end and excludes its upper. Raises ValueError if the numbers of cut points differ.
    """
    passed = [sorted(ends) for ends in zip(before, after, strict=True) if ends[0] != ends[1]]
    return [low for low, _ in passed], [high for _, high in passed]


@dataclass(frozen=True)
class Scores:
    """A customer's scores, each 1..bins, best last; 0, 0, 0 where no order counts."""

    r: int
    f: int
    m: int


UNSCORED = Scores(0, 0, 0)


def ascending_score(value: int, cuts: Sequence[int]) -> int:
    """The score of a value of which more is better: 1 + the number of cut points at or below it."""
    return 1 + bisect_right(cuts, value)


def recency_score(days: int, cuts: Sequence[int]) -> int:
    """The score of a recency in days, of which less is better: 1 + the number of cut points above it."""
    return 1 + len(cuts) - bisect_right(cuts, days)


def score(*, recency: int | None, frequency: int, monetary: int, cuts: CutPoints) -> Scores:
    """The scores of one customer; UNSCORED without a counted order (frequency 0)."""
    if recency is None or frequency == 0:
        return UNSCORED
    return Scores(
        r=recency_score(recency, cuts.recency),
        f=ascending_score(frequency, cuts.frequency),
        m=ascending_score(monetary, cuts.monetary),
    )


def scores_in_one(r: int, f: int, m: int) -> int:
    """The scores as one number: 543 for R5 F4 M3."""
    return 100 * r + 10 * f + m


def scores_apart(number: int) -> Scores:
    """The scores in one number: R5 F4 M3 for 543."""
    return Scores(number // 100, number // 10 % 10, number % 10)


def cell_index(r: int, f: int, m: int, bins: int) -> int:
    """The index of the cell of scores 1..bins in a cube of bins**3 cells kept as a flat list."""
    return ((r - 1) * bins + (f - 1)) * bins + (m - 1)


def segment_of(
    scores: Scores, cells: Sequence[SegmentT], bins: int, prospects: SegmentT | None
) -> SegmentT | None:
    """The segment of the scores in the flat cube; `prospects` where the customer is unscored."""
    if scores == UNSCORED:
        return prospects
    return cells[cell_index(scores.r, scores.f, scores.m, bins)]


def cube_from_grid(axes: Axes, bins: int, grid: Mapping[tuple[int, ...], SegmentT]) -> list[SegmentT]:
    """The flat cube of a grid keyed by the scores on its axes: (r, f), (r, fm) or (r, f, m).

    FM is (F + M) / 2 rounded down. Raises KeyError for a cell the grid doesn't cover.
    """
    scores = range(1, bins + 1)
    return [grid[cell_of(axes, r, f, m)] for r in scores for f in scores for m in scores]


def cells_of(axes: Axes, bins: int) -> list[tuple[int, ...]]:
    """Every cell of a grid along the axes, as they read it."""
    return list(product(range(1, bins + 1), repeat=3 if axes == "rfm" else 2))


def cell_of(axes: Axes, r: int, f: int, m: int) -> tuple[int, ...]:
    """The cell of a grid along the axes in which scores 1..bins lie."""
    if axes == "rf":
        return r, f
    if axes == "r_fm":
        return r, (f + m) // 2
    return r, f, m
