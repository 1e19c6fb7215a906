"""Pages of who comes back."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from accounts.access import MANAGERS, StoreRequest, store_page
from lib.pages import render_page
from segments.retention.pages import retention_page
from segments.retention.queries import retention_is_coming, retention_state
from segments.retention.rhythm_pages import rhythm_page


@require_GET
@store_page(MANAGERS)
def retention(request: StoreRequest) -> HttpResponse:
    """Cohorts, second orders and concentration; what to do where there is nothing to show yet."""
    state = retention_state(request.store)
    page = retention_page(request.store, state, request.GET.dict()) if state and state.customers else None
    context = {"state": state, "page": page, "is_coming": retention_is_coming(request.store)}
    return render_page(request, "segments/retention.html", context)


@require_GET
@store_page(MANAGERS)
def rhythm(request: StoreRequest) -> HttpResponse:
    """Time between orders, lapsed and won back, and first deliveries; says what is missing where nobody came back."""
    state = retention_state(request.store)
    page = rhythm_page(request.store, state) if state else None
    context = {"state": state, "page": page, "is_coming": retention_is_coming(request.store)}
    return render_page(request, "segments/rhythm.html", context)
