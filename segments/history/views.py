"""Pages on how segments changed: any two refreshes compared, why each segment changed, and the people behind."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from accounts.access import MANAGERS, StoreRequest, store_page
from lib.pages import render_page
from segments.history import pages, people
from segments.people import PeopleList, people_context


@require_GET
@store_page(MANAGERS)
def compare(request: StoreRequest) -> HttpResponse:
    """Any two refreshes compared, or, where the address names a move, the people who made it."""
    chosen = pages.chosen_span(request.store, request.GET)
    context: dict[str, object] = {"chosen": chosen}
    if chosen is None:
        return render_page(request, "segments/history/compare.html", context)
    if listed := pages.compared_people(request.store, chosen, request.GET):
        return _people_page(request, people.compared_list(request.store, listed, request.GET))
    context["page"] = pages.compare_page(request.store, chosen)
    return render_page(request, "segments/history/compare.html", context)


@require_GET
@store_page(MANAGERS)
def why(request: StoreRequest) -> HttpResponse:
    """Why each segment changed between two refreshes, and, where the address names a part, its people."""
    chosen = pages.chosen_span(request.store, request.GET)
    context: dict[str, object] = {"chosen": chosen}
    if chosen is None:
        return render_page(request, "segments/history/why.html", context)
    if listed := pages.part_people(request.store, chosen, request.GET):
        return _people_page(request, people.part_list(request.store, listed, request.GET))
    context["page"] = pages.why_page(request.store, chosen, request.GET.get("segment", ""))
    return render_page(request, "segments/history/why.html", context)


def _people_page(request: StoreRequest, listed: PeopleList) -> HttpResponse:
    return render_page(request, "segments/people_page.html", people_context(request, listed))
