"""What the scheme page says of the presets, and of each of the store's segments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from accounts.models import Store
from lib.wording import count_text
from segments.models import SchemeVersion, Segment
from segments.rules import cell_index, cells_of
from segments.schemes.drafts import axes_of, preset_draft
from segments.schemes.grids import Grid, grids_of
from segments.schemes.palette import preset_segments
from segments.schemes.presets import PRESETS, Preset
from segments.schemes.segment_words import preset_keys


@dataclass(frozen=True)
class PresetCard:
    """A preset to choose, with a picture of it."""

    preset: Preset
    grids: Sequence[Grid]


def preset_cards(store: Store) -> list[PresetCard]:
    """Every preset as it comes."""
    return [
        PresetCard(preset, grids_of(preset_draft(preset), preset_segments(store, preset)))
        for preset in PRESETS.values()
    ]


@dataclass(frozen=True)
class SegmentRow:
    """A segment, and how many cells of the grid in force are its; `is_used`: somebody can be in it."""

    segment: Segment
    cells: int
    is_used: bool
    is_prospects: bool
    has_preset: bool

    @property
    def place_text(self) -> str:
        """What of the grid is its, in a few words."""
        if self.is_prospects:
            return "customers without an order"
        if self.cells:
            return count_text(self.cells, "cell")
        return "retired" if self.segment.is_retired else "no cell: nobody is in it"


def segment_rows(version: SchemeVersion, segments: Iterable[Segment]) -> Sequence[SegmentRow]:
    """The store's segments: those of the scheme in force, then the others, then those retired.

    `segments`: the palette, the healthiest first; of those that aren't saved nothing is said.
    """
    axes, bins = axes_of(version.axes), version.bins
    owners = [_owner(version, at) for at in cells_of(axes, bins)]
    known = preset_keys()
    rows = [
        SegmentRow(
            segment=one,
            cells=owners.count(one.pk),
            is_used=one.pk in version.segment_ids(),
            is_prospects=one.pk == version.prospects_id,
            has_preset=one.key in known,
        )
        for one in segments
        if one.pk
    ]
    return sorted(rows, key=lambda row: (row.segment.is_retired, not row.is_used, row.segment.health))


def _owner(version: SchemeVersion, at: Sequence[int]) -> int:
    r, f, m = at if len(at) == 3 else (at[0], at[1], at[1])
    return int(version.cells[cell_index(r, f, m, version.bins)])
