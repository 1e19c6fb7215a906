"""The page on which an admin chooses the segment scheme and fixes cut points."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from accounts.access import ADMINS, StoreRequest, store_page
from jobs.running import enqueue
from lib.pages import render_page
from segments.forms import SchemeForm
from segments.models import Refresh, Segment
from segments.presets import PRESETS
from segments.queries import latest_refresh
from segments.scale_words import cut_point_lines
from segments.scheme_grids import preset_grids, version_grids
from segments.schemes import SchemeError, current_scheme, set_preset
from segments.views import REFRESH


@require_http_methods(["GET", "POST"])
@store_page(ADMINS)
def scheme(request: StoreRequest) -> HttpResponse:
    """The scheme in force, its grid and cut points; POST puts another version in force and refreshes.

    ?preset= shows the grid of a preset that isn't in force.
    """
    version = current_scheme(request.store)
    form = SchemeForm(
        request.POST if request.method == "POST" else None, store=request.store, version=version
    )
    if form.is_valid() and _save(request, form):
        return redirect("segments:scheme", request.store.slug)
    other = PRESETS.get(request.POST.get("preset") or request.GET.get("preset") or "")
    if other is None or other.key == version.preset:
        segments = {segment.pk: segment for segment in Segment.objects.filter(store=request.store)}
        grids, preset = version_grids(version, segments), PRESETS.get(version.preset)
    else:
        grids, preset = preset_grids(other), other
    refresh = latest_refresh(request.store)
    context = {
        "form": form,
        "version": version,
        "preset": preset,
        "grids": grids,
        "next_number": version.number + 1,
        "refresh": refresh,
        "cut_points": cut_point_lines(refresh, request.store.currency),
    }
    return render_page(request, "segments/scheme.html", context, partial="grid")


def _save(request: StoreRequest, form: SchemeForm) -> bool:
    """Puts the scheme in force and asks for a refresh; False, with the reason on the form, if it can't be."""
    try:
        version = set_preset(
            store=request.store,
            preset=form.cleaned_data["preset"],
            thresholds=form.thresholds(),
            window_months=form.cleaned_data["window_months"],
            by=request.user,
        )
    except SchemeError as error:
        form.add_error(None, str(error))
        return False
    enqueue(
        store=request.store,
        kind=REFRESH,
        key=f"scheme:{version.pk}",
        arguments={"reason": Refresh.Reason.DEMAND},
        requested_by=request.user,
    )
    messages.success(request, f"{version} is in force. The segments are being refreshed by it.")
    return True
