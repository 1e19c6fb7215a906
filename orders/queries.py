"""What the order pages read of single orders: the list, one order, and what is overdue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import cast

from django.db.models import Q, QuerySet

from accounts.models import Store
from lib.keyset import Sort
from lib.periods import local_today, start_of_day, start_of_next_day
from orders.customer_search import matching
from orders.filtering import Buyers, Delivery, Documents, OrderFilters
from orders.models import Customer, Order, OrderEvent, OrderLine, Refund

# The value of a filter that asks for what the shop leaves unsaid.
UNSAID = "none"

# After this many days without a delivery an order no longer counts as overdue: its delivery just wasn't recorded.
OVERDUE_DAYS = 60

# Who searches and finds more orders than this is asked to be more specific: a page of them would be no use.
SEARCHED = 1000

SORTS = {
    "-placed": Sort((("placed_at", datetime), ("id", int))),
    "placed": Sort((("placed_at", datetime), ("id", int)), descending=False),
    "-total": Sort((("total", int), ("id", int))),
    "total": Sort((("total", int), ("id", int)), descending=False),
}
NEWEST = "-placed"

_OPEN = Q(delivered_at=None, promised_on__isnull=False, status__in=["pending", "paid"])


def has_orders(store: Store) -> bool:
    """Whether the store has any order document, cancelled ones included. One query."""
    return Order.objects.filter(store=store).exists()


def order_list(
    store: Store, filters: OrderFilters, *, found: list[int] | None = None, today: date | None = None
) -> QuerySet[Order]:
    """The store's order documents that the filters let through, with their customers; not sorted.

    `found`: the ids that `search_orders` gave for the text of the filters; None where nothing is searched.
    """
    rows = Order.objects.filter(store=store).select_related("customer")
    if found is not None:
        rows = rows.filter(pk__in=found)
    if filters.status:
        rows = rows.filter(status=filters.status)
    for column, value in (
        ("channel", filters.channel),
        ("payment_method", filters.payment),
        ("carrier", filters.carrier),
    ):
        if value:
            rows = rows.filter(**{column: "" if value == UNSAID else value})
    if filters.delivery:
        rows = _by_delivery(rows, store, filters.delivery, today or local_today(store.timezone))
    if filters.documents:
        rows = rows.filter(_DOCUMENTS[Documents(filters.documents)])
    if filters.buyers:
        rows = rows.filter(_BUYERS[Buyers(filters.buyers)])
    if filters.since:
        rows = rows.filter(placed_at__gte=start_of_day(filters.since, store.timezone))
    if filters.until:
        rows = rows.filter(placed_at__lt=start_of_next_day(filters.until, store.timezone))
    return rows


_DOCUMENTS = {
    Documents.REFUNDED: Q(refunded__gt=0),
    Documents.REFUNDED_IN_FULL: Q(refunded__gt=0, total__gt=0, net__lte=0),
    Documents.CREDIT_NOTES: Q(total__lt=0),
}
_BUYERS = {
    Buyers.REGISTERED: Q(customer__external_id__isnull=False),
    Buyers.GUEST: Q(customer__isnull=False, customer__external_id=None),
    Buyers.UNKNOWN: Q(customer=None),
}


def _by_delivery(rows: QuerySet[Order], store: Store, delivery: str, today: date) -> QuerySet[Order]:
    match Delivery(delivery):
        case Delivery.LATE:
            return rows.filter(days_late__gt=0)
        case Delivery.ON_TIME:
            return rows.filter(days_late__lte=0)
        case Delivery.OVERDUE:
            # By ids, as there are few: a plan that looked for them along the list would walk all of it.
            few = Order.objects.filter(_overdue(today), store=store).values_list("pk", flat=True)
            return rows.filter(pk__in=list(few))
        case Delivery.NO_PROMISE:
            return rows.filter(promised_on=None)


def search_orders(store: Store, text: str) -> list[int]:
    """Ids of orders that the text finds, at most SEARCHED + 1 of them: three queries, each from an index.

    By number, with or without its #, or the shop's own id; else by the customer's e-mail, name or phone.
    """
    wanted = text.strip()
    own = Order.objects.filter(store=store).values_list("pk", flat=True)
    numbers = Q(number__startswith=wanted) | Q(external_id=wanted)
    if not wanted.startswith("#"):
        numbers |= Q(number__startswith=f"#{wanted}")
    found = list(own.filter(numbers)[: SEARCHED + 1])
    people = Customer.objects.filter(matching(wanted), store=store).values_list("pk", flat=True)
    found += own.filter(customer_id__in=list(people[:SEARCHED]))[: SEARCHED + 1]
    return sorted(set(found))[: SEARCHED + 1]


def _overdue(today: date) -> Q:
    """Promised for an earlier day, not delivered, and not given back."""
    recent = Q(promised_on__gte=today - timedelta(days=OVERDUE_DAYS), promised_on__lt=today)
    return _OPEN & recent & Q(counted=True)


def overdue_orders(store: Store, today: date) -> QuerySet[Order]:
    """Orders promised before today that haven't come, the longest overdue first."""
    rows = Order.objects.filter(_overdue(today), store=store)
    return rows.select_related("customer").order_by("promised_on", "id")


@dataclass(frozen=True, slots=True)
class OrderDetail:
    """One order with everything that belongs to it."""

    order: Order
    lines: list[OrderLine]
    refunds: list[Refund]
    events: list[OrderEvent]


def order_detail(store: Store, order_id: int) -> OrderDetail:
    """The order with its customer, lines, refunds and events: four queries. Raises Order.DoesNotExist."""
    order = Order.objects.select_related("customer", "source_import").get(store=store, pk=order_id)
    return OrderDetail(
        order=order,
        lines=list(order.lines.select_related("product").order_by("position")),
        refunds=list(order.refunds.order_by("refunded_at", "id")),
        events=list(order.events.order_by("at", "id")),
    )


def orders_beside(order: Order, *, size: int = 6) -> list[Order]:
    """The newest other documents of the order's customer; none for an order without a known customer."""
    if order.customer_id is None:
        return []
    rows = Order.objects.filter(store_id=order.store_id, customer_id=order.customer_id).exclude(pk=order.pk)
    return cast("list[Order]", list(rows.order_by("-placed_at", "-id")[:size]))
