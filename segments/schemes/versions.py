"""Which segment scheme a store uses. A scheme is never edited: a change is a new version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Store, User
from segments.models import SchemeVersion, Segment
from segments.rules import DIMENSIONS, cube_from_grid
from segments.schemes.presets import PRESETS, Preset

__all__ = [
    "PRESETS",
    "SchemeError",
    "current_scheme",
    "restore_scheme",
    "save_scheme",
    "scheme_versions",
    "set_preset",
]

DEFAULT_PRESET = "classic"
Thresholds = Mapping[str, Sequence[int]]


class SchemeError(ValueError):
    """What is wrong with a scheme, in a sentence for the person who made it."""


def current_scheme(store: Store) -> SchemeVersion:
    """The version in force. A store that never chose gets Classic on first use."""
    newest = _newest(store)
    return newest or set_preset(store=store, preset=DEFAULT_PRESET)


def scheme_versions(store: Store) -> QuerySet[SchemeVersion]:
    """Every scheme the store has had, the one in force first."""
    return SchemeVersion.objects.filter(store=store).select_related("created_by").order_by("-number")


@transaction.atomic
def set_preset(
    *,
    store: Store,
    preset: str,
    thresholds: Thresholds | None = None,
    window_months: int | None = None,
    painted: Mapping[tuple[int, ...], str] | None = None,
    by: User | None = None,
) -> SchemeVersion:
    """Puts a preset in force and returns its version; the version in force where nothing would change.

    `thresholds` fix cut points by hand over those of the preset (see SchemeVersion.thresholds). `painted`: the
    keys of segments for cells of the preset's grid, over its own; a segment of another scheme will do.
    Raises SchemeError for an unknown preset, or thresholds or cells that don't fit it.
    """
    chosen = PRESETS.get(preset)
    if chosen is None:
        raise SchemeError(f"There is no preset “{preset}”. Choose one of {', '.join(PRESETS)}.")
    Store.objects.select_for_update(no_key=True).get(pk=store.pk)  # two at once would make two versions
    ids = _segment_ids(store, chosen)
    cells = chosen.cube
    if painted:
        _check_painted(store, chosen, painted)
        cells = cube_from_grid(chosen.axes, chosen.bins, {**chosen.grid, **painted})
        ids |= dict(Segment.objects.filter(store=store, key__in=painted.values()).values_list("key", "id"))
    return save_scheme(
        store=store,
        preset=chosen.key,
        axes=chosen.axes,
        bins=chosen.bins,
        cells=[ids[key] for key in cells],
        prospects=ids[chosen.prospects] if chosen.prospects else None,
        thresholds={**chosen.thresholds, **(thresholds or {})},
        window_months=window_months,
        by=by,
    )


@transaction.atomic
def restore_scheme(*, store: Store, number: int, by: User | None = None) -> SchemeVersion:
    """Puts an earlier version's scheme in force again, as a new version; history keeps both.

    Raises SchemeError where the store has no such version.
    """
    old = SchemeVersion.objects.filter(store=store, number=number).first()
    if old is None:
        raise SchemeError("There is no such version of the scheme.")
    return save_scheme(
        store=store,
        preset=old.preset,
        axes=old.axes,
        bins=old.bins,
        cells=old.cells,
        prospects=old.prospects_id,
        thresholds=old.thresholds,
        window_months=old.window_months,
        by=by,
    )


@transaction.atomic
def save_scheme(
    *,
    store: Store,
    preset: str,
    axes: str,
    bins: int,
    cells: Sequence[int],
    prospects: int | None = None,
    thresholds: Thresholds | None = None,
    window_months: int | None = None,
    by: User | None = None,
) -> SchemeVersion:
    """Puts a scheme in force and returns its version; the version in force where nothing would change.

    `cells` and `prospects` are ids of the store's segments; `preset` is what the scheme began from.
    Raises SchemeError where the cells or thresholds don't fit.
    """
    Store.objects.select_for_update(no_key=True).get(pk=store.pk)
    fixed = checked_thresholds(thresholds or {}, bins)
    _check_cells(store, cells, bins, prospects)
    if window_months is not None and window_months < 1:
        raise SchemeError("The window is at least one month; leave it empty to count every order.")
    content = {
        "preset": preset,
        "axes": axes,
        "bins": bins,
        "cells": list(cells),
        "prospects_id": prospects,
        "thresholds": fixed,
        "window_months": window_months,
    }
    newest = _newest(store)
    if newest and all(getattr(newest, name) == value for name, value in content.items()):
        return newest
    number = newest.number + 1 if newest else 1
    return SchemeVersion.objects.create(store=store, number=number, created_by=by, **content)


def checked_thresholds(thresholds: Thresholds, bins: int) -> dict[str, list[int]]:
    """The thresholds as a scheme keeps them. Raises SchemeError for what cannot be a list of cut points."""
    unknown = sorted(set(thresholds) - set(DIMENSIONS))
    if unknown:
        raise SchemeError(f"“{unknown[0]}” cannot have cut points: only {', '.join(DIMENSIONS)} can.")
    for dimension, cuts in thresholds.items():
        if len(cuts) != bins - 1:
            raise SchemeError(
                f"{dimension.capitalize()} needs {bins - 1} cut points for {bins} scores, not {len(cuts)}."
            )
        if any(lower >= upper for lower, upper in pairwise(cuts)):
            raise SchemeError(f"The cut points of {dimension} must rise: each above the one before.")
        if dimension != "monetary" and cuts[0] < 1:
            raise SchemeError(f"The cut points of {dimension} begin at 1 or above.")
    return {dimension: list(cuts) for dimension, cuts in thresholds.items()}


def _newest(store: Store) -> SchemeVersion | None:
    return SchemeVersion.objects.filter(store=store).order_by("-number").first()


def _segment_ids(store: Store, preset: Preset) -> dict[str, int]:
    """The store's segments of the preset by key, made or brought up to date."""
    rows = [
        Segment(
            store=store,
            key=segment.key,
            name=segment.name,
            health=health,
            meaning=segment.meaning,
            advice=segment.advice,
        )
        for health, segment in preset.ranked
    ]
    Segment.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["store", "key"],
        update_fields=["name", "health", "meaning", "advice"],
    )
    keys = [segment.key for segment in preset.segments]
    return dict(Segment.objects.filter(store=store, key__in=keys).values_list("key", "id"))


def _check_painted(store: Store, preset: Preset, painted: Mapping[tuple[int, ...], str]) -> None:
    if not painted.keys() <= preset.grid.keys():
        raise SchemeError(f"The grid of {preset.name} doesn't have every cell that was painted.")
    keys = set(painted.values())
    known = set(Segment.objects.filter(store=store, key__in=keys).values_list("key", flat=True))
    if keys - known:
        raise SchemeError("A cell names a segment that this store doesn't have.")


def _check_cells(store: Store, cells: Sequence[int], bins: int, prospects: int | None) -> None:
    if len(cells) != bins**3:
        raise SchemeError(f"A scheme of {bins} scores has {bins**3} cells, not {len(cells)}.")
    used = set(cells) | ({prospects} if prospects else set())
    if Segment.objects.filter(store=store, id__in=used).count() != len(used):
        raise SchemeError("A cell names a segment that this store doesn't have.")
