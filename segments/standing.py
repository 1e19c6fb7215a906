"""Where a customer stands: each score with the cut points around it, and what would move them. Pure.

Everything here uses the cut points of one refresh; those of the next may be a little different.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Generic, Literal, TypeVar

from segments.rules import CutPoints, Scores, score, segment_of

Dimension = Literal["recency", "frequency", "monetary"]
SegmentT = TypeVar("SegmentT")

ORDERS_LOOKED_AHEAD = 3


@dataclass(frozen=True)
class Band:
    """One score's values: lowest <= value <= highest, None where the band is open. Empty: nobody can be in it."""

    score: int
    lowest: int | None
    highest: int | None
    is_here: bool

    @property
    def is_empty(self) -> bool:
        return self.lowest is not None and self.highest is not None and self.lowest > self.highest

    def meets(self, lowest: int | None, highest: int | None) -> bool:
        """Whether the band has a value between these two, both included; None is no bound."""
        begins = max((end for end in (self.lowest, lowest) if end is not None), default=None)
        ends = min((end for end in (self.highest, highest) if end is not None), default=None)
        return begins is None or ends is None or begins <= ends


@dataclass(frozen=True)
class Scale:
    """One dimension of a customer: the value, its score, and every score's band from the worst to the best."""

    dimension: Dimension
    value: int | None
    score: int
    bands: tuple[Band, ...]


@dataclass(frozen=True)
class Position:
    """What scores a customer: recency in days (None: no order), counted orders, net in minor units."""

    recency: int | None
    frequency: int
    monetary: int


@dataclass(frozen=True)
class Scheme(Generic[SegmentT]):
    """What makes scores of a position and a segment of scores: a refresh's cut points and a scheme's cube."""

    cuts: CutPoints
    cells: Sequence[SegmentT]
    bins: int
    prospects: SegmentT | None

    def scores(self, at: Position) -> Scores:
        return score(recency=at.recency, frequency=at.frequency, monetary=at.monetary, cuts=self.cuts)

    def segment(self, at: Position) -> SegmentT | None:
        return segment_of(self.scores(at), self.cells, self.bins, self.prospects)


@dataclass(frozen=True)
class Rise(Generic[SegmentT]):
    """So many more orders take the customer to another segment."""

    orders: int
    segment: SegmentT | None
    scores: Scores


@dataclass(frozen=True)
class Slip(Generic[SegmentT]):
    """Without another order the customer is in another segment from this day on."""

    on: date
    days_away: int
    segment: SegmentT | None
    scores: Scores


def scales(at: Position, cuts: CutPoints) -> tuple[Scale, Scale, Scale]:
    """The customer's recency, frequency and monetary, each on its scale."""
    scores = score(recency=at.recency, frequency=at.frequency, monetary=at.monetary, cuts=cuts)
    return (
        Scale("recency", at.recency, scores.r, _recency_bands(cuts.recency, scores.r)),
        Scale("frequency", at.frequency, scores.f, _ascending_bands(cuts.frequency, scores.f)),
        Scale("monetary", at.monetary, scores.m, _ascending_bands(cuts.monetary, scores.m)),
    )


def bands(cuts: CutPoints) -> tuple[dict[int, Band], dict[int, Band], dict[int, Band]]:
    """The values of each score of recency (days), frequency and monetary (minor units), by score."""
    return (
        {band.score: band for band in _recency_bands(cuts.recency, 0)},
        {band.score: band for band in _ascending_bands(cuts.frequency, 0)},
        {band.score: band for band in _ascending_bands(cuts.monetary, 0)},
    )


def rises(at: Position, scheme: Scheme[SegmentT], *, typical_order: int) -> list[Rise[SegmentT]]:
    """What the next orders would do, each of `typical_order` minor units; only those that change the segment.

    An order sets recency to 0. Stops after ORDERS_LOOKED_AHEAD orders: beyond that it would be no advice.
    """
    found = []
    segment = scheme.segment(at)
    for orders in range(1, ORDERS_LOOKED_AHEAD + 1):
        then = Position(0, at.frequency + orders, at.monetary + orders * max(typical_order, 0))
        if (reached := scheme.segment(then)) != segment:
            segment = reached
            found.append(Rise(orders, reached, scheme.scores(then)))
    return found


def slips(at: Position, scheme: Scheme[SegmentT], *, as_of: date) -> list[Slip[SegmentT]]:
    """What silence would do, nearest first: the days on which recency alone changes the segment."""
    if at.recency is None:
        return []
    found = []
    segment = scheme.segment(at)
    for cut in (cut for cut in scheme.cuts.recency if cut > at.recency):
        then = replace(at, recency=cut)
        if (reached := scheme.segment(then)) != segment:
            segment = reached
            away = cut - at.recency
            found.append(Slip(as_of + timedelta(days=away), away, reached, scheme.scores(then)))
    return found


def _ascending_bands(cuts: Sequence[int], here: int) -> tuple[Band, ...]:
    """More is better: score 1 is below the first cut point, the best is from the last one up."""
    return tuple(_bands(cuts, range(1, len(cuts) + 2), here))


def _recency_bands(cuts: Sequence[int], here: int) -> tuple[Band, ...]:
    """Less is better: the best score is below the first cut point, score 1 is from the last one up."""
    return tuple(_bands(cuts, range(len(cuts) + 1, 0, -1), here))[::-1]


def _bands(cuts: Sequence[int], scores: range, here: int) -> Iterator[Band]:
    lowest: list[int | None] = [None, *cuts]
    highest: list[int | None] = [*(cut - 1 for cut in cuts), None]
    for number, low, high in zip(scores, lowest, highest, strict=True):
        yield Band(number, low, high, is_here=number == here)
