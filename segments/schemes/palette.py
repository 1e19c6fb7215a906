"""The segments that a store can paint a scheme with."""

from __future__ import annotations

from accounts.models import Store
from segments.models import Segment
from segments.schemes.presets import PRESETS, Preset, PresetSegment

MOST_SEGMENTS = 12  # as many as there are colours, and places on the scale of health
PLACES = range(1, MOST_SEGMENTS + 1)


def palette(store: Store, preset: Preset) -> dict[str, Segment]:
    """Every segment the store has, retired ones too, and those of the preset, by key; the healthiest first.

    Segments of a preset that the store has never used aren't saved, and have no id. One query.
    """
    segments = preset_segments(store, preset)
    segments |= {one.key: one for one in Segment.objects.filter(store=store)}
    return dict(sorted(segments.items(), key=lambda item: (item[1].health, item[1].pk or 0, item[0])))


def preset_segments(store: Store, preset: Preset) -> dict[str, Segment]:
    """The segments of a preset as it words them, not saved, by key."""
    return {one.key: worded(Segment(store=store, key=one.key), health, one) for health, one in preset.ranked}


def worded(segment: Segment, health: int, preset_segment: PresetSegment) -> Segment:
    """The segment with the words and the place that a preset gives it; not saved."""
    segment.name, segment.health = preset_segment.name, health
    segment.meaning, segment.advice = preset_segment.meaning, preset_segment.advice
    segment.is_own = False
    return segment


def preset_wording(key: str, preferred: Preset) -> tuple[int, PresetSegment] | None:
    """The place and words of a segment in the preferred preset, else in the first that has it; None: in none."""
    for preset in (preferred, *PRESETS.values()):
        for health, one in preset.ranked:
            if one.key == key:
                return health, one
    return None
