"""Roll-ups equal what plain Python makes of the orders, whatever happens to the orders in between."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Store
from orders.models import (
    Customer,
    DeliveryMonth,
    DirtyDay,
    GuestMonth,
    Order,
    OrderDay,
    OrderMonth,
    RollupState,
)
from orders.rollups import RollupResult, refresh_rollups
from tests.factories.accounts import make_store
from tests.factories.orders import make_customer, make_order

pytestmark = pytest.mark.django_db
_MEASURES = (
    "orders",
    "counted",
    "identified",
    "net",
    "refunded_orders",
    "refunded",
    "cancelled",
    "credit_notes",
)


def make_guest(store: Store, name: str, **fields: Any) -> Customer:
    return make_customer(store, name, external_id=None, first_seen_as_guest=True, **fields)


def kept(store: Store) -> dict[str, Any]:
    """All roll-ups of the store as plain values."""
    return {
        "days": {
            row["day"]: tuple(row[m] for m in _MEASURES)
            for row in OrderDay.objects.filter(store=store).values("day", *_MEASURES)
        },
        "months": {
            (row["month"], row["facet"], row["value"]): tuple(row[m] for m in _MEASURES)
            for row in OrderMonth.objects.filter(store=store).values("month", "facet", "value", *_MEASURES)
        },
        "deliveries": {
            tuple(row[:-1]): row[-1]
            for row in DeliveryMonth.objects.filter(store=store).values_list(
                "month", "carrier", "promised", "delivered", "days_late", "orders"
            )
        },
        "guests": {
            (month, within): customers
            for month, within, customers in GuestMonth.objects.filter(store=store).values_list(
                "month", "within_days", "customers"
            )
        },
    }


def defined(store: Store) -> dict[str, Any]:
    """The same from the orders, one at a time, by the definitions."""
    zone = ZoneInfo(Store.objects.get(pk=store.pk).timezone)
    days: dict[date, list[int]] = defaultdict(lambda: [0] * len(_MEASURES))
    months: dict[tuple[date, str, str], list[int]] = defaultdict(lambda: [0] * len(_MEASURES))
    deliveries: Counter[tuple[Any, ...]] = Counter()
    firsts: dict[int, datetime] = {}
    for order in Order.objects.filter(store=store).select_related("customer"):
        day = order.placed_at.astimezone(zone).date()
        month = day.replace(day=1)
        if order.customer_id is not None:
            firsts[order.customer_id] = min(order.placed_at, firsts.get(order.customer_id, order.placed_at))
        stands = order.status in ("pending", "paid") and order.total >= 0
        gone = order.status in ("cancelled", "voided")
        whole_back = 0 < order.total <= order.refunded
        counts = stands and not whole_back
        in_revenue = not gone and not whole_back
        measures = [
            int(stands),
            int(counts),
            int(counts and order.customer_id is not None),
            order.total - order.refunded if in_revenue else 0,
            int(stands and order.refunded > 0),
            order.refunded if stands else 0,
            int(gone),
            int(order.total < 0 and not gone),
        ]
        keys = [
            ("all", ""),
            ("payment", order.payment_method),
            ("channel", order.channel),
            ("buyer", _buyer(order.customer)),
        ]
        for target in [days[day], *(months[month, facet, value] for facet, value in keys)]:
            for place, measure in enumerate(measures):
                target[place] += measure
        if stands:
            promised, delivered = order.promised_on, order.delivered_at
            late = (delivered.astimezone(zone).date() - promised).days if promised and delivered else None
            late = late if late is None else max(-30, min(90, late))
            deliveries[month, order.carrier, promised is not None, delivered is not None, late] += 1
    return {
        "days": {day: tuple(values) for day, values in days.items()},
        "months": {key: tuple(values) for key, values in months.items()},
        "deliveries": dict(deliveries),
        "guests": dict(_guests(store, firsts, zone)),
    }


def _buyer(customer: Customer | None) -> str:
    if customer is None:
        return "unknown"
    if customer.external_id is None:
        return "guest"
    return "later" if customer.first_seen_as_guest else "registered"


def _guests(store: Store, firsts: dict[int, datetime], zone: ZoneInfo) -> Counter[tuple[date, int | None]]:
    found: Counter[tuple[date, int | None]] = Counter()
    for customer in Customer.objects.filter(store=store, pk__in=firsts):
        first = firsts[customer.pk]
        if customer.external_id is None:
            within = None
        elif customer.first_seen_as_guest:
            after = customer.registered_at - first if customer.registered_at else timedelta.max
            within = next((d for d in (7, 30, 90, 180, 365) if after < timedelta(days=d)), 9999)
        else:
            continue
        found[first.astimezone(zone).date().replace(day=1), within] += 1
    return found


def test_ten_orders_roll_up_as_plain_python_does() -> None:
    store = make_store(timezone="Europe/London")
    ada, ben = make_customer(store, "ada"), make_guest(store, "ben")
    registered = datetime(2025, 3, 20, tzinfo=UTC)
    cy = make_customer(store, "cy", first_seen_as_guest=True, registered_at=registered)
    delivered = {"promised_on": date(2025, 3, 5), "carrier": "Northway"}
    make_order(ada, "2025-03-01T10:00", 2000, delivered_at=datetime(2025, 3, 4, 12, tzinfo=UTC), **delivered)
    make_order(ada, "2025-03-02T10:00", 1500, delivered_at=datetime(2025, 3, 9, 12, tzinfo=UTC), **delivered)
    make_order(ben, "2025-03-31T23:30", 900, payment_method="Card")  # 1 April in London
    make_order(cy, "2025-02-10T09:00", 700, payment_method="Card", refunded=700)
    make_order(cy, "2025-03-02T09:00", 800, channel="web", refunded=100)
    make_order(None, "2025-03-03T09:00", 400, store=store, channel="pos")
    make_order(ada, "2025-03-03T09:00", -300, store=store)
    make_order(ada, "2025-03-03T09:00", 600, status="cancelled")
    make_order(ben, "2025-03-03T09:00", 650, status="voided")
    make_order(ben, "2025-04-02T09:00", 0, status="pending", promised_on=date(2025, 4, 9))
    refresh_rollups(store=store)
    assert kept(store) == defined(store)
    assert kept(store)["deliveries"][date(2025, 3, 1), "Northway", True, True, 4] == 1
    # Ben's voided order came first, in March
    assert kept(store)["guests"] == {(date(2025, 3, 1), None): 1, (date(2025, 2, 1), 90): 1}


def test_other_stores_are_left_alone() -> None:
    store, other = make_store(), make_store()
    make_order(make_customer(other), "2025-03-01", 500)
    refresh_rollups(store=other)
    before = kept(other)
    make_order(make_customer(store), "2025-03-01", 700)
    refresh_rollups(store=store, rebuild=True)
    assert kept(other) == before == defined(other)


def test_nothing_changed_nothing_done() -> None:
    store = make_store()
    make_order(make_customer(store), "2025-03-01", 500)
    refresh_rollups(store=store)
    at = RollupState.objects.get(store=store).refreshed_at
    assert refresh_rollups(store=store) == RollupResult(months=0, rows=0)
    assert refresh_rollups(store=store, rebuild=True).rows == 0
    assert at is not None


def test_only_months_with_changed_orders_are_made_again() -> None:
    store = make_store()
    customer = make_customer(store)
    orders = [make_order(customer, f"2025-{month:02}-15", 500) for month in range(1, 8)]
    refresh_rollups(store=store)
    orders[3].refunded = 200
    orders[3].save()
    assert refresh_rollups(store=store).months == 1
    assert kept(store) == defined(store)


def test_month_that_lost_its_last_order_is_gone() -> None:
    store = make_store()
    make_order(make_customer(store), "2025-03-15", 500).delete()
    late = make_order(make_customer(store), "2025-05-15", 500)
    refresh_rollups(store=store)
    late.delete()
    refresh_rollups(store=store)
    assert kept(store) == defined(store)
    assert not kept(store)["months"]


def test_guest_who_registers_moves_the_orders_of_the_past() -> None:
    store = make_store()
    guest = make_guest(store, "gil")
    make_order(guest, "2025-01-15", 500)
    make_order(guest, "2025-03-15", 500)
    refresh_rollups(store=store)
    guest.external_id, guest.registered_at = "G1", datetime(2025, 3, 20, tzinfo=UTC)
    guest.save()
    refresh_rollups(store=store)
    assert kept(store) == defined(store)
    assert kept(store)["guests"] == {(date(2025, 1, 1), 90): 1}


def test_store_that_moves_to_another_zone_is_rolled_up_anew() -> None:
    store = make_store(timezone="Europe/London")
    order = make_order(
        make_customer(store),
        "2025-03-31T20:00",
        500,
        promised_on=date(2025, 4, 2),
        delivered_at=datetime(2025, 4, 2, 22, tzinfo=UTC),
    )
    refresh_rollups(store=store)
    order.refresh_from_db()
    assert order.days_late == 0
    store.timezone = "Asia/Tokyo"
    store.save()
    refresh_rollups(store=store)
    order.refresh_from_db()
    assert order.days_late == 1
    assert kept(store) == defined(store)
    assert list(kept(store)["days"]) == [date(2025, 4, 1)]


@pytest.mark.parametrize("day", [date(2026, 10, 31), date(2026, 11, 1)])
def test_month_that_begins_twice_has_both_its_first_hours(day: date) -> None:
    """On 1 November 2026 the clocks of Havana go back from 01:00 to 00:00: the month begins at 04:00 UTC."""
    store = make_store(timezone="America/Havana")
    ada = make_customer(store, "ada")
    hours = {date(2026, 10, 31): [datetime(2026, 11, 1, 3, 30, tzinfo=UTC)]}
    hours[date(2026, 11, 1)] = [datetime(2026, 11, 1, hour, 30, tzinfo=UTC) for hour in (4, 5)]
    for moment in (hour for moments in hours.values() for hour in moments):
        make_order(ada, moment)
    refresh_rollups(store=store)
    # an order of the one month alone has it made again, without its neighbour
    make_order(ada, datetime(day.year, day.month, 15, 12, tzinfo=UTC))
    refresh_rollups(store=store)
    assert kept(store) == defined(store)
    assert OrderDay.objects.get(store=store, day=day).orders == len(hours[day])


def test_killed_half_way_the_log_keeps_what_changed() -> None:
    store = make_store()
    make_order(make_customer(store), "2025-03-15", 500)
    logged = DirtyDay.objects.filter(store_id=store.pk).count()
    before = transaction.savepoint()
    refresh_rollups(store=store)
    transaction.savepoint_rollback(before)
    assert DirtyDay.objects.filter(store_id=store.pk).count() == logged > 0
    refresh_rollups(store=store)
    assert kept(store) == defined(store)


@pytest.mark.parametrize(
    ("promised", "delivered", "expected"),
    [
        (date(2025, 7, 10), datetime(2025, 7, 10, 22, 59, tzinfo=UTC), 0),  # 23:59 in London
        (date(2025, 7, 10), datetime(2025, 7, 10, 23, 0, tzinfo=UTC), 1),  # midnight in London
        (date(2025, 7, 10), datetime(2025, 7, 8, 9, 0, tzinfo=UTC), -2),
        (None, datetime(2025, 7, 8, 9, 0, tzinfo=UTC), None),
        (date(2025, 7, 10), None, None),
    ],
)
def test_lateness_is_counted_in_days_of_the_store(
    promised: date | None, delivered: datetime | None, expected: int | None
) -> None:
    order = make_order(
        make_customer(make_store()), "2025-07-05", 500, promised_on=promised, delivered_at=delivered
    )
    order.refresh_from_db()
    assert order.days_late == expected


def test_lateness_follows_a_correction_and_goes_with_the_delivery() -> None:
    order = make_order(
        make_customer(make_store()),
        "2025-07-05",
        500,
        promised_on=date(2025, 7, 10),
        delivered_at=datetime(2025, 7, 12, 9, tzinfo=UTC),
    )
    Order.objects.filter(pk=order.pk).update(promised_on=date(2025, 7, 11))
    order.refresh_from_db()
    assert order.days_late == 1
    Order.objects.filter(pk=order.pk).update(delivered_at=None)
    order.refresh_from_db()
    assert order.days_late is None


moments = st.datetimes(
    datetime(2024, 12, 25),  # given its zone beside
    datetime(2025, 4, 5),
    timezones=st.just(UTC),
)
statuses = st.sampled_from(["paid", "paid", "paid", "pending", "cancelled", "voided"])
totals = st.integers(-500, 3000)
values = st.fixed_dictionaries(
    {
        "placed_at": moments,
        "total": totals,
        "status": statuses,
        "refunded": st.integers(0, 3000),
        "channel": st.sampled_from(["", "web", "pos"]),
        "payment_method": st.sampled_from(["", "Card"]),
        "carrier": st.sampled_from(["", "Northway"]),
        "promised_on": st.none() | st.dates(date(2025, 1, 1), date(2025, 4, 20)),
        "delivered_at": st.none() | moments,
    }
)


class _Shop:
    """A store whose orders are changed at random."""

    def __init__(self) -> None:
        self.store = make_store(timezone="Europe/London")
        self.people = [make_customer(self.store), make_guest(self.store, f"guest-{self.store.pk}"), None]

    def insert(self, data: st.DataObject) -> None:
        fields = data.draw(values)
        make_order(
            data.draw(st.sampled_from(self.people)),
            fields.pop("placed_at"),
            fields.pop("total"),
            store=self.store,
            **fields,
        )

    def edit(self, data: st.DataObject) -> None:
        if order := self._any(data):
            fields = data.draw(values)
            Order.objects.filter(pk=order.pk).update(
                customer=data.draw(st.sampled_from(self.people)), **fields
            )

    def delete(self, data: st.DataObject) -> None:
        if order := self._any(data):
            order.delete()

    def register(self, data: st.DataObject) -> None:
        guest = self.people[1]
        assert guest is not None
        Customer.objects.filter(pk=guest.pk).update(
            external_id=data.draw(st.none() | st.just("G1")), registered_at=data.draw(st.none() | moments)
        )

    def roll_up(self, data: st.DataObject) -> None:
        refresh_rollups(store=self.store)

    def _any(self, data: st.DataObject) -> Order | None:
        orders = list(Order.objects.filter(store=self.store).order_by("pk"))
        return data.draw(st.sampled_from(orders)) if orders else None


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_incremental_equals_rebuild_and_plain_python(data: st.DataObject) -> None:
    shop = _Shop()
    steps: list[Callable[[st.DataObject], None]] = [
        shop.insert,
        shop.insert,
        shop.edit,
        shop.delete,
        shop.register,
        shop.roll_up,
    ]
    for step in data.draw(st.lists(st.sampled_from(range(len(steps))), min_size=1, max_size=14)):
        steps[step](data)
    refresh_rollups(store=shop.store)
    assert kept(shop.store) == defined(shop.store)
    assert refresh_rollups(store=shop.store, rebuild=True).rows == 0


def test_site_role_may_roll_up(app_role: None) -> None:
    """The role pages and tasks run as: it may not truncate or alter, and needs neither."""
    store = make_store()
    make_order(make_customer(store), "2025-03-15", 500)
    assert refresh_rollups(store=store).months >= 1
    with connection.cursor() as cursor:
        cursor.execute("select current_user")
        assert cursor.fetchone() == ("regulars_app",)
