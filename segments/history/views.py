"""Pages on how segments changed: any two refreshes compared, why each segment changed, and the people behind."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from accounts.access import MANAGERS, StoreRequest, store_page
from lib.pages import render_page
from segments.history import pages, people
from segments.people import people_page


@require_GET
@store_page(MANAGERS)
def compare(request: StoreRequest) -> HttpResponse:
    """Any two refreshes compared, or, where the address names a move, the people who made it."""
    store, query = request.store, request.GET
    chosen = pages.chosen_span(store, query)
    if chosen and (listed := pages.compared_people(store, chosen, query)):
        return people_page(request, people.compared_list(store, listed, query))
    page = pages.compare_page(store, chosen) if chosen else None
    return render_page(request, "segments/history/compare.html", {"chosen": chosen, "page": page})


@require_GET
@store_page(MANAGERS)
def why(request: StoreRequest) -> HttpResponse:
    """Why each segment changed between two refreshes, and, where the address names a part, its people."""
    store, query = request.store, request.GET
    chosen = pages.chosen_span(store, query)
    if chosen and (listed := pages.part_people(store, chosen, query)):
        return people_page(request, people.part_list(store, listed, query))
    page = pages.why_page(store, chosen, query.get("segment", "")) if chosen else None
    return render_page(request, "segments/history/why.html", {"chosen": chosen, "page": page})
