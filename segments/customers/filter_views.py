"""Saving, renaming and deleting filters of the customer list; each leads back to the list it was asked from."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.access import EVERYONE, StoreRequest, store_page
from segments.customers.saved_filters import (
    FilterError,
    change_filter,
    delete_filter,
    essence,
    save_filter,
    saved_filters,
)


@require_POST
@store_page(EVERYONE)
def filter_save(request: StoreRequest) -> HttpResponse:
    """Keeps the list's filters under a name."""
    query = request.POST.get("query", "")
    try:
        kept, is_new = save_filter(
            store=request.store,
            person=request.user,
            name=request.POST.get("name", ""),
            query=query,
            shared=bool(request.POST.get("shared")),
        )
        replaced = "" if is_new else " It stands for these filters now, no longer for those before."
        messages.success(request, f"Saved as {kept.name}.{replaced}")
    except FilterError as problem:
        messages.error(request, str(problem))
    return _list(request, query)


@require_POST
@store_page(EVERYONE)
def filter_change(request: StoreRequest, filter_id: int) -> HttpResponse:
    """Renames a saved filter, and shares it or not."""
    kept = get_object_or_404(saved_filters(request.store, request.user), pk=filter_id)
    try:
        change_filter(kept=kept, name=request.POST.get("name", ""), shared=bool(request.POST.get("shared")))
    except FilterError as problem:
        messages.error(request, str(problem))
    return _list(request, kept.query)


@require_POST
@store_page(EVERYONE)
def filter_delete(request: StoreRequest, filter_id: int) -> HttpResponse:
    """Forgets a saved filter; what it lists stays in sight."""
    kept = get_object_or_404(saved_filters(request.store, request.user), pk=filter_id)
    delete_filter(kept=kept)
    messages.success(request, f"{kept.name} is deleted.")
    return _list(request, kept.query)


def _list(request: StoreRequest, query: str) -> HttpResponse:
    path = reverse("segments:customer_list", args=[request.store.slug])
    return redirect(f"{path}?{essence(query)}")
