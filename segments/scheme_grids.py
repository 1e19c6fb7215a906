"""A scheme drawn as grids: which segment each pair of scores belongs to. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from segments.models import SchemeVersion, Segment
from segments.presets import Preset
from segments.rules import Axes, cell_index


@dataclass(frozen=True)
class GridCell:
    """A cell: the segment's name and its health, which decides the colour."""

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


CellAt = Callable[[int, int, int], GridCell]


def preset_grids(preset: Preset) -> list[Grid]:
    """The grids of a preset as it comes."""
    cells = {segment.key: GridCell(segment.name, health) for health, segment in preset.ranked}
    cube = preset.cube
    return _grids(preset.axes, preset.bins, lambda r, f, m: cells[cube[cell_index(r, f, m, preset.bins)]])


def version_grids(version: SchemeVersion, segments: Mapping[int, Segment]) -> list[Grid]:
    """The grids of a version, by its own cells. `segments`: the store's, by id."""

    def cell_at(r: int, f: int, m: int) -> GridCell:
        segment = segments[version.cells[cell_index(r, f, m, version.bins)]]
        return GridCell(segment.name, segment.health)

    axes: Axes = "rf" if version.axes == "rf" else "r_fm" if version.axes == "r_fm" else "rfm"
    return _grids(axes, version.bins, cell_at)


def _grids(axes: Axes, bins: int, cell_at: CellAt) -> list[Grid]:
    up, down = range(1, bins + 1), range(bins, 0, -1)
    if axes == "rf":
        return [Grid("", "R", "F", up, [(r, [cell_at(r, f, 1) for f in up]) for r in down])]
    if axes == "r_fm":  # F and M of k have the mean k
        return [Grid("", "R", "FM", up, [(r, [cell_at(r, k, k) for k in up]) for r in down])]
    return [
        Grid(f"Recency {r}", "M", "F", up, [(m, [cell_at(r, f, m) for f in up]) for m in down]) for r in down
    ]
