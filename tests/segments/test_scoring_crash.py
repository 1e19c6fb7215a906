"""A refresh that dies half-way, and two that run at once."""

from datetime import date
from threading import Thread
from time import monotonic

import pytest
from django.db import OperationalError, connection, connections, transaction

from orders.models import DirtyCustomer
from segments.models import CustomerStats, Move, Refresh, SegmentSize
from segments.schemes.versions import current_scheme
from segments.scoring import refresh_store
from tests.factories.accounts import make_store
from tests.factories.orders import make_order
from tests.factories.segments import kept_rows, make_buyers

pytestmark = pytest.mark.django_db(transaction=True)

AS_OF = date(2025, 6, 30)


class Refreshing(Thread):
    """A refresh in a thread with a connection of its own; its outcome is kept."""

    def __init__(self, store_id: int) -> None:
        super().__init__()
        self.store_id = store_id
        self.outcome: Refresh | OperationalError | None = None

    def run(self) -> None:
        from accounts.models import Store

        try:
            self.outcome = refresh_store(store=Store.objects.get(pk=self.store_id), as_of=AS_OF)
        except OperationalError as error:
            self.outcome = error
        finally:
            connections.close_all()


def wait_until_blocked() -> int:
    """The process id of the server's that waits for a lock which this connection holds."""
    blocked = "select pid from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))"
    give_up = monotonic() + 60
    with connection.cursor() as cursor:
        while monotonic() < give_up:
            cursor.execute(blocked)
            if row := cursor.fetchone():
                return int(row[0])
    raise AssertionError("nothing came to wait for this connection")


def test_killed_refresh_leaves_the_picture_before_and_can_be_run_again() -> None:
    store = make_store()
    ids = make_buyers(store, [1, 2, 3, 4, 5] * 4, last_on=AS_OF)
    first = refresh_store(store=store, as_of=AS_OF)
    stats = CustomerStats.objects.get(customer_id=ids[1])
    make_order(stats.customer, "2025-06-30T12:00", total=90_000)
    kept, log = kept_rows(store), DirtyCustomer.objects.count()
    with transaction.atomic():
        CustomerStats.objects.select_for_update().get(customer_id=ids[1])
        doomed = Refreshing(store.pk)
        doomed.start()
        pid = wait_until_blocked()
        with connection.cursor() as cursor:
            cursor.execute("select pg_terminate_backend(%s)", [pid])
        doomed.join()
    assert isinstance(doomed.outcome, OperationalError)
    assert kept_rows(store) == kept
    assert DirtyCustomer.objects.count() == log == 1
    assert list(Refresh.objects.filter(store=store)) == [first]
    again = refresh_store(store=store, as_of=AS_OF)
    assert (again.rebuilt, again.recomputed) == (False, 1)
    assert CustomerStats.objects.get(customer_id=ids[1]).monetary == stats.monetary + 90_000
    assert DirtyCustomer.objects.count() == 0


def test_second_refresh_waits_for_the_first() -> None:
    store = make_store()
    current_scheme(store)
    make_buyers(store, [1, 2, 3])
    with transaction.atomic():
        refresh_store(store=store, as_of=AS_OF)
        second = Refreshing(store.pk)
        second.start()
        wait_until_blocked()
        assert Move.objects.count() == 3
    second.join()
    assert isinstance(second.outcome, Refresh)
    assert second.outcome.moved == 0
    assert Move.objects.count() == 3
    assert SegmentSize.objects.count() == 20


def test_order_committed_while_a_refresh_runs_is_counted_by_the_next() -> None:
    store = make_store()
    ids = make_buyers(store, [1, 2, 3] * 10)
    refresh_store(store=store, as_of=AS_OF)
    customer = CustomerStats.objects.get(customer_id=ids[0]).customer
    with transaction.atomic():
        make_order(customer, "2025-06-29T12:00")
        meanwhile = Refreshing(store.pk)
        meanwhile.start()
        meanwhile.join()
    assert CustomerStats.objects.get(customer=customer).frequency == 1
    assert refresh_store(store=store, as_of=AS_OF).recomputed == 1
    assert CustomerStats.objects.get(customer=customer).frequency == 2
