"""The page on which an admin chooses the segment scheme, paints its grid and fixes cut points."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from accounts.access import ADMINS, StoreRequest, store_page
from accounts.models import Store
from lib.numbers import whole_number
from lib.pages import render_page
from segments.asking import ask_for_refresh
from segments.grading.findings import separation_word
from segments.models import Refresh, SchemeVersion, Segment
from segments.queries import latest_refresh
from segments.scale_words import cut_point_lines
from segments.schemes.drafts import Draft, preset_draft, version_draft
from segments.schemes.editor import preview_draft, preview_finding
from segments.schemes.forms import SchemeForm
from segments.schemes.grids import grids_of
from segments.schemes.palette import palette
from segments.schemes.presets import PRESETS
from segments.schemes.segment_pages import preset_cards, segment_rows
from segments.schemes.versions import (
    SchemeChangedError,
    SchemeError,
    check_draft,
    current_scheme,
    restore_scheme,
    save_draft,
    scheme_versions,
)

VERSIONS_SHOWN = 20
NOT_REFRESHED = "There is nobody in a segment yet. Refresh the segments once, then come back."


@require_http_methods(["GET", "POST"])
@store_page(ADMINS)
def scheme(request: StoreRequest) -> HttpResponse:
    """The scheme in force, its grid and cut points; POST puts another version in force and refreshes.

    ?preset=, axes= and bins= show the grid of another shape; afresh= that of the preset as it comes. With
    `preview` in what is posted nothing is saved: the page says what would change.
    """
    if "restore" in request.POST:
        return _restored(request)
    store, version = request.store, current_scheme(request.store)
    refresh = latest_refresh(store)
    asked = request.POST if request.method == "POST" else request.GET
    segments = palette(store, PRESETS.get(asked.get("preset", ""), PRESETS[version.preset]))
    form = _form(request, version, segments)
    previewing = "preview" in request.POST
    previewed = _previewed(store, form, version, refresh, segments) if previewing else {}
    if not previewing and form.is_valid() and _save(request, form, version):
        return redirect("segments:scheme", store.slug)
    context = {
        "form": form,
        "version": version,
        "cards": preset_cards(store),
        "versions": scheme_versions(store)[:VERSIONS_SHOWN],
        "next_number": version.number + 1,
        "refresh": refresh,
        "cut_points": cut_point_lines(refresh, store.currency),
        "segment_rows": segment_rows(version, segments.values()),
        **_grid(form, asked, segments),
        **previewed,
    }
    return render_page(
        request, "segments/schemes/scheme.html", context, partial="preview" if previewing else "grid"
    )


def _form(request: StoreRequest, version: SchemeVersion, segments: Mapping[str, Segment]) -> SchemeForm:
    in_force = version_draft(version, {one.pk: key for key, one in segments.items() if one.pk})
    offered = {key for key, one in segments.items() if not one.is_retired}
    posted = request.POST.dict() if request.method == "POST" else None
    return SchemeForm(posted, store=request.store, in_force=in_force, number=version.number, segments=offered)


def _grid(form: SchemeForm, asked: QueryDict, segments: Mapping[str, Segment]) -> dict[str, object]:
    """The grid to paint on: what was posted, the shape asked for, or the scheme in force."""
    begin = form.shape(asked)
    draft = form.painted(begin) if form.is_bound else begin
    form.show_shape(draft)
    strange = {one.prospects for one in PRESETS.values()}  # no cell can be theirs: they have no scores
    return {
        "draft": draft,
        "shape_fields": [form["axes"], form["bins"]],
        "grids": grids_of(draft, segments),
        "brushes": [one for key, one in segments.items() if not one.is_retired and key not in strange],
        "is_changed": draft.grid != draft.preset.grid,
        "is_opened": form.is_bound or bool(asked) or draft != preset_draft(draft.preset),
    }


def _restored(request: StoreRequest) -> HttpResponse:
    """Puts the version of the posted number in force again."""
    try:
        version = restore_scheme(
            store=request.store,
            number=whole_number(request.POST["restore"]) or 0,
            by=request.user,
        )
    except SchemeError as error:
        messages.error(request, str(error))
    else:
        _in_force(request, version)
    return redirect("segments:scheme", request.store.slug)


def _previewed(
    store: Store,
    form: SchemeForm,
    version: SchemeVersion,
    refresh: Refresh | None,
    segments: Mapping[str, Segment],
) -> dict[str, object]:
    """What segments/schemes/_preview.html shows of the draft in the form."""
    draft = _checked_draft(form)
    if draft is None or refresh is None:
        return {"preview_problems": _problems(form) or [NOT_REFRESHED]}
    preview = preview_draft(store=store, draft=draft, version=version, refresh=refresh, segments=segments)
    graded = preview.graded_then.segments if preview.graded_then else ()
    bought = {one.segment.key: one.people.share for one in graded}
    return {
        "preview": preview,
        "preview_finding": preview_finding(preview),
        "preview_sizes": [(size, bought.get(size.segment.key)) for size in preview.sizes],
        "compared": [
            (label, graded, separation_word(graded.separation))
            for label, graded in (("In force", preview.graded_now), ("This draft", preview.graded_then))
            if graded
        ],
    }


def _checked_draft(form: SchemeForm) -> Draft | None:
    """The draft in the form; None, with the reason on the form, if it can't be put in force."""
    if not form.is_valid():
        return None
    draft: Draft = form.draft()
    try:
        check_draft(draft)
    except SchemeError as error:
        form.add_error(None, str(error))
        return None
    return draft


def _problems(form: SchemeForm) -> list[str]:
    """What is wrong with the form, each sentence with the label of its field."""
    return [
        f"{form.fields[name].label}: {problem}" if name in form.fields else str(problem)
        for name, found in form.errors.items()
        for problem in found
    ]


def _save(request: StoreRequest, form: SchemeForm, seen: SchemeVersion) -> bool:
    """Puts the scheme in force and asks for a refresh; False, with the reason on the form, if it can't be.

    `seen`: the version that the page shows as the one in force.
    """
    try:
        version = save_draft(
            store=request.store,
            draft=form.draft(),
            by=request.user,
            built_on=form.cleaned_data["built_on"],
        )
    except SchemeError as error:
        form.add_error(None, str(error))
        if isinstance(error, SchemeChangedError):
            form.build_on(seen.number)
        return False
    _in_force(request, version)
    return True


def _in_force(request: StoreRequest, version: SchemeVersion) -> None:
    """Asks for a refresh by the version and says so."""
    key = f"scheme:{version.pk}"
    ask_for_refresh(store=request.store, key=key, reason=Refresh.Reason.DEMAND, by=request.user)
    messages.success(request, f"{version} is in force. The segments are being refreshed by it.")
