"""A store's own segments: the words and the place it gives them, new ones, and those it no longer wants.

All of it is in force at once and makes no version of the scheme: a version says which scores make which segment,
not what a segment is called.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.utils.text import slugify

from accounts.models import Store
from segments.addresses import ANYWHERE, NOBODY
from segments.models import Segment
from segments.schemes.palette import MOST_SEGMENTS, PLACES, preset_wording, worded
from segments.schemes.presets import PRESETS
from segments.schemes.versions import SchemeError, current_scheme, lock_scheme

# Not allowed as a segment's key: names of other pages, and what means none and any in an address.
RESERVED_KEYS = {"moves", "compare", "why", "value", "retention", "grading", NOBODY, ANYWHERE}


@dataclass(frozen=True)
class Words:
    """What a store says of a segment. `place`: on the scale of health, 1 the healthiest; it decides the colour."""

    name: str
    place: int
    meaning: str = ""
    advice: str = ""


@transaction.atomic
def add_segment(*, store: Store, words: Words) -> Segment:
    """A new segment, to paint cells with. Raises SchemeError for words that won't do, or where there are too many."""
    lock_scheme(store=store)
    _check_name(store, words.name)
    if words.place not in free_places(store):
        raise SchemeError("That place is taken. Choose another, or move the segment that has it first.")
    return Segment.objects.create(
        store=store,
        key=_new_key(store, words.name),
        name=words.name,
        health=words.place,
        meaning=words.meaning,
        advice=words.advice,
        is_own=True,
    )


@transaction.atomic
def reword_segment(*, store: Store, key: str, words: Words) -> Segment:
    """Gives a segment the store's own words and place; whichever segment in use has that place takes the old one.

    Raises SchemeError where the store has no such segment, or for words that won't do.
    """
    lock_scheme(store=store)
    segment = _segment(store, key)
    _check_name(store, words.name, segment)
    if words.place not in PLACES:
        raise SchemeError(f"A segment's place is one of 1 to {MOST_SEGMENTS}.")
    if words.place != segment.health:
        there = [one for one in segments_in_use(store) if one.health == words.place and one != segment]
        for other in there:
            other.health, other.is_own = segment.health, True
            other.save(update_fields=["health", "is_own"])
    segment.name, segment.health, segment.is_own = words.name, words.place, True
    segment.meaning, segment.advice = words.meaning, words.advice
    segment.save()
    return segment


@transaction.atomic
def reset_words(*, store: Store, key: str) -> Segment:
    """Gives a segment the words and the place of its preset again. Raises SchemeError where no preset has it."""
    lock_scheme(store=store)
    segment = _segment(store, key)
    found = preset_wording(key, PRESETS[current_scheme(store).preset])
    if found is None:
        raise SchemeError(f"“{segment.name}” is your own segment: no preset has words for it.")
    worded(segment, *found).save()
    return segment


@transaction.atomic
def retire_segment(*, store: Store, key: str) -> Segment:
    """Stops offering a segment. Its history stays. Raises SchemeError while it has cells of the scheme in force."""
    lock_scheme(store=store)
    segment = _segment(store, key)
    scheme = current_scheme(store)
    if segment.pk in scheme.segment_ids():
        raise SchemeError(
            f"“{segment.name}” is part of the scheme in force. Give its cells to other segments, save, and then "
            "retire it."
        )
    segment.is_retired = True
    segment.save(update_fields=["is_retired"])
    return segment


@transaction.atomic
def bring_back_segment(*, store: Store, key: str) -> Segment:
    """Offers a retired segment again. Raises SchemeError where the store has no such segment."""
    lock_scheme(store=store)
    segment = _segment(store, key)
    segment.is_retired = False
    segment.save(update_fields=["is_retired"])
    return segment


def segments_in_use(store: Store) -> list[Segment]:
    """Those of the scheme in force, the healthiest first."""
    return list(Segment.objects.filter(store=store, pk__in=current_scheme(store).segment_ids()))


def free_places(store: Store) -> list[int]:
    """The places on the scale of health that neither the scheme in force nor a segment of the store's own takes."""
    taken = {one.health for one in segments_in_use(store)}
    own = Segment.objects.filter(store=store, is_own=True, is_retired=False).exclude(key__in=preset_keys())
    return [place for place in PLACES if place not in taken | set(own.values_list("health", flat=True))]


def preset_keys() -> Collection[str]:
    """The keys of all presets' segments."""
    return {one.key for preset in PRESETS.values() for one in preset.segments}


def _segment(store: Store, key: str) -> Segment:
    segment = Segment.objects.filter(store=store, key=key).first()
    if segment is None:
        raise SchemeError("There is no such segment. Load the page again.")
    return segment


def _check_name(store: Store, name: str, segment: Segment | None = None) -> None:
    """Names are told apart without regard to case; those of presets are theirs, though the store may not use them."""
    if not name.strip():
        raise SchemeError("Give the segment a name.")
    key = segment.key if segment else ""
    others = Segment.objects.filter(store=store, name__iexact=name).exclude(key=key)
    reserved = {
        one.name.casefold() for preset in PRESETS.values() for one in preset.segments if one.key != key
    }
    if others.exists() or name.casefold() in reserved:
        raise SchemeError(f"There is a segment “{name}” already. Choose another name.")


def _new_key(store: Store, name: str) -> str:
    """Its key in addresses, made from its name, or "segment" if that has no plain letters; numbered if taken."""
    taken = {
        *Segment.objects.filter(store=store).values_list("key", flat=True),
        *preset_keys(),
        *RESERVED_KEYS,
    }
    base = slugify(name)[:30] or "segment"
    keys = (base if number == 1 else f"{base}-{number}" for number in range(1, len(taken) + 2))
    return next(key for key in keys if key not in taken)
