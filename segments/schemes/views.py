"""The page on which an admin chooses the segment scheme and fixes cut points."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from accounts.access import ADMINS, StoreRequest, store_page
from accounts.models import Store, User
from jobs.running import enqueue
from lib.pages import render_page
from segments.grading.findings import separation_word
from segments.models import Refresh, SchemeVersion, Segment
from segments.queries import latest_refresh
from segments.scale_words import cut_point_lines
from segments.schemes.editor import preview_draft, preview_finding
from segments.schemes.forms import SchemeForm
from segments.schemes.grids import Brush, Grid, preset_grids, version_grids
from segments.schemes.presets import PRESETS, Preset
from segments.schemes.versions import SchemeError, current_scheme, restore_scheme, scheme_versions, set_preset
from segments.views import REFRESH

VERSIONS_SHOWN = 20
NOT_REFRESHED = "There is nobody in a segment yet. Refresh the segments once, then come back."


@require_http_methods(["GET", "POST"])
@store_page(ADMINS)
def scheme(request: StoreRequest) -> HttpResponse:
    """The scheme in force, its grid and cut points; POST puts another version in force and refreshes.

    ?preset= shows the grid of a preset that isn't in force. With `preview` in what is posted nothing is saved:
    the page says what would change.
    """
    version = current_scheme(request.store)
    form = SchemeForm(
        request.POST if request.method == "POST" else None, store=request.store, version=version
    )
    if "restore" in request.POST:
        return _restored(request)
    previewing = "preview" in request.POST
    previewed = _previewed(request.store, form) if previewing else {}
    if not previewing and form.is_valid() and _save(request, form):
        return redirect("segments:scheme", request.store.slug)
    preset, grids = _shown_grids(request, form, version)
    refresh = latest_refresh(request.store)
    context = {
        "form": form,
        "version": version,
        "preset": preset,
        "grids": grids,
        "brushes": _brushes(request.store, preset),
        "versions": scheme_versions(request.store)[:VERSIONS_SHOWN],
        "next_number": version.number + 1,
        "refresh": refresh,
        "cut_points": cut_point_lines(refresh, request.store.currency),
        **previewed,
    }
    return render_page(request, "segments/scheme.html", context, partial="preview" if previewing else "grid")


def _shown_grids(
    request: StoreRequest, form: SchemeForm, version: SchemeVersion
) -> tuple[Preset, list[Grid]]:
    """The grid to paint on: what was posted, the preset asked for, or the version in force."""
    asked = PRESETS.get(request.POST.get("preset") or request.GET.get("preset") or "")
    segments = Segment.objects.filter(store=request.store).in_bulk()
    if asked is not None and (request.method == "POST" or asked.key != version.preset):
        return asked, preset_grids(asked, painted=form.painted, segments=list(segments.values()))
    return PRESETS[version.preset], version_grids(version, segments)


def _brushes(store: Store, preset: Preset) -> list[Brush]:
    """What cells can be painted with: the preset's segments, then those that the store has of other schemes."""
    own = [Brush(one.key, one.name, health) for health, one in preset.ranked if one.key != preset.prospects]
    others = Segment.objects.filter(store=store).exclude(key__in=[one.key for one in preset.segments])
    strange = {one.prospects for one in PRESETS.values()}
    return own + [Brush(one.key, one.name, one.health) for one in others if one.key not in strange]


def _restored(request: StoreRequest) -> HttpResponse:
    """Puts the version of the posted number in force again."""
    number = request.POST["restore"]
    try:
        version = restore_scheme(
            store=request.store, number=int(number) if number.isdecimal() else 0, by=request.user
        )
    except SchemeError as error:
        messages.error(request, str(error))
    else:
        _in_force(request, version)
    return redirect("segments:scheme", request.store.slug)


def _previewed(store: Store, form: SchemeForm) -> dict[str, object]:
    """What segments/scheme_preview.html shows of the draft in the form."""
    preview = None
    if form.is_valid():
        try:
            preview = preview_draft(store=store, put_in_force=lambda: _put_in_force(store, form))
        except SchemeError as error:
            form.add_error(None, str(error))
    problems = [
        f"{form.fields[name].label}: {problem}" if name in form.fields else problem
        for name, found in form.errors.items()
        for problem in found
    ]
    if preview is None:
        return {"preview_problems": problems or [NOT_REFRESHED]}
    bought = (
        {one.segment.pk: one.people.share for one in preview.graded_then.segments}
        if preview.graded_then
        else {}
    )
    return {
        "preview": preview,
        "preview_finding": preview_finding(preview),
        "preview_sizes": [(size, bought.get(size.segment.pk)) for size in preview.sizes],
        "compared": [
            (label, graded, separation_word(graded.separation))
            for label, graded in (("In force", preview.graded_now), ("This draft", preview.graded_then))
            if graded
        ],
    }


def _put_in_force(store: Store, form: SchemeForm, by: User | None = None) -> SchemeVersion:
    """Makes the version that the form describes; raises SchemeError for what can't be."""
    return set_preset(
        store=store,
        preset=form.cleaned_data["preset"],
        thresholds=form.thresholds(),
        window_months=form.cleaned_data["window_months"],
        painted=form.painted,
        by=by,
    )


def _save(request: StoreRequest, form: SchemeForm) -> bool:
    """Puts the scheme in force and asks for a refresh; False, with the reason on the form, if it can't be."""
    try:
        version = _put_in_force(request.store, form, request.user)
    except SchemeError as error:
        form.add_error(None, str(error))
        return False
    _in_force(request, version)
    return True


def _in_force(request: StoreRequest, version: SchemeVersion) -> None:
    """Asks for a refresh by the version and says so."""
    enqueue(
        store=request.store,
        kind=REFRESH,
        key=f"scheme:{version.pk}",
        arguments={"reason": Refresh.Reason.DEMAND},
        requested_by=request.user,
    )
    messages.success(request, f"{version} is in force. The segments are being refreshed by it.")
