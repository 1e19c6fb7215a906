"""The page that holds the segments against what their people did since."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from accounts.access import MANAGERS, StoreRequest, store_page
from lib.numbers import number_among
from lib.pages import render_page
from segments.addresses import segment_url
from segments.grading.charts import bought_chart
from segments.grading.findings import misplaced_finding, separation_finding, separation_word
from segments.grading.grades import HORIZONS, PREVIEW_HORIZON
from segments.grading.queries import graded_scheme, newest_grading
from segments.schemes.versions import current_scheme


@require_GET
@store_page(MANAGERS)
def grading(request: StoreRequest) -> HttpResponse:
    """What the people of each segment did in the ?days= after they were scored, by the scheme in force."""
    days = number_among(request.GET.get("days"), HORIZONS, otherwise=PREVIEW_HORIZON)
    version = current_scheme(request.store)
    newest = newest_grading(request.store, days, version)
    context: dict[str, object] = {"horizons": HORIZONS, "days": days, "version": version, "grading": newest}
    if newest is not None:
        graded = graded_scheme(newest)
        context |= {
            "graded": graded,
            "finding": separation_finding(graded),
            "misplaced": misplaced_finding(graded),
            "word": separation_word(graded.separation),
            "chart": bought_chart(newest, graded, link=lambda segment: segment_url(request.store, segment))
            if graded.everybody.customers
            else None,
        }
    return render_page(request, "segments/grading/grading.html", context)
