"""Pages of customers: the list with its filters, its export, and one customer."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from accounts.access import EVERYONE, StoreRequest, store_page
from lib.keyset import PARAMETER, Page
from lib.money import format_money
from lib.pages import render_page
from lib.wording import count_text
from orders.models import Customer
from segments import queries
from segments.customers.bulk import bulk_of
from segments.customers.detail import customer_detail
from segments.customers.filtering import CustomerFilter
from segments.customers.forms import filter_form
from segments.customers.queries import counted_at, page_of_customers
from segments.customers.saved_filters import essence, saved_filters
from segments.customers.sorts import SORTS, sort_named
from segments.findings import customer_finding, list_finding
from segments.models import CustomerStats, Refresh
from segments.scale_words import outlook_lines, scale_lines
from segments.value.queries import customer_forecast


@require_GET
@store_page(EVERYONE)
def customer_list(request: StoreRequest) -> HttpResponse:
    """Customers by a filter and a sort, both in the address."""
    refresh = queries.latest_refresh(request.store)
    form = filter_form(request.GET, request.store, refresh)
    wanted, sort = form.filter(), sort_named(request.GET)
    people = page_of_customers(request.store, wanted, refresh, sort, request.GET.get(PARAMETER, ""))
    query = essence(request.GET.urlencode())
    context = {
        "form": form,
        "wanted": wanted,
        "sort": sort,
        "only_known": SORTS[sort].column.known,
        "people": people,
        "refresh": refresh,
        "finding": _list_finding(wanted, refresh, people),
        "export_query": query,
        "bulk": bulk_of(request.role, query, total=_total(wanted, refresh)),
        "saved": list(saved_filters(request.store, request.user)),
        "savable": bool(query),
        **people.links(request.GET),
    }
    return render_page(request, "segments/customers/customer_list.html", context)


@require_GET
@store_page(EVERYONE)
def customer_page(request: StoreRequest, customer_id: int) -> HttpResponse:
    """Who a customer is, what they are worth, why they are in their segment, and what happened."""
    customer = get_object_or_404(Customer, store=request.store, id=customer_id)
    page, currency = customer_detail(request.store, customer), request.store.currency
    standing = page.standing
    context = {
        "page": page,
        "finding": customer_finding(page, currency),
        "refunded_note": f"{format_money(page.refunded, currency)} given back" if page.refunded else "",
        "scales": scale_lines(standing.scales, currency) if standing else [],
        "outlook": outlook_lines(standing.rises, standing.slips) if standing else [],
        "cadence": page.cadence,
        "forecast": customer_forecast(request.store, customer_id),
    }
    return render_page(request, "segments/customers/customer_page.html", context)


def _list_finding(wanted: CustomerFilter, refresh: Refresh | None, people: Page[CustomerStats]) -> str:
    """How many there are, where it is known without counting: by a roll-up, or because one page holds them all."""
    if wanted.is_segment_alone:
        return list_finding(counted_at(refresh, wanted.segment), wanted.segment)
    if people.next or people.previous or not people.rows:
        return ""
    return f"{count_text(len(people.rows), 'customer fits', 'customers fit')} these filters."


def _total(wanted: CustomerFilter, refresh: Refresh | None) -> int | None:
    """How many fit, where a roll-up knows: everybody counts also those who never ordered, so of a segment alone."""
    return counted_at(refresh, wanted.segment) if wanted.segment and wanted.is_segment_alone else None
