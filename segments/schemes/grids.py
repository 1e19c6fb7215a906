"""A scheme drawn as grids: which segment each pair of scores belongs to. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from segments.models import SchemeVersion, Segment
from segments.rules import Axes, cell_index
from segments.schemes.presets import Preset


@dataclass(frozen=True)
class GridCell:
    """A cell: where it is, as the axes read it, and its segment; the segment's health decides the colour."""

    at: tuple[int, ...]
    key: str
    name: str
    health: int

    @property
    def field(self) -> str:
        """Where it is, as part of the name of a form field."""
        return "-".join(map(str, self.at))

    @property
    def label(self) -> str:
        """Its scores, for those who don't see the grid's edges."""
        return "scores " + ", ".join(map(str, self.at))


@dataclass(frozen=True)
class Brush:
    """A segment that a cell can be painted with."""

    key: str
    name: str
    health: int


@dataclass(frozen=True)
class Grid:
    """One picture: rows from the best score down, columns from score 1 up; `title` where there are several."""

    title: str
    row_name: str
    column_name: str
    columns: Sequence[int]
    rows: Sequence[tuple[int, Sequence[GridCell]]]


# The key of the segment of a cell, named as the axes read it.
KeyAt = Callable[[tuple[int, ...]], str]
Painted = Mapping[tuple[int, ...], str]


def preset_grids(
    preset: Preset, *, painted: Painted | None = None, segments: Sequence[Segment] = ()
) -> list[Grid]:
    """The grids of a preset as it comes, or with cells painted over with other segments.

    `segments`: those of the store, where cells are painted with more than the preset's own.
    """
    named = {one.key: (one.name, one.health) for one in segments}
    named |= {one.key: (one.name, health) for health, one in preset.ranked}
    grid = {**preset.grid, **(painted or {})}
    return _grids(preset.axes, preset.bins, grid.__getitem__, named)


def version_grids(version: SchemeVersion, segments: Mapping[int, Segment]) -> list[Grid]:
    """The grids of a version, by its own cells. `segments`: the store's, by id."""
    cells, bins = version.cells, version.bins
    axes: Axes = "rf" if version.axes == "rf" else "r_fm" if version.axes == "r_fm" else "rfm"

    def key_at(at: tuple[int, ...]) -> str:
        # Of a pair, F alone says it; F and M of k have the mean k.
        r, f, m = at if len(at) == 3 else (at[0], at[1], at[1])
        return segments[cells[cell_index(r, f, m, bins)]].key

    return _grids(axes, bins, key_at, {one.key: (one.name, one.health) for one in segments.values()})


def _grids(axes: Axes, bins: int, key_at: KeyAt, named: Mapping[str, tuple[str, int]]) -> list[Grid]:
    up, down = range(1, bins + 1), range(bins, 0, -1)

    def cell(*at: int) -> GridCell:
        key = key_at(at)
        return GridCell(at, key, *named[key])

    if axes != "rfm":
        column = "F" if axes == "rf" else "FM"
        return [Grid("", "R", column, up, [(r, [cell(r, k) for k in up]) for r in down])]
    return [
        Grid(f"Recency {r}", "M", "F", up, [(m, [cell(r, f, m) for f in up]) for m in down]) for r in down
    ]
