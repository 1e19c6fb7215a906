"""What the triggers write to the log of changed customers."""

from datetime import UTC, datetime

import pytest
from django.db import connection, transaction
from django.db.models import F

from accounts.models import Store
from orders.models import Customer, DirtyCustomer, Order, OrderEvent
from tests.factories.accounts import make_store
from tests.factories.orders import make_customer, make_event, make_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def order(store: Store) -> Order:
    """An order of 10.00, with nothing in the log."""
    order = make_order(make_customer(store), "2025-03-01T10:00", total=1000)
    DirtyCustomer.objects.all().delete()
    return order


def logged() -> list[int]:
    return sorted(DirtyCustomer.objects.values_list("customer_id", flat=True))


def test_new_customer_is_logged(store: Store) -> None:
    customer = make_customer(store)
    assert logged() == [customer.pk]
    assert DirtyCustomer.objects.get().store_id == store.pk


def test_inserted_orders_log_each_customer_once(store: Store) -> None:
    ann, ben = make_customer(store), make_customer(store)
    DirtyCustomer.objects.all().delete()
    Order.objects.bulk_create(
        Order(
            store=store,
            customer=customer,
            external_id=f"{number}",
            number=f"{number}",
            placed_at=datetime(2025, 3, 1, tzinfo=UTC),
            total=500,
        )
        for number, customer in enumerate((ann, ann, ben, None))
    )
    assert logged() == [ann.pk, ben.pk]


@pytest.mark.parametrize(
    "change",
    [
        {"placed_at": datetime(2025, 3, 2, tzinfo=UTC)},
        {"total": 1001},
        {"refunded": 1},
        {"status": "cancelled"},
        {"status": "voided"},
    ],
    ids=str,
)
def test_changes_that_statistics_read_are_logged(order: Order, change: dict[str, object]) -> None:
    Order.objects.filter(pk=order.pk).update(**change)
    assert logged() == [order.customer_id]


@pytest.mark.parametrize(
    "change",
    [
        {"status": "pending"},
        {"total": 1000},
        {"carrier": "DPD", "delivered_at": datetime(2025, 3, 4, tzinfo=UTC)},
    ],
    ids=str,
)
def test_other_changes_are_not_logged(order: Order, change: dict[str, object]) -> None:
    Order.objects.filter(pk=order.pk).update(**change)
    assert logged() == []


def test_same_net_by_another_refund_is_not_logged(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(total=1200, refunded=200)
    assert logged() == []


def test_reassigned_order_logs_the_old_and_the_new_customer(store: Store, order: Order) -> None:
    other = make_customer(store)
    DirtyCustomer.objects.all().delete()
    Order.objects.filter(pk=order.pk).update(customer=other)
    assert logged() == [order.customer_id, other.pk]


def test_customers_that_swap_orders_are_both_logged(store: Store, order: Order) -> None:
    other = make_order(make_customer(store), "2025-03-01T10:00", total=1000)
    DirtyCustomer.objects.all().delete()
    both = [order.customer_id, other.customer_id]
    Order.objects.filter(pk__in=[order.pk, other.pk]).update(customer_id=sum(both) - F("customer_id"))
    assert logged() == sorted(both)


def test_order_that_loses_or_gets_its_customer_logs_the_one_there_is(store: Store, order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(customer=None)
    Order.objects.filter(pk=order.pk).update(customer=order.customer_id)
    assert logged() == [order.customer_id] * 2


def test_deleted_orders_are_logged(order: Order) -> None:
    order.delete()
    assert logged() == [order.customer_id]


def test_deleted_customer_is_logged(store: Store) -> None:
    customer = make_customer(store)
    DirtyCustomer.objects.all().delete()
    Customer.objects.filter(pk=customer.pk).delete()
    assert logged() == [customer.pk]


def test_merge_logs_what_it_inserts_updates_and_leaves_alone(store: Store, order: Order) -> None:
    same = make_order(make_customer(store), "2025-03-01T10:00", total=700)
    newcomer = make_customer(store)
    DirtyCustomer.objects.all().delete()
    statement = """
        merge into orders_order as kept
        using (values (%s, %s::bigint, 900), (%s, %s, 700), ('new', %s, 300)) as given (external_id, customer_id, total)
        on kept.store_id = %s and kept.external_id = given.external_id
        when matched and kept.total <> given.total then update set total = given.total
        when not matched then insert (
            store_id, customer_id, external_id, number, placed_at, status, channel, payment_method, carrier,
            country, discount_code, subtotal, discount, shipping, tax, total, refunded, created_at, credits
        ) values (%s, given.customer_id, given.external_id, '', now(), 'paid', '', '', '', '', '', 0, 0, 0, 0,
            given.total, 0, now(), '')
    """
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            [
                order.external_id, order.customer_id, same.external_id, same.customer_id, newcomer.pk,
                store.pk, store.pk,
            ],
        )  # fmt: skip
    assert logged() == sorted([order.customer_id, newcomer.pk])


def test_what_is_rolled_back_is_not_logged(order: Order) -> None:
    point = transaction.savepoint()
    Order.objects.filter(pk=order.pk).update(total=5)
    assert logged() == [order.customer_id]
    transaction.savepoint_rollback(point)
    assert logged() == []


def test_the_site_s_role_may_write_the_log(store: Store, app_role: None) -> None:
    customer = make_customer(store)
    make_order(customer, "2025-03-01T10:00").delete()
    assert set(logged()) == {customer.pk}


def test_what_customers_are_told_logs_each_of_them_once(store: Store) -> None:
    ann, ben = make_customer(store), make_customer(store)
    orders = [make_order(who, "2025-03-01T10:00", store=store) for who in (ann, ann, ben, None)]
    DirtyCustomer.objects.all().delete()
    at = datetime(2025, 3, 2, tzinfo=UTC)
    OrderEvent.objects.bulk_create(
        OrderEvent(order=order, at=at, kind=kind) for order in orders for kind in ("shipped", "delivered")
    )
    assert logged() == [ann.pk, ben.pk]
    assert {row.store_id for row in DirtyCustomer.objects.all()} == {store.pk}


def test_event_that_goes_is_logged(order: Order) -> None:
    make_event(order, "2025-03-02")
    DirtyCustomer.objects.all().delete()
    OrderEvent.objects.all().delete()
    assert logged() == [order.customer_id]


def test_event_is_logged_when_it_moves_and_not_when_its_words_change(order: Order) -> None:
    event = OrderEvent.objects.filter(pk=make_event(order, "2025-03-02").pk)
    DirtyCustomer.objects.all().delete()
    event.update(text="It is on its way", channel="email", kind="message")
    assert logged() == []
    event.update(at=datetime(2025, 3, 3, tzinfo=UTC))
    assert logged() == [order.customer_id]


def test_event_given_to_another_order_logs_both_customers(store: Store, order: Order) -> None:
    event = make_event(order, "2025-03-02")
    other = make_order(make_customer(store), "2025-03-01T10:00")
    DirtyCustomer.objects.all().delete()
    OrderEvent.objects.filter(pk=event.pk).update(order=other)
    assert logged() == sorted([order.customer_id, other.customer_id])


def test_events_of_a_deleted_order_are_logged_with_it(order: Order) -> None:
    make_event(order, "2025-03-02")
    customer_id = order.customer_id
    DirtyCustomer.objects.all().delete()
    order.delete()
    assert set(logged()) == {customer_id}
