"""Which segment scheme a store uses. A scheme is never edited: a change is a new version."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Store, User
from lib.money import to_minor
from segments.models import SchemeVersion, Segment
from segments.rules import DIMENSIONS
from segments.schemes.drafts import Draft, Thresholds, preset_draft
from segments.schemes.palette import MOST_SEGMENTS, preset_segments
from segments.schemes.presets import PRESETS

DEFAULT_PRESET = "classic"
LONGEST_WINDOW = 240  # months
# Of a cut point: what the database and the calendar can hold; days, orders, minor units.
_LARGEST = {"recency": 36_500, "frequency": 1_000_000_000, "monetary": 10**15}
MOST_DIGITS = 15  # of an amount: many more than that, 1e999999 say, take seconds to write out
# What a version says, but for who put it in force and when.
_CONTENT = ("preset", "axes", "bins", "cells", "prospects_id", "thresholds", "window_months")


class SchemeError(ValueError):
    """What is wrong with a scheme, in a sentence for the person who made it."""


class SchemeChangedError(SchemeError):
    """Somebody put another version in force meanwhile."""


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
def save_draft(
    *, store: Store, draft: Draft, by: User | None = None, built_on: int | None = None
) -> SchemeVersion:
    """Puts a draft in force and returns its version; the version in force where nothing would change.

    `built_on`: the number of the version that the draft was made from, where somebody looked at it. Raises
    SchemeChangedError where another is in force by now; SchemeError for what `check_draft` finds, and for a cell of
    no segment of the store.
    """
    check_draft(draft)
    lock_scheme(store=store)
    ids = _segment_ids(store, draft)
    version = SchemeVersion(
        store=store,
        preset=draft.preset.key,
        axes=draft.axes,
        bins=draft.bins,
        cells=[ids[key] for key in draft.cube],
        prospects_id=ids[draft.preset.prospects] if draft.preset.prospects else None,
        thresholds={dimension: list(cuts) for dimension, cuts in draft.thresholds.items()},
        window_months=draft.window_months,
        created_by=by,
    )
    return _put_in_force(version, built_on)


@transaction.atomic
def restore_scheme(*, store: Store, number: int, by: User | None = None) -> SchemeVersion:
    """Puts an earlier version's scheme in force again, as a new version; history keeps both.

    Raises SchemeError where the store has no such version.
    """
    lock_scheme(store=store)
    old = SchemeVersion.objects.filter(store=store, number=number).first()
    if old is None:
        raise SchemeError("There is no such version of the scheme.")
    content = {name: getattr(old, name) for name in _CONTENT}
    return _put_in_force(SchemeVersion(store=store, created_by=by, **content))


def lock_scheme(*, store: Store) -> None:
    """Until the transaction ends nobody else changes the store's scheme or its segments."""
    Store.objects.select_for_update(no_key=True).get(pk=store.pk)


def _put_in_force(version: SchemeVersion, built_on: int | None = None) -> SchemeVersion:
    """Saves a version as the newest, under the lock; the one in force where it says the same."""
    newest = _newest(version.store)
    if newest and all(getattr(newest, name) == getattr(version, name) for name in _CONTENT):
        return newest
    if newest and built_on is not None and newest.number != built_on:
        raise SchemeChangedError(
            f"{newest} was put in force while you worked on this page, so nothing is saved. What you chose is still "
            "here: save once more to put it in force instead."
        )
    version.number = newest.number + 1 if newest else 1
    used = Segment.objects.filter(store=version.store, id__in=set(version.cells))
    used.filter(is_retired=True).update(is_retired=False)
    version.save(force_insert=True)
    return version


def check_draft(draft: Draft) -> None:
    """Raises SchemeError for what no store could save: cut points or a window that don't fit, too many segments."""
    unknown = sorted(set(draft.thresholds) - set(DIMENSIONS))
    if unknown:
        raise SchemeError(f"“{unknown[0]}” cannot have cut points: only {', '.join(DIMENSIONS)} can.")
    for dimension, cuts in draft.thresholds.items():
        check_cut_points(dimension, cuts, draft.bins)
    if draft.window_months is not None and draft.window_months < 1:
        raise SchemeError("The window is at least one month; leave it empty to count every order.")
    if draft.window_months is not None and draft.window_months > LONGEST_WINDOW:
        raise SchemeError(
            f"The window is {LONGEST_WINDOW} months at most; leave it empty to count every order."
        )
    if len(draft.keys) > MOST_SEGMENTS:
        raise SchemeError(
            f"There are {len(draft.keys)} segments on the grid; a scheme has {MOST_SEGMENTS} at most, "
            "as many as colours can be told apart. Give the cells of some to others."
        )


def check_cut_points(dimension: str, cuts: Sequence[int], bins: int) -> None:
    """Raises SchemeError for what can't be the cut points of a dimension, in its unit (see SchemeVersion)."""
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


def minor_cut_point(amount: Decimal, currency: str) -> int | None:
    """A cut point of monetary in minor units; None for what is no number, and for one so large that it can't be."""
    if not amount.is_finite() or amount.adjusted() > MOST_DIGITS:
        return None
    return to_minor(amount, currency)


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
