"""Pages of customer value: what is expected, of whom, and how far to trust it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from accounts.access import MANAGERS, StoreRequest, store_page
from lib.pages import render_page
from segments.models import ValueFit
from segments.people import people_page
from segments.value import calibrated_people as people
from segments.value.pages import calibration_page, value_page
from segments.value.queries import fit_is_coming, latest_fit


@require_GET
@store_page(MANAGERS)
def value(request: StoreRequest) -> HttpResponse:
    """What everybody is expected to bring, by segment and by person; a sentence where nothing can be said."""
    fit = latest_fit(request.store)
    known = fit is not None and fit.state != ValueFit.State.FAILED
    page = value_page(request.store, fit) if fit and known else None
    context = {"fit": fit, "page": page, "fit_is_coming": fit_is_coming(request.store)}
    return render_page(request, "segments/value/value.html", context)


@require_GET
@store_page(MANAGERS)
def calibration(request: StoreRequest) -> HttpResponse:
    """The models' forecast of the past, compared with what happened."""
    fit = latest_fit(request.store)
    page = calibration_page(request.store, fit) if fit else None
    return render_page(request, "segments/value/calibration.html", {"fit": fit, "page": page})


@require_GET
@store_page(MANAGERS)
def calibrated_people(request: StoreRequest) -> HttpResponse:
    """The people of a group of the models' test; the page of the test for anything else."""
    found = people.calibrated_people(request.store, request.GET)
    if found is None:
        return redirect("segments:calibration", request.store.slug)
    return people_page(request, people.calibrated_list(request.store, found, request.GET))
