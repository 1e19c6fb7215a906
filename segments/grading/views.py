"""The page that compares the segments with what their people did since."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from accounts.access import MANAGERS, StoreRequest, store_page
from lib.numbers import number_among
from lib.pages import render_page
from segments.grading.grades import HORIZONS, PREVIEW_HORIZON
from segments.grading.pages import grading_page
from segments.grading.queries import newest_grading
from segments.schemes.versions import current_scheme


@require_GET
@store_page(MANAGERS)
def grading(request: StoreRequest) -> HttpResponse:
    """What the people of each segment did in the ?days= after they were scored, by the scheme in force."""
    days = number_among(request.GET.get("days"), HORIZONS, otherwise=PREVIEW_HORIZON)
    version = current_scheme(request.store)
    newest = newest_grading(request.store, days, version)
    page = grading_page(request.store, newest) if newest else None
    context = {"horizons": HORIZONS, "days": days, "version": version, "page": page}
    return render_page(request, "segments/grading/grading.html", context)
