"""A scheme drawn as grids: which segment each pair of scores belongs to. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from segments.models import Segment
from segments.schemes.drafts import At, Draft


@dataclass(frozen=True)
class GridCell:
    """A cell: where it is, as the axes read it, its field in the form, and its segment with its health."""

    at: At
    field: str
    key: str
    name: str
    health: int

    @property
    def label(self) -> str:
        """Its scores, for people who can't see the grid's edges."""
        return "scores " + ", ".join(map(str, self.at))


@dataclass(frozen=True)
class Grid:
    """One picture: rows from the best score down, columns from score 1 up; `title` where there are several."""

    title: str
    row_name: str
    column_name: str
    columns: Sequence[int]
    rows: Sequence[tuple[int, Sequence[GridCell]]]


def cell_field(draft: Draft, at: At) -> str:
    """The name of a cell's field in the form: it says of which grid."""
    return f"cell-{draft.preset.key}-{draft.axes}{draft.bins}-{'-'.join(map(str, at))}"


def grids_of(draft: Draft, segments: Mapping[str, Segment]) -> list[Grid]:
    """The pictures of a draft: one of its pairs of scores, or one for each recency score. `segments` by key."""
    up, down = range(1, draft.bins + 1), range(draft.bins, 0, -1)

    def cell(*at: int) -> GridCell:
        one = segments[draft.grid[at]]
        return GridCell(at, cell_field(draft, at), one.key, one.name, one.health)

    if draft.axes != "rfm":
        column = "F" if draft.axes == "rf" else "FM"
        return [Grid("", "R", column, up, [(r, [cell(r, k) for k in up]) for r in down])]
    return [
        Grid(f"Recency {r}", "M", "F", up, [(m, [cell(r, f, m) for f in up]) for m in down]) for r in down
    ]
