"""Which segment scheme a store uses. A scheme is never edited: a change is a new version."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Store, User
from segments.models import SchemeVersion, Segment
from segments.rules import DIMENSIONS
from segments.schemes.drafts import Draft, Thresholds, preset_draft
from segments.schemes.palette import MOST_SEGMENTS, preset_segments
from segments.schemes.presets import PRESETS

__all__ = [
    "LONGEST_WINDOW",
    "PRESETS",
    "SchemeError",
    "check_draft",
    "current_scheme",
    "restore_scheme",
    "save_draft",
    "save_scheme",
    "scheme_versions",
    "set_preset",
]

DEFAULT_PRESET = "classic"
LONGEST_WINDOW = 240  # months
# Of a cut point: what the database and the calendar can hold; days, orders, minor units.
_LARGEST = {"recency": 36_500, "frequency": 1_000_000_000, "monetary": 10**15}


class SchemeError(ValueError):
    """What is wrong with a scheme, in a sentence for the person who made it."""


def current_scheme(store: Store) -> SchemeVersion:
    """The version in force. A store that never chose gets Classic on first use."""
    newest = _newest(store)
    return newest or set_preset(store=store, preset=DEFAULT_PRESET)


def scheme_versions(store: Store) -> QuerySet[SchemeVersion]:
    """Every scheme the store has had, the one in force first."""
    return SchemeVersion.objects.filter(store=store).select_related("created_by").order_by("-number")


def set_preset(
    *,
    store: Store,
    preset: str,
    thresholds: Thresholds | None = None,
    window_months: int | None = None,
    by: User | None = None,
) -> SchemeVersion:
    """Puts a preset in force and returns its version; the version in force where nothing would change.

    `thresholds` fix cut points by hand over those of the preset (see SchemeVersion.thresholds).
    Raises SchemeError for an unknown preset, or thresholds that don't fit it.
    """
    chosen = PRESETS.get(preset)
    if chosen is None:
        raise SchemeError(f"There is no preset “{preset}”. Choose one of {', '.join(PRESETS)}.")
    draft = preset_draft(chosen, thresholds=thresholds, window_months=window_months)
    return save_draft(store=store, draft=draft, by=by)


@transaction.atomic
def save_draft(*, store: Store, draft: Draft, by: User | None = None) -> SchemeVersion:
    """Puts a draft in force and returns its version; the version in force where nothing would change.

    Raises SchemeError for what `check_draft` finds, and for a cell of no segment of the store.
    """
    check_draft(draft)
    Store.objects.select_for_update(no_key=True).get(pk=store.pk)  # two at once would make two versions
    ids = _segment_ids(store, draft)
    return save_scheme(
        store=store,
        preset=draft.preset.key,
        axes=draft.axes,
        bins=draft.bins,
        cells=[ids[key] for key in draft.cube],
        prospects=ids[draft.preset.prospects] if draft.preset.prospects else None,
        thresholds=draft.thresholds,
        window_months=draft.window_months,
        by=by,
    )


def check_draft(draft: Draft) -> None:
    """Raises SchemeError for what no store could save: cut points that don't fit, or too many segments."""
    checked_thresholds(draft.thresholds, draft.bins)
    if len(draft.keys) > MOST_SEGMENTS:
        raise SchemeError(
            f"There are {len(draft.keys)} segments on the grid; a scheme has {MOST_SEGMENTS} at most, "
            "as many as colours can be told apart. Give the cells of some to others."
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
    if window_months is not None and window_months > LONGEST_WINDOW:
        raise SchemeError(
            f"The window is {LONGEST_WINDOW} months at most; leave it empty to count every order."
        )
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
    Segment.objects.filter(store=store, id__in=set(cells), is_retired=True).update(is_retired=False)
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
        if max(map(abs, cuts)) > _LARGEST[dimension]:
            raise SchemeError(
                f"The cut points of {dimension} are too large: {_LARGEST[dimension]:,} is the most."
            )
        if dimension != "monetary" and cuts[0] < 1:
            raise SchemeError(f"The cut points of {dimension} begin at 1 or above.")
    return {dimension: list(cuts) for dimension, cuts in thresholds.items()}


def _newest(store: Store) -> SchemeVersion | None:
    return SchemeVersion.objects.filter(store=store).order_by("-number").first()


def _segment_ids(store: Store, draft: Draft) -> dict[str, int]:
    """The ids of the draft's segments by key; those of its preset made, or worded by it, unless the store did."""
    own = Segment.objects.filter(store=store, is_own=True).values_list("key", flat=True)
    rows = [one for key, one in preset_segments(store, draft.preset).items() if key not in set(own)]
    Segment.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["store", "key"],
        update_fields=["name", "health", "meaning", "advice"],
    )
    ids = dict(Segment.objects.filter(store=store, key__in=draft.keys).values_list("key", "id"))
    if draft.keys - ids.keys():
        raise SchemeError("A cell names a segment that this store doesn't have.")
    return ids


def _check_cells(store: Store, cells: Sequence[int], bins: int, prospects: int | None) -> None:
    if len(cells) != bins**3:
        raise SchemeError(f"A scheme of {bins} scores has {bins**3} cells, not {len(cells)}.")
    used = set(cells) | ({prospects} if prospects else set())
    if Segment.objects.filter(store=store, id__in=used).count() != len(used):
        raise SchemeError("A cell names a segment that this store doesn't have.")
