"""Pages of who comes back."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from accounts.access import MANAGERS, StoreRequest, store_page
from lib.pages import render_page
from segments.models import RetentionState
from segments.people import people_page
from segments.queries import latest_refresh
from segments.retention.pages import retention_page
from segments.retention.people import behind
from segments.retention.queries import retention_is_coming, retention_state
from segments.retention.rhythm_pages import rhythm_page


@require_GET
@store_page(MANAGERS)
def retention(request: StoreRequest) -> HttpResponse:
    """Cohorts, second orders and concentration; what to do where there is nothing to show yet."""
    state = retention_state(request.store)
    page = retention_page(request.store, state, request.GET.dict()) if state and state.customers else None
    context = {"page": page, **_tables(request, state)}
    return render_page(request, "segments/retention/retention.html", context)


@require_GET
@store_page(MANAGERS)
def retention_people(request: StoreRequest) -> HttpResponse:
    """The people behind a cell of the triangle or a window of the second order; the page of all for anything else."""
    state = retention_state(request.store)
    figure = behind(request.store, state, request.GET) if state else None
    if figure is None:
        return redirect("segments:retention", request.store.slug)
    return people_page(request, figure.listed(request.store, request.GET))


@require_GET
@store_page(MANAGERS)
def rhythm(request: StoreRequest) -> HttpResponse:
    """Time between orders, lapsed and won back, and first deliveries; says what is missing where few came back."""
    state = retention_state(request.store)
    found = rhythm_page(request.store, state) if state else ""
    page, why_no_rhythm = (None, found) if isinstance(found, str) else (found, "")
    context = {"page": page, "why_no_rhythm": why_no_rhythm, **_tables(request, state)}
    return render_page(request, "segments/retention/rhythm.html", context)


def _tables(request: StoreRequest, state: RetentionState | None) -> dict[str, object]:
    """What segments/retention/_empty.html reads: why there may be nothing to show, and what to do."""
    refresh = None if state else latest_refresh(request.store)
    return {"state": state, "refresh": refresh, "is_coming": retention_is_coming(request.store)}
