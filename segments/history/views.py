"""Pages on how segments changed: any two refreshes compared, why each segment changed, and the people behind."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from accounts.access import MANAGERS, StoreRequest, store_page
from lib.keyset import Page
from lib.pages import render_page
from segments.addresses import export_query
from segments.history import pages


@require_GET
@store_page(MANAGERS)
def compare(request: StoreRequest) -> HttpResponse:
    """Two refreshes compared: sizes, who went where, and, where the address names two segments, the people."""
    chosen = pages.chosen_span(request.store, request.GET)
    context: dict[str, object] = {"chosen": chosen}
    if chosen is None:
        return render_page(request, "segments/compare.html", context)
    if listed := pages.compared_people(request.store, chosen, request.GET):
        context |= {"listed": listed, "export_query": export_query("compare", request.GET)} | _pages(
            request, listed.people
        )
        return render_page(request, "segments/compare_people.html", context)
    context["page"] = pages.compare_page(request.store, chosen)
    return render_page(request, "segments/compare.html", context)


@require_GET
@store_page(MANAGERS)
def why(request: StoreRequest) -> HttpResponse:
    """Why each segment changed between two refreshes, and, where the address names a part, its people."""
    chosen = pages.chosen_span(request.store, request.GET)
    context: dict[str, object] = {"chosen": chosen}
    if chosen is None:
        return render_page(request, "segments/why.html", context)
    if listed := pages.part_people(request.store, chosen, request.GET):
        context |= {"listed": listed, "export_query": export_query("why", request.GET)} | _pages(
            request, listed.people
        )
        return render_page(request, "segments/why_people.html", context)
    context["page"] = pages.why_page(request.store, chosen, request.GET.get("segment", ""))
    return render_page(request, "segments/why.html", context)


def _pages(request: StoreRequest, people: Page[Any]) -> dict[str, object]:
    return {"next_url": people.next_url(request.GET), "previous_url": people.previous_url(request.GET)}
