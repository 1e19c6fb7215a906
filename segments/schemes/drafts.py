"""A draft of a scheme: what the next version would say. Pure; segments are given by their keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from segments.models import SchemeVersion
from segments.rules import Axes, cell_index, cell_of, cells_of, cube_from_grid
from segments.schemes.presets import PRESETS, Preset

At = tuple[int, ...]
Grid = Mapping[At, str]
Thresholds = Mapping[str, Sequence[int]]


@dataclass(frozen=True)
class Draft:
    """A scheme that isn't in force: the preset it began from, how scores are cut, and the segment of each cell.

    `grid`: the key of the segment of every cell, as the axes read it. `thresholds`, `window_months` as in
    SchemeVersion.
    """

    preset: Preset
    axes: Axes
    bins: int
    grid: Grid
    thresholds: Thresholds = field(default_factory=dict)
    window_months: int | None = None

    @property
    def cube(self) -> list[str]:
        """The keys of all bins**3 cells, flat (see rules.cell_index)."""
        return cube_from_grid(self.axes, self.bins, self.grid)

    @property
    def keys(self) -> set[str]:
        """Of the segments that somebody can be in by it."""
        return set(self.grid.values()) | ({self.preset.prospects} if self.preset.prospects else set())

    def segment_of(self, r: int, f: int, m: int) -> str | None:
        """The key of the segment of scores; of 0, 0, 0 that of customers without an order, if any."""
        return self.grid[cell_of(self.axes, r, f, m)] if r else self.preset.prospects


def preset_draft(
    preset: Preset, *, thresholds: Thresholds | None = None, window_months: int | None = None
) -> Draft:
    """A preset as it is, except for cut points fixed by hand."""
    fixed = {**preset.thresholds, **(thresholds or {})}
    return Draft(preset, preset.axes, preset.bins, preset.grid, fixed, window_months)


def version_draft(version: SchemeVersion, keys: Mapping[int, str]) -> Draft:
    """A version as a draft. `keys`: of its segments, by id."""
    preset, axes = PRESETS[version.preset], axes_of(version.axes)
    cube = [keys[pk] for pk in version.cells]
    grid = read_grid(cube, version.bins, axes, version.bins)
    return Draft(preset, axes, version.bins, grid, version.thresholds, version.window_months)


def reshaped(draft: Draft, axes: Axes, bins: int) -> Draft:
    """The draft with other axes or another number of scores; each cell has the segment of the nearest old cell.

    Cut points fixed for another number of scores no longer fit, and are left out.
    """
    if (axes, bins) == (draft.axes, draft.bins):
        return draft
    grid = read_grid(draft.cube, draft.bins, axes, bins)
    thresholds = draft.thresholds if bins == draft.bins else {}
    return Draft(draft.preset, axes, bins, grid, thresholds, draft.window_months)


def read_grid(cube: Sequence[str], cube_bins: int, axes: Axes, bins: int) -> dict[At, str]:
    """The grid along the axes, each cell with the segment of the cell of the cube that represents it best.

    For R x F, M is taken to equal F; for a mean of k, F and M are both k. Other numbers of scores are stretched: from
    5 to 3, the lowest, the middle and the highest are taken.
    """

    def nearest(score: int) -> int:
        return 1 + (2 * (score - 1) * (cube_bins - 1) + bins - 1) // (2 * (bins - 1))

    def key_at(at: At) -> str:
        r, f, m = (nearest(score) for score in (at if len(at) == 3 else (*at, at[1])))
        return cube[cell_index(r, f, m, cube_bins)]

    return {at: key_at(at) for at in cells_of(axes, bins)}


def axes_of(text: str) -> Axes:
    """The axes of a name that the database or a form has checked."""
    return "rf" if text == "rf" else "r_fm" if text == "r_fm" else "rfm"
