"""What a store calls its segments, and does about them: changed on the scheme page, in force at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from accounts.access import ADMINS, StoreRequest, store_page
from lib.pages import render_page
from segments.models import Segment
from segments.schemes import segment_words
from segments.schemes.forms import SegmentForm
from segments.schemes.palette import PLACES
from segments.schemes.segment_words import Words, free_places, preset_keys, segments_in_use
from segments.schemes.versions import SchemeError

NO_PLACE = (
    "A scheme shows twelve segments at most, and each of the twelve places is taken. Retire a segment first."
)
# What a button asks for, and what is said when it is done.
_CHANGES: dict[str, tuple[Callable[..., Segment], str]] = {
    "reset": (segment_words.reset_words, "“{}” has the words and the place of its preset again."),
    "retire": (segment_words.retire_segment, "“{}” is retired. Its history stays."),
    "bring-back": (segment_words.bring_back_segment, "“{}” can be painted with again."),
}


@require_http_methods(["GET", "POST"])
@store_page(ADMINS)
def segment_add(request: StoreRequest) -> HttpResponse:
    """A new segment: its form, and POST to make it."""
    places = free_places(request.store)
    posted = request.POST if request.method == "POST" else None
    form = SegmentForm(posted, places=places, holders={}, initial={"place": places[-1]} if places else {})
    if form.is_valid():
        try:
            made = segment_words.add_segment(store=request.store, words=form.words())
        except SchemeError as error:
            form.add_error(None, str(error))
        else:
            messages.success(
                request, f"“{made.name}” is ready. Paint the cells of the grid that should be it."
            )
            return redirect("segments:scheme", request.store.slug)
    context = {"form": form, "no_place": "" if places else NO_PLACE}
    return render_page(request, "segments/schemes/segment_form.html", context)


@require_http_methods(["GET", "POST"])
@store_page(ADMINS)
def segment_edit(request: StoreRequest, key: str) -> HttpResponse:
    """A segment's words and place: its form, and POST to give it others, reset them, retire it or bring it back."""
    segment = get_object_or_404(Segment, store=request.store, key=key)
    change = request.POST.get("change", "")
    if change in _CHANGES:
        return _changed(request, key, change)
    in_use = segments_in_use(request.store)
    form = _edit_form(request, segment, in_use)
    if form.is_valid():
        try:
            segment_words.reword_segment(store=request.store, key=key, words=form.words())
        except SchemeError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"“{form.words().name}” is saved.")
            return redirect("segments:scheme", request.store.slug)
    context = {
        "form": form,
        "segment": segment,
        "has_preset": key in preset_keys(),
        "is_used": segment in in_use,
    }
    return render_page(request, "segments/schemes/segment_form.html", context)


def _edit_form(request: StoreRequest, segment: Segment, in_use: Sequence[Segment]) -> SegmentForm:
    holders = {one.health: one.name for one in in_use if one != segment}
    holders.pop(segment.health, None)
    now = Words(segment.name, segment.health, segment.meaning, segment.advice)
    posted = request.POST if request.method == "POST" else None
    return SegmentForm(posted, places=PLACES, holders=holders, initial=vars(now))


def _changed(request: StoreRequest, key: str, change: str) -> HttpResponse:
    verb, sentence = _CHANGES[change]
    try:
        segment = verb(store=request.store, key=key)
    except SchemeError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, sentence.format(segment.name))
    return redirect("segments:scheme", request.store.slug)
