"""Pages of customers: the list with its filters, its export, and one customer."""

from __future__ import annotations

from django.db.models import F
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from accounts.access import EVERYONE, MANAGERS, StoreRequest, store_page
from lib.keyset import PARAMETER, Page
from lib.money import format_money
from lib.pages import render_page
from orders.models import Customer
from segments import queries
from segments.customers.detail import customer_detail
from segments.customers.forms import CustomerFilterForm
from segments.customers.queries import (
    DEFAULT_SORT,
    PARTLY_KNOWN,
    SORTS,
    CustomerFilter,
    counted_at,
    customers,
    page_of_customers,
)
from segments.customers.saved_filters import essence, saved_filters
from segments.exporting import customer_lines
from segments.findings import counted, customer_finding, list_finding
from segments.models import CustomerStats, Refresh, Segment
from segments.scale_words import outlook_lines, scale_lines
from segments.value.queries import customer_forecast


@require_GET
@store_page(EVERYONE)
def customer_list(request: StoreRequest) -> HttpResponse:
    """Customers by a filter and a sort, both in the address."""
    refresh = queries.latest_refresh(request.store)
    form = _filter_form(request, refresh)
    wanted, sort = form.filter(), _sort(request)
    people = page_of_customers(request.store, wanted, refresh, sort, request.GET.get("page", ""))
    context = {
        "form": form,
        "wanted": wanted,
        "sort": sort,
        "only_known": PARTLY_KNOWN.get(sort.lstrip("-")),
        "people": people,
        "refresh": refresh,
        "finding": _list_finding(wanted, refresh, people),
        "export_query": _without_page(request),
        "saved": list(saved_filters(request.store, request.user)),
        "savable": bool(essence(request.GET.urlencode())),
        "next_url": people.next_url(request.GET),
        "previous_url": people.previous_url(request.GET),
    }
    return render_page(request, "segments/customer_list.html", context)


@require_GET
@store_page(MANAGERS)
def customer_export(request: StoreRequest) -> StreamingHttpResponse:
    """The customers of a filter, in the order of its sort, as a CSV file."""
    refresh = queries.latest_refresh(request.store)
    wanted = _filter_form(request, refresh).filter()
    sort = SORTS[_sort(request)]
    columns = [F(name) for name in sort.names]
    order = [
        column.desc(nulls_last=True) if sort.descending else column.asc(nulls_last=True) for column in columns
    ]
    people = customers(request.store, wanted, refresh).order_by(*order)
    response = StreamingHttpResponse(customer_lines(request.store, people), content_type="text/csv")
    response["Content-Disposition"] = f'attachment; filename="{_file_name(request, wanted)}"'
    return response


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
    return render_page(request, "segments/customer_page.html", context)


def _filter_form(request: StoreRequest, refresh: Refresh | None) -> CustomerFilterForm:
    segments = list(Segment.objects.filter(store=request.store))
    bins = refresh.scheme_version.bins if refresh else 5
    return CustomerFilterForm(request.GET, store=request.store, segments=segments, bins=bins)


def _list_finding(wanted: CustomerFilter, refresh: Refresh | None, people: Page[CustomerStats]) -> str:
    """How many there are, where it is known without counting: by a roll-up, or because one page holds them all."""
    if wanted.is_segment_alone:
        return list_finding(counted_at(refresh, wanted.segment), wanted.segment)
    if people.next or people.previous or not people.rows:
        return ""
    return f"{counted(len(people.rows), 'customer fits', 'customers fit')} these filters."


def _sort(request: StoreRequest) -> str:
    sort = request.GET.get("sort", "")
    return sort if sort in SORTS else DEFAULT_SORT


def _without_page(request: StoreRequest) -> str:
    """The address's filters and sort, for what goes over all pages."""
    query = request.GET.copy()
    query.pop(PARAMETER, None)
    return query.urlencode()


def _file_name(request: StoreRequest, wanted: CustomerFilter) -> str:
    parts = [request.store.slug, wanted.segment.key if wanted.segment else "customers"]
    return "-".join(parts) + ".csv"
