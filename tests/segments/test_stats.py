"""Customer statistics against their definitions, and the incremental way against the rebuild."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Store
from orders.models import Customer, DirtyCustomer, Order, OrderEvent
from segments.models import CustomerStats, FreshFigures
from segments.stats import Basis, recompute_customers, recount_tallies
from tests.factories.accounts import make_store
from tests.factories.orders import make_customer, make_event, make_order
from tests.factories.segments import (
    Figures,
    defined_figures,
    keep_fresh_figures,
    keep_statistics,
    kept_figures,
    kept_rows,
    touched,
)

pytestmark = pytest.mark.django_db

AS_OF = date(2025, 6, 30)


@pytest.fixture
def store() -> Store:
    return make_store(timezone="Europe/London")


def basis(store: Store, as_of: date = AS_OF, window_months: int | None = None) -> Basis:
    return Basis(as_of=as_of, window_months=window_months, timezone=store.timezone)


def figures_of(customer: Customer, as_of: date = AS_OF, window_months: int | None = None) -> Figures:
    """What the statistics of one customer come to when everything is computed."""
    keep_statistics(customer.store, basis(customer.store, as_of, window_months))
    return kept_figures(customer.store)[customer.pk]


def test_ten_orders_of_three_customers_by_hand(store: Store) -> None:
    ann, ben, cat = make_customer(store), make_customer(store), make_customer(store)
    make_order(ann, "2024-01-10T10:00", total=2000)
    make_order(ann, "2024-03-05T10:00", total=3000, refunded=500)
    make_order(ann, "2025-06-01T10:00", total=4000)
    make_order(ann, "2025-06-02T10:00", total=9000, status="cancelled")
    make_order(ann, "2025-06-03T10:00", total=-700)
    make_order(ben, "2025-05-01T10:00", total=5000, refunded=5000)
    make_order(ben, "2025-05-02T10:00", total=0)
    make_order(ben, "2025-07-01T10:00", total=8000)
    make_order(None, "2025-06-01T10:00", total=1234, store=store)
    make_order(make_customer(make_store()), "2025-06-01T10:00", total=4321)
    keep_statistics(store, basis(store))
    assert kept_figures(store) == {
        ann.pk: Figures(
            3, 2000 + 2500 + 4000 - 700, date(2025, 6, 1), 3, 7800, date(2024, 1, 10), date(2024, 3, 5)
        ),
        ben.pk: Figures(1, 0, date(2025, 5, 2), 1, 0, date(2025, 5, 2), None),
        cat.pk: Figures(0, 0, None, 0, 0, None, None),
    }


def test_window_limits_recent_figures_and_not_the_lifetime(store: Store) -> None:
    ann = make_customer(store)
    make_order(ann, "2024-06-30T10:00", total=1000)
    make_order(ann, "2024-07-01T10:00", total=2000)
    make_order(ann, "2025-06-30T10:00", total=4000)
    assert figures_of(ann, window_months=12) == Figures(
        2, 6000, date(2025, 6, 30), 3, 7000, date(2024, 6, 30), date(2024, 7, 1)
    )


def test_window_that_begins_on_a_day_the_month_doesn_t_have(store: Store) -> None:
    """A month before 31 March is 28 February: orders from 1 March on are in."""
    ann = make_customer(store)
    make_order(ann, "2025-02-28T12:00", total=1)
    make_order(ann, "2025-03-01T12:00", total=10)
    assert figures_of(ann, date(2025, 3, 31), window_months=1).monetary == 10


def test_credit_note_lowers_monetary_and_is_no_order(store: Store) -> None:
    ann = make_customer(store)
    make_order(ann, "2025-01-01T10:00", total=1000)
    make_order(ann, "2025-02-01T10:00", total=-400)
    assert figures_of(ann) == Figures(1, 600, date(2025, 1, 1), 1, 600, date(2025, 1, 1), None)


def test_cancelled_credit_note_takes_nothing(store: Store) -> None:
    ann = make_customer(store)
    make_order(ann, "2025-01-01T10:00", total=1000)
    make_order(ann, "2025-02-01T10:00", total=-400, status="voided")
    assert figures_of(ann).monetary == 1000


def test_customer_with_a_credit_note_alone_owes_and_has_no_order(store: Store) -> None:
    ann = make_customer(store)
    make_order(ann, "2025-02-01T10:00", total=-400)
    assert figures_of(ann) == Figures(0, -400, None, 0, -400, None, None)


def test_free_order_is_an_order(store: Store) -> None:
    ann = make_customer(store)
    make_order(ann, "2025-02-01T10:00", total=0)
    assert figures_of(ann).frequency == 1


def test_order_refunded_in_full_is_none(store: Store) -> None:
    ann = make_customer(store)
    make_order(ann, "2025-02-01T10:00", total=500, refunded=500)
    make_order(ann, "2025-02-02T10:00", total=500, refunded=499)
    assert figures_of(ann) == Figures(1, 1, date(2025, 2, 2), 1, 1, date(2025, 2, 2), None)


def test_two_orders_of_one_moment_are_first_and_second(store: Store) -> None:
    ann = make_customer(store)
    make_order(ann, "2025-02-01T10:00")
    make_order(ann, "2025-02-01T10:00")
    assert figures_of(ann).second_on == date(2025, 2, 1)


@pytest.mark.parametrize(
    ("timezone", "placed_at", "day"),
    [
        ("Europe/London", "2025-01-15T23:59:59", date(2025, 1, 15)),
        ("Europe/London", "2025-06-15T23:00:00", date(2025, 6, 16)),
        ("Europe/London", "2025-03-30T00:59:59", date(2025, 3, 30)),
        ("America/New_York", "2025-03-09T04:59:59", date(2025, 3, 8)),
        ("America/New_York", "2025-03-10T03:59:59", date(2025, 3, 9)),
        ("America/Sao_Paulo", "2018-11-04T02:59:59", date(2018, 11, 3)),
        ("America/Sao_Paulo", "2018-11-04T03:00:00", date(2018, 11, 4)),
        ("Asia/Kathmandu", "2025-05-05T18:15:00", date(2025, 5, 6)),
        ("Pacific/Kiritimati", "2025-05-05T10:00:00", date(2025, 5, 6)),
    ],
)
def test_store_s_time_zone_decides_the_day(timezone: str, placed_at: str, day: date) -> None:
    """Also on days that lose or gain an hour, and where midnight itself doesn't exist."""
    ann = make_customer(make_store(timezone=timezone))
    make_order(ann, placed_at)
    assert figures_of(ann, as_of=day).last_on == day
    assert figures_of(ann, as_of=day - timedelta(days=1)).frequency == 0


def test_changed_time_zone_recomputes_everybody(store: Store) -> None:
    ann = make_customer(store)
    make_order(ann, "2025-01-15T23:30")
    before = basis(store)
    keep_statistics(store, before)
    after = Basis(as_of=AS_OF, window_months=None, timezone="Asia/Tokyo")
    assert keep_statistics(store, after, previous=before).rebuilt
    assert kept_figures(store)[ann.pk].last_on == date(2025, 1, 16)


def test_changed_window_recomputes_everybody(store: Store) -> None:
    ann = make_customer(store)
    make_order(ann, "2025-01-15T12:00")
    keep_statistics(store, basis(store))
    done = keep_statistics(store, basis(store, window_months=3), previous=basis(store))
    assert done.rebuilt
    assert kept_figures(store)[ann.pk].frequency == 0


def test_only_changed_customers_are_recomputed(store: Store) -> None:
    people = [make_customer(store) for _ in range(20)]
    for person in people:
        make_order(person, "2025-01-15T12:00")
    keep_statistics(store, basis(store))
    make_order(people[3], "2025-02-15T12:00")
    Order.objects.filter(customer=people[4]).update(carrier="DPD")
    done = keep_statistics(store, basis(store), previous=basis(store))
    assert (done.customers, done.written, done.rebuilt) == (1, 1, False)


def test_nothing_changed_looks_at_nobody(store: Store) -> None:
    make_order(make_customer(store), "2025-01-15T12:00")
    keep_statistics(store, basis(store))
    done = keep_statistics(store, basis(store, AS_OF + timedelta(days=9)), previous=basis(store))
    assert (done.customers, done.written) == (0, 0)


def test_log_is_drained_of_this_store_alone(store: Store) -> None:
    other = make_customer(make_store())
    make_order(make_customer(store), "2025-01-15T12:00")
    keep_statistics(store, basis(store))
    assert set(DirtyCustomer.objects.values_list("customer_id", flat=True)) == {other.pk}


def test_many_changes_recompute_everybody(store: Store) -> None:
    people = [make_customer(store) for _ in range(20)]
    keep_statistics(store, basis(store))
    for person in people[:4]:
        make_order(person, "2025-01-15T12:00")
    assert keep_statistics(store, basis(store), previous=basis(store)).rebuilt


def test_orders_that_age_out_of_the_window_are_noticed_with_the_day(store: Store) -> None:
    people = [make_customer(store) for _ in range(20)]
    make_order(people[0], "2025-03-31T12:00")
    make_order(people[1], "2025-04-02T12:00")
    before, after = basis(store, AS_OF, 3), basis(store, AS_OF + timedelta(days=1), 3)
    keep_statistics(store, before)
    assert kept_figures(store)[people[0].pk].frequency == 1
    done = keep_statistics(store, after, previous=before)
    assert (done.customers, done.rebuilt) == (1, False)
    assert kept_figures(store)[people[0].pk].frequency == 0
    assert kept_figures(store)[people[1].pk].frequency == 1
    back = keep_statistics(store, before, previous=after)
    assert (back.customers, back.rebuilt) == (1, False)
    assert kept_figures(store)[people[0].pk].frequency == 1


def test_orders_of_days_that_pass_or_are_taken_back_are_noticed(store: Store) -> None:
    people = [make_customer(store) for _ in range(20)]
    make_order(people[0], "2025-07-02T12:00")
    before, after = basis(store), basis(store, AS_OF + timedelta(days=2))
    keep_statistics(store, before)
    assert kept_figures(store)[people[0].pk].frequency == 0
    assert keep_statistics(store, after, previous=before).customers == 1
    assert kept_figures(store)[people[0].pk].frequency == 1
    assert keep_statistics(store, before, previous=after).customers == 1
    assert kept_figures(store)[people[0].pk].frequency == 0


def test_statistics_of_a_customer_who_is_no_more_are_deleted(store: Store) -> None:
    people = [make_customer(store) for _ in range(20)]
    keep_statistics(store, basis(store))
    Customer.objects.filter(pk=people[0].pk)._raw_delete("default")
    done = keep_statistics(store, basis(store), previous=basis(store))
    assert not done.rebuilt
    assert CustomerStats.objects.filter(store=store).count() == 19


def test_customers_of_another_store_are_never_written(store: Store) -> None:
    stranger = make_customer(make_store())
    recompute_customers(store=store, basis=basis(store), customer_ids=[stranger.pk])
    assert not FreshFigures.objects.exists()


def last_contacts(store: Store) -> dict[int, date]:
    rows = CustomerStats.objects.filter(store=store, last_contact_on__isnull=False)
    return dict(rows.values_list("customer_id", "last_contact_on"))


def test_last_contact_is_the_newest_event_of_any_of_their_orders(store: Store) -> None:
    ann, ben, cat = make_customer(store), make_customer(store), make_customer(store)
    first, second = make_order(ann, "2025-03-01"), make_order(ann, "2025-05-01", status="cancelled")
    make_event(first, "2025-06-03T08:00", channel="email")
    make_event(second, "2025-05-02T09:30")
    make_event(make_order(ben, "2025-08-01"), "2025-08-02T10:00", kind="message")  # after the day looked at
    make_order(cat, "2025-03-01")
    make_event(make_order(None, "2025-03-01", store=store), "2025-06-09")
    keep_statistics(store, basis(store, window_months=1))
    assert last_contacts(store) == {
        ann.pk: date(2025, 6, 3),
        ben.pk: date(2025, 8, 2),
    }


def test_contact_alone_brings_its_customer_up_to_date(store: Store) -> None:
    people = [make_customer(store) for _ in range(20)]
    orders = [make_order(person, "2025-01-15T12:00") for person in people]
    keep_statistics(store, basis(store))
    make_event(orders[7], "2025-02-01T10:00")
    done = keep_statistics(store, basis(store), previous=basis(store))
    assert (done.customers, done.written, done.rebuilt) == (1, 1, False)
    assert last_contacts(store) == {people[7].pk: date(2025, 2, 1)}


@pytest.mark.parametrize("changed", [False, True], ids=["everybody", "some"])
def test_orders_are_read_in_one_go_also_before_the_server_knows_how_many_there_are(
    store: Store, changed: bool
) -> None:
    """A store just imported has no table statistics; a nested loop would read all orders for each customer."""
    people = [make_customer(store) for _ in range(100)]
    if changed:
        keep_statistics(store, basis(store))
    for person in people[: 12 if changed else 100]:
        make_order(person, "2025-05-01T12:00")
    scans, _ = touched("orders_order")
    keep_statistics(store, basis(store), previous=basis(store) if changed else None)
    assert touched("orders_order")[0] - scans <= 6  # a scan or two for each mention in the statement


def test_rows_that_don_t_differ_are_not_written(store: Store) -> None:
    for _ in range(10):
        make_order(make_customer(store), "2025-05-01T12:00")
    keep_statistics(store, basis(store))
    _, written = touched("segments_customerstats")
    keep_statistics(store, basis(store), rebuild=True)
    assert touched("segments_customerstats")[1] == written


# Random histories. The idle majority keeps the changed ones few enough not to recompute everybody.
IDLE = 60
ACTIVE = 5
FIRST_DAY = datetime(2025, 1, 1, tzinfo=UTC)

_who = st.integers(0, ACTIVE - 1)
_moment = st.integers(0, 24 * 120).map(lambda hours: FIRST_DAY + timedelta(hours=hours))
_total = st.sampled_from([-500, -1, 0, 1, 700, 1500])
_which = st.integers(0, 50)
_placing = st.tuples(st.just("place"), _who, _moment, _total, st.sampled_from([0, 0, 700]))
_changes = st.one_of(
    _placing,
    st.tuples(st.just("edit"), _which, _total),
    st.tuples(st.just("postpone"), _which, _moment),
    st.tuples(st.just("refund"), _which, st.sampled_from([0, 300, 700, 1500])),
    st.tuples(st.just("status"), _which, st.sampled_from(["paid", "pending", "cancelled", "voided"])),
    st.tuples(st.just("reassign"), _which, st.none() | _who),
    st.tuples(st.just("delete"), _which),
    st.tuples(
        st.just("arrive"),
    ),
    st.tuples(st.just("tell"), _which, _moment),
    st.tuples(st.just("tell later"), _which, _moment),
    st.tuples(st.just("untell"), _which),
    st.tuples(st.just("rescore"), _who, st.integers(-40, 40)),
)
_nights = st.lists(st.tuples(st.lists(_changes, max_size=6), st.integers(-20, 45)), min_size=1, max_size=4)


def _apply(store: Store, people: list[Customer], change: tuple, day: Basis) -> None:
    kind, *values = change
    if kind == "place":
        who, moment, total, refunded = values
        make_order(people[who], moment, total=total, refunded=refunded)
    elif kind == "arrive":
        people.append(make_customer(store))
    elif kind == "rescore":  # between refreshes, as of another day: the next refresh must notice
        who, days = values
        other_day = Basis(day.as_of + timedelta(days=days), day.window_months, day.timezone)
        recompute_customers(store=store, basis=other_day, customer_ids=[people[who].pk])
        keep_fresh_figures(store)
        DirtyCustomer.objects.create(store_id=store.pk, customer_id=people[who].pk)
    else:
        orders = list(Order.objects.filter(store=store, customer__in=people[:ACTIVE]).order_by("pk"))
        if not orders:
            return
        chosen = Order.objects.filter(pk=orders[values[0] % len(orders)].pk)
        told = OrderEvent.objects.filter(order__in=chosen)
        if kind == "delete":
            chosen.delete()
        elif kind == "tell":
            told.get_or_create(order=chosen.get(), at=values[1], kind="message")
        elif kind == "tell later":
            told.filter(pk=told.values("pk")[:1]).update(at=values[1], kind="delayed")
        elif kind == "untell":
            told.delete()
        elif kind == "reassign":
            chosen.update(customer=None if values[1] is None else people[values[1]])
        else:
            field = {"edit": "total", "postpone": "placed_at", "refund": "refunded", "status": "status"}[kind]
            chosen.update(**{field: values[1]})


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    history=st.lists(_placing, min_size=6, max_size=20),
    nights=_nights,
    window_months=st.sampled_from([None, 1, 2]),
    timezone=st.sampled_from(["Europe/London", "Pacific/Auckland", "America/St_Johns"]),
)
def test_keeping_up_equals_a_rebuild_and_the_definitions(
    db: None, history: list, nights: list, window_months: int | None, timezone: str
) -> None:
    store = make_store(timezone=timezone)
    people = [make_customer(store) for _ in range(ACTIVE)]
    Customer.objects.bulk_create(Customer(store=store, external_id=f"idle {n}") for n in range(IDLE))
    day = Basis(date(2025, 3, 1), window_months, timezone)
    for change in history:
        _apply(store, people, change, day)
    keep_statistics(store, day)
    for changes, days in nights:
        for change in changes:
            _apply(store, people, change, day)
        previous, day = day, Basis(day.as_of + timedelta(days=days), window_months, timezone)
        done = keep_statistics(store, day, previous=previous)
        assert not done.rebuilt
    kept = kept_rows(store)
    assert recount_tallies(store) == 0
    assert keep_statistics(store, day, rebuild=True).written == 0
    assert kept_rows(store) == kept
    figures = kept_figures(store)
    assert len(figures) == len(people) + IDLE
    for person in people:
        defined = defined_figures(
            person.orders.all(), timezone=timezone, as_of=day.as_of, window_months=window_months
        )
        assert figures[person.pk] == defined
    told = OrderEvent.objects.filter(order__store=store, order__customer__isnull=False)
    contacts = told.order_by("at").values_list("order__customer_id", "at")
    assert last_contacts(store) == {
        customer_id: at.astimezone(ZoneInfo(timezone)).date() for customer_id, at in contacts
    }
