"""Scales and outlooks in words, for the pages: days, orders and money as people read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lib.money import format_money
from lib.wording import NOTHING, day_text, number_text
from segments.models import Refresh, Segment
from segments.rules import CutPoints
from segments.standing import Band, Dimension, Position, Rise, Scale, Slip, scales

_NAMES: dict[Dimension, str] = {
    "recency": "Days since order",
    "frequency": "Orders",
    "monetary": "Spent",
}


@dataclass(frozen=True)
class BandLine:
    """One score's values in words: "20–59", "under 20", "300 or more"; a dash where nobody can be."""

    score: int
    range: str
    is_here: bool
    is_empty: bool


@dataclass(frozen=True)
class ScaleLine:
    """A scale in words, as segments/customers/_scale.html shows it."""

    name: str
    value: str
    score: int
    bands: Sequence[BandLine]


@dataclass(frozen=True)
class OutlookLine:
    """What would move a customer: `way` is "rise" or "slip"; `lead` → the segment; a note."""

    way: str
    lead: str
    segment: Segment | None
    note: str = ""


def scale_lines(found: Sequence[Scale], currency: str) -> list[ScaleLine]:
    return [
        ScaleLine(
            name=_NAMES[scale.dimension],
            value=_text(scale.dimension, scale.value, currency),
            score=scale.score,
            bands=[_band_line(scale.dimension, band, currency) for band in scale.bands],
        )
        for scale in found
    ]


def cut_point_lines(refresh: Refresh | None, currency: str) -> list[ScaleLine]:
    """The bands of a refresh with nobody in them; none where there is no refresh of anybody."""
    if refresh is None or not refresh.customers:
        return []
    nobody = Position(recency=None, frequency=0, monetary=0)
    return scale_lines(scales(nobody, CutPoints.from_json(refresh.cut_points)), currency)


def outlook_lines(
    rises: Sequence[Rise[Segment | None]], slips: Sequence[Slip[Segment | None]]
) -> list[OutlookLine]:
    """The next orders first, then silence, each nearest first."""
    lines = [
        OutlookLine(
            "rise",
            f"{_orders(rise.orders)}, whenever {'it comes' if rise.orders == 1 else 'they come'}",
            rise.segment,
        )
        for rise in rises
    ]
    lines += [
        OutlookLine("slip", f"No order by {day_text(slip.on)}", slip.segment, _in_days(slip.days_away))
        for slip in slips
    ]
    return lines


def _orders(count: int) -> str:
    words = {1: "One more order", 2: "Two more orders", 3: "Three more orders"}
    return words.get(count, f"{count} more orders")


def _in_days(days: int) -> str:
    return "tomorrow" if days == 1 else f"in {number_text(days)} days"


def _band_line(dimension: Dimension, band: Band, currency: str) -> BandLine:
    return BandLine(band.score, _range(dimension, band, currency), band.is_here, band.is_empty)


def _range(dimension: Dimension, band: Band, currency: str) -> str:
    low, high = band.lowest, band.highest
    if band.is_empty:
        return NOTHING
    if low is None and high is None:
        return "all"
    if low is None:
        assert high is not None
        return f"under {_text(dimension, high + 1, currency)}"
    if high is None:
        return f"{_text(dimension, low, currency)} or more"
    if low == high:
        return _text(dimension, low, currency)
    return f"{_text(dimension, low, currency)}–{_text(dimension, high, currency)}"


def _text(dimension: Dimension, value: int | None, currency: str) -> str:
    if value is None:
        return NOTHING
    return format_money(value, currency) if dimension == "monetary" else number_text(value)
