"""The pages of orders: the list, one order, delivery, payments, guests."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse, QueryDict
from django.utils.timezone import now
from django.views.decorators.http import require_safe
from django_htmx.http import replace_url

from accounts.access import EVERYONE, MANAGERS, StoreRequest, store_page
from accounts.models import Store
from lib.keyset import PARAMETER, page_of
from lib.money import to_minor
from lib.pages import render_page
from lib.periods import local_today
from orders import charts, findings, queries, rollup_queries
from orders.addresses import month_orders_url, orders_url
from orders.counting import standing_of
from orders.forms import NOTHING_SAID, OrderFilterForm
from orders.models import Order, OrderMonth
from orders.overview import recent_finding
from orders.periods import Period, chosen_period
from orders.rollup_queries import Deliveries
from orders.sums import money_rows
from orders.timeline import lateness, timeline

_OVERDUE_SHOWN = 10


@require_safe
@store_page(EVERYONE)
def order_list(request: StoreRequest) -> HttpResponse:
    """Order documents, filtered, searched, sorted; the list alone for htmx, with its address in the bar.

    The address takes the place of the one before: a search typed letter by letter is one step back, not ten.
    """
    asked = _without_empty(request.GET)
    values = rollup_queries.facet_values(request.store)
    form = OrderFilterForm(
        asked, channels=values["channel"], payments=values["payment"], carriers=values["carrier"]
    )
    filters = form.filters()
    found = queries.search_orders(request.store, filters.search) if filters.search else None
    sort = asked.get("sort", queries.NEWEST)
    rows = queries.order_list(request.store, filters, found=found)
    page = page_of(rows, queries.SORTS.get(sort, queries.SORTS[queries.NEWEST]), asked.get(PARAMETER, ""))
    context: dict[str, Any] = {
        "form": form,
        "filters": filters,
        "orders": page.rows,
        **page.links(asked),
        "too_many": found is not None and len(found) > queries.SEARCHED,
        "searched": queries.SEARCHED,
    }
    if not request.htmx:
        context["finding"] = recent_finding(request.store)
    response = render_page(request, "orders/order_list.html", context, partial="list")
    query = f"?{asked.urlencode()}" if asked else ""
    return replace_url(response, request.path + query) if request.htmx else response


@require_safe
@store_page(EVERYONE)
def order_page(request: StoreRequest, order_id: int) -> HttpResponse:
    """One order: who, money, whether it counts, its lines, and what happened."""
    try:
        detail = queries.order_detail(request.store, order_id)
    except Order.DoesNotExist:
        raise Http404("No such order.") from None
    story = timeline(
        detail.order,
        detail.events,
        detail.refunds,
        timezone=request.store.timezone,
        currency=request.store.currency,
        now=now(),
    )
    context = {
        "order": detail.order,
        "lines": [(line, to_minor(line.unit_price, request.store.currency)) for line in detail.lines],
        "money": money_rows(detail.order),
        "standing": standing_of(detail.order),
        "lateness": lateness(detail.order.days_late),
        "timeline": story,
        "beside": queries.orders_beside(detail.order),
    }
    return render_page(request, "orders/order_page.html", context)


@require_safe
@store_page(MANAGERS)
def delivery(request: StoreRequest) -> HttpResponse:
    """Promised against delivered: by month, by carrier, by days late; what is overdue."""
    store, today = request.store, local_today(request.store.timezone)
    period = chosen_period(request.GET.get("months", ""), today)
    carriers = rollup_queries.deliveries_by_carrier(store, period.since)
    whole = rollup_queries.all_deliveries(carriers)
    overdue = queries.overdue_orders(store, today)
    context = {
        "period": period,
        "whole": whole,
        "finding": findings.delivery_finding(whole, carriers, period.words),
        "overdue": [
            (order, (today - order.promised_on).days)
            for order in overdue[:_OVERDUE_SHOWN]
            if order.promised_on
        ],
        "overdue_count": overdue.count(),
        "overdue_url": orders_url(store, delivery="overdue"),
        "carriers": [_carrier(store, period, name, each) for name, each in carriers],
        "late_url": orders_url(store, delivery="late", since=period.since),
        "unpromised": whole.orders - whole.promised,
        "any_orders": bool(whole.orders) or rollup_queries.has_figures(store),
    }
    if whole.judged:
        months = rollup_queries.deliveries_by_month(store, period.since)
        days = rollup_queries.days_late_distribution(store, period.since)
        context["on_time_chart"] = charts.on_time_by_month(
            months, today=today, link=lambda month: month_orders_url(store, month, delivery="late")
        )
        context["days_chart"] = charts.days_late_bars(days)
    return render_page(request, "orders/delivery.html", context)


def _carrier(store: Store, period: Period, name: str, figures: Deliveries) -> tuple[str, Deliveries, str]:
    """A row of the carriers' table, with the address of its orders."""
    url = orders_url(store, carrier=name or queries.UNSAID, since=period.since)
    return name or "No carrier named", figures, url


@require_safe
@store_page(MANAGERS)
def payments(request: StoreRequest) -> HttpResponse:
    """Payment methods: orders, revenue, average order, refunds, and how their shares moved."""
    store, today = request.store, local_today(request.store.timezone)
    period = chosen_period(request.GET.get("months", ""), today)
    facet = OrderMonth.Facet.PAYMENT
    methods = rollup_queries.facet_figures(store, facet, period.since)
    by_month = rollup_queries.facet_months(store, facet, period.since)
    names = [each.value or NOTHING_SAID for each in methods]
    context: dict[str, Any] = {
        "period": period,
        "finding": findings.payments_finding(methods, period.words, names),
        "methods": [
            (name, each, orders_url(store, payment=each.value or queries.UNSAID, since=period.since))
            for name, each in zip(names, methods, strict=True)
        ],
    }
    context["any_orders"] = bool(methods) or rollup_queries.has_figures(store)
    if len(methods) > 1:
        lines = [(name, by_month[each.value]) for name, each in zip(names, methods, strict=True)]
        context["chart"] = charts.method_shares_by_month(lines)
    return render_page(request, "orders/payments.html", context)


@require_safe
@store_page(MANAGERS)
def guests(request: StoreRequest) -> HttpResponse:
    """Guests: how many, how many registered since and how soon, and what each kind of buyer brings."""
    store, today = request.store, local_today(request.store.timezone)
    period = chosen_period(request.GET.get("months", ""), today)
    found = rollup_queries.guests(store, period.since)
    buyers = rollup_queries.facet_figures(store, OrderMonth.Facet.BUYER, period.since)
    context: dict[str, Any] = {
        "period": period,
        "found": found,
        "finding": findings.guests_finding(found, buyers, period.words),
        "buyers": [(OrderMonth.Buyer(each.value).label, each) for each in buyers],
    }
    context["any_orders"] = bool(buyers) or rollup_queries.has_figures(store)
    if found.guests:
        context["month_chart"] = charts.guests_by_month_bars(
            rollup_queries.guests_by_month(store, period.since)
        )
    if found.registered_later:
        context["time_chart"] = charts.time_to_register_bars(found)
    return render_page(request, "orders/guests.html", context)


def _without_empty(given: QueryDict) -> QueryDict:
    """The parameters that say something, so that addresses stay short."""
    kept = QueryDict(mutable=True)
    for name, value in given.items():
        if isinstance(value, str) and value.strip():
            kept[name] = value
    return kept
