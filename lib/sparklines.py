"""A trend the size of a word: the path of an SVG line, drawn on the server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, MARGIN = 88, 28, 3


@dataclass(frozen=True)
class Sparkline:
    """`path` is an SVG path in a WIDTH x HEIGHT box; (x, y) is its last point."""

    path: str
    x: float
    y: float
    width: int = WIDTH
    height: int = HEIGHT


def sparkline(values: Sequence[float | None]) -> Sparkline | None:
    """The line through the values, oldest first, from their least to their greatest.

    A None leaves a gap that the line bridges. Returns None with fewer than two values.
    """
    known = [(place, float(value)) for place, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return None
    least, greatest = min(v for _, v in known), max(v for _, v in known)
    across = (WIDTH - 2 * MARGIN) / (len(values) - 1)
    up = (HEIGHT - 2 * MARGIN) / (greatest - least) if greatest > least else 0.0
    floor = HEIGHT - MARGIN if up else HEIGHT / 2
    points = [(round(MARGIN + i * across, 1), round(floor - (v - least) * up, 1)) for i, v in known]
    path = "M" + "L".join(f"{x:g} {y:g}" for x, y in points)
    return Sparkline(path, *points[-1])
