"""Pages on how segments changed: any two refreshes compared, why each segment changed, and the people behind."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from accounts.access import MANAGERS, StoreRequest, store_page
from lib.keyset import PARAMETER
from lib.pages import render_page
from segments.exporting import customer_lines
from segments.history import pages, people
from segments.history.cause_queries import people_of_part
from segments.history.compare import people_between
from segments.models import CustomerStats
from segments.people import PeopleList, people_context


@require_GET
@store_page(MANAGERS)
def compare(request: StoreRequest) -> HttpResponse:
    """Two refreshes compared: sizes, who went where, and, where the address names two segments, the people."""
    chosen = pages.chosen_span(request.store, request.GET)
    context: dict[str, object] = {"chosen": chosen}
    if chosen is None:
        return render_page(request, "segments/compare.html", context)
    if listed := pages.compared_people(request.store, chosen, request.GET):
        return _people_page(request, people.compared_list(request.store, listed, _without_page(request)))
    context["page"] = pages.compare_page(request.store, chosen)
    return render_page(request, "segments/compare.html", context)


@require_GET
@store_page(MANAGERS)
def compare_export(request: StoreRequest) -> HttpResponseBase:
    """The people who went from one segment to another between two refreshes, as a CSV file."""
    chosen = pages.chosen_span(request.store, request.GET)
    listed = pages.compared_people(request.store, chosen, request.GET) if chosen else None
    if chosen is None or listed is None:
        return redirect("segments:compare", request.store.slug)
    compared = people_between(
        chosen.span, before=listed.before, after=listed.after, from_anywhere=listed.from_anywhere
    )
    lines = customer_lines(request.store, compared.order_by("-monetary", "-customer_id"))
    return _csv(lines, f"{request.store.slug}-moved.csv")


@require_GET
@store_page(MANAGERS)
def why(request: StoreRequest) -> HttpResponse:
    """Why each segment changed between two refreshes, and, where the address names a part, its people."""
    chosen = pages.chosen_span(request.store, request.GET)
    context: dict[str, object] = {"chosen": chosen}
    if chosen is None:
        return render_page(request, "segments/why.html", context)
    if listed := pages.part_people(request.store, chosen, request.GET):
        return _people_page(request, people.part_list(request.store, listed, _without_page(request)))
    context["page"] = pages.why_page(request.store, chosen, request.GET.get("segment", ""))
    return render_page(request, "segments/why.html", context)


@require_GET
@store_page(MANAGERS)
def why_export(request: StoreRequest) -> HttpResponseBase:
    """The people of one part of a segment's change, each once, as a CSV file."""
    chosen = pages.chosen_span(request.store, request.GET)
    listed = pages.part_people(request.store, chosen, request.GET) if chosen else None
    if chosen is None or listed is None:
        return redirect("segments:why", request.store.slug)
    moves = people_of_part(chosen.span, listed.segment, listed.group, listed.way)
    moved = CustomerStats.objects.filter(
        store=request.store, customer_id__in=moves.values_list("customer_id", flat=True)
    )
    lines = customer_lines(request.store, moved.order_by("-monetary", "-customer_id"))
    return _csv(lines, f"{request.store.slug}-{listed.segment.key}-{listed.group.key}.csv")


def _people_page(request: StoreRequest, listed: PeopleList) -> HttpResponse:
    return render_page(request, "segments/people_page.html", people_context(listed, request.GET))


def _without_page(request: StoreRequest) -> str:
    query = request.GET.copy()
    query.pop(PARAMETER, None)
    return query.urlencode()


def _csv(lines: Iterator[str], name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(lines, content_type="text/csv")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
