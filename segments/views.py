"""Pages of segments: the overview, one segment, who moved, how fresh they are, and asking for a refresh."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import EVERYONE, MANAGERS, StoreRequest, store_page
from jobs.models import Job
from lib.keyset import PARAMETER
from lib.numbers import whole_number
from lib.pages import render_page
from orders.queries import has_orders
from segments import queries
from segments.addresses import day_named
from segments.asking import REFRESH, ask_for_refresh, unfinished_refresh
from segments.customers.bulk import bulk_of
from segments.customers.filtering import CustomerFilter
from segments.customers.queries import page_of_customers
from segments.customers.sorts import sort_named
from segments.figures_version import newer_than
from segments.models import Refresh, Segment
from segments.overview import PERIODS, Measure, overview
from segments.passages import moved_list, moved_people, moves_page
from segments.people import people_page
from segments.segment_detail import segment_detail

BY_HAND = "demand"  # the key of refreshes that people ask for: one waits or runs at a time


@require_GET
@store_page(MANAGERS)
def segment_list(request: StoreRequest) -> HttpResponse:
    """Every segment: its size, its revenue, how it changed, what to do; where people stand; who moved."""
    measure: Measure = "revenue" if request.GET.get("measure") == "revenue" else "customers"
    period = _period(request, "last")
    context = {
        "page": overview(request.store, measure=measure, days=PERIODS[period]),
        "has_orders": partial(has_orders, request.store),  # only queried if there is nobody to show
        "measure": measure,
        "period": period,
        "job": unfinished_refresh(request.store),
    }
    return render_page(request, "segments/segment_list.html", context)


@require_GET
@store_page(MANAGERS)
def segment_page(request: StoreRequest, key: str) -> HttpResponse:
    """One segment: its trend, arrivals and departures, and its people by what they spent."""
    segment = get_object_or_404(Segment, store=request.store, key=key)
    page = segment_detail(request.store, segment)
    sort = sort_named(request.GET)
    wanted = CustomerFilter(segment=segment)
    people = page_of_customers(request.store, wanted, page.refresh, sort, request.GET.get(PARAMETER, ""))
    query = urlencode({"segment": segment.key, "sort": sort})
    context = {"page": page, "segment": segment, "people": people, "sort": sort}
    context["has_orders"] = partial(has_orders, request.store)
    context["bulk"] = bulk_of(request.role, query, total=page.sized.customers if page.sized else None)
    context |= people.links(request.GET)
    return render_page(request, "segments/segment_page.html", context)


@require_GET
@store_page(MANAGERS)
def moves(request: StoreRequest) -> HttpResponse:
    """Who went from one segment to another since a day: all of them, or the people of one flow."""
    moved = moved_people(request.store, request.GET)
    if moved:
        return people_page(request, moved_list(request.store, moved, request.GET))
    period = _period(request, "7d")
    since = day_named(request.GET.get("since", ""))
    page = moves_page(request.store, since=since, days=PERIODS[period])
    return render_page(request, "segments/moves.html", {"page": page, "period": period})


@require_http_methods(["GET", "POST"])
@store_page(MANAGERS)
def refresh_now(request: StoreRequest) -> HttpResponse:
    """POST asks for a refresh; GET shows how far it is, and has the page loaded again when it is done."""
    if request.method == "POST":
        job = ask_for_refresh(store=request.store, key=BY_HAND, reason=Refresh.Reason.DEMAND, by=request.user)
        if not request.htmx:
            messages.info(request, "The segments are being refreshed. You can go on working meanwhile.")
            return redirect("segments:segment_list", request.store.slug)
    else:
        job = get_object_or_404(
            Job, store=request.store, kind=REFRESH, id=whole_number(request.GET.get("job", ""))
        )
    response = render(request, "segments/_refresh_progress.html", {"job": job})
    if job.state == Job.State.SUCCEEDED:
        response["HX-Refresh"] = "true"
    return response


@require_GET
@store_page(EVERYONE)
def freshness(request: StoreRequest) -> HttpResponse:
    """The chip that says how old the segments are, and shouts when they are overdue."""
    context = {"freshness": queries.freshness(request.store), "job": unfinished_refresh(request.store)}
    return render(request, "segments/freshness.html", context)


@require_GET
@store_page(EVERYONE)
def version(request: StoreRequest) -> HttpResponse:
    """Whether there are newer figures than those of the page that asks: a bar that offers them, or 204."""
    finished_at = newer_than(request.store, request.GET.get("seen", ""))
    if finished_at is None:
        return HttpResponse(status=204)
    path = request.htmx.current_url_abs_path or ""
    if not path.startswith(f"/s/{request.store.slug}/"):
        path = reverse("today", args=[request.store.slug])
    return render(request, "segments/version.html", {"finished_at": finished_at, "path": path})


def _period(request: StoreRequest, otherwise: str) -> str:
    period = request.GET.get("period", "")
    return period if period in PERIODS else otherwise
