"""Tables after much was written to them: what the planner knows of them, and whether their indexes answer alone."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from django.db import connection, transaction

from jobs.running import enqueue, run
from jobs.settling import LEAST, settle_tables
from lib import sql
from orders.models import DirtyCustomer
from tests.factories.accounts import make_store
from tests.jobs import kinds  # noqa: F401  # registers them
from tests.jobs.processes import kill, session_waiting_for_us, start

TABLE = DirtyCustomer._meta.db_table

committed = pytest.mark.django_db(transaction=True)


def write(rows: int) -> None:
    DirtyCustomer.objects.bulk_create(DirtyCustomer(store_id=1, customer_id=n) for n in range(rows))
    sql.rows("jobs", "report_writes")  # as when the session has ended


def known_rows() -> int:
    """How many rows the planner believes the table to have."""
    return one("select reltuples::int from pg_class where relname = %s")


def pages_read_for_visibility() -> int:
    """Pages of the table that an index can't answer for without looking there."""
    return one(
        "select (pg_relation_size(oid) / current_setting('block_size')::int)::int - relallvisible"
        " from pg_class where relname = %s"
    )


def one(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, [TABLE])
        return int(cursor.fetchone()[0])


@pytest.fixture
def settled() -> Iterator[None]:
    """A table that was settled while it was empty, in a database that commits as a shop's does: of what isn't in
    the log yet a vacuum can't say that everybody sees it.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"vacuum (analyze) {TABLE}")
        cursor.execute("set synchronous_commit = on")
    assert known_rows() <= 0
    yield
    with connection.cursor() as cursor:
        cursor.execute("reset synchronous_commit")


@pytest.fixture
def as_app() -> Iterator[None]:
    """The rights of the running site, until the test ends."""
    with connection.cursor() as cursor:
        cursor.execute("set role regulars_app")
        yield
        cursor.execute("reset role")


@committed
class TestSettleTables:
    def test_makes_known_what_was_written(self, settled: None, as_app: None) -> None:
        write(LEAST)
        assert pages_read_for_visibility() > 0
        settle_tables()
        assert known_rows() == LEAST
        assert pages_read_for_visibility() == 0

    def test_heeds_that_a_table_is_to_be_vacuumed_earlier_than_others(self, settled: None) -> None:
        write(20 * LEAST)
        settle_tables()
        with connection.cursor() as cursor:
            cursor.execute(f"alter table {TABLE} set (autovacuum_vacuum_scale_factor = 0.01)")
            try:
                write(LEAST)
                settle_tables()
            finally:
                cursor.execute(f"alter table {TABLE} reset (autovacuum_vacuum_scale_factor)")
        assert known_rows() == 21 * LEAST

    def test_leaves_a_table_of_which_little_was_written(self, settled: None) -> None:
        write(20 * LEAST)
        settle_tables()
        write(LEAST)  # one in twenty
        settle_tables()
        assert known_rows() == 20 * LEAST
        write(2 * LEAST)  # together more than one in ten of those there are by now
        settle_tables()
        assert known_rows() == 23 * LEAST

    def test_leaves_small_tables(self, settled: None) -> None:
        write(LEAST - 1)
        settle_tables()
        assert known_rows() <= 0

    def test_vacuums_what_was_analysed_already(self, settled: None) -> None:
        """As while an import goes on."""
        write(LEAST)
        with connection.cursor() as cursor:
            cursor.execute(f"analyze {TABLE}")
        assert pages_read_for_visibility() > 0
        settle_tables()
        assert pages_read_for_visibility() == 0

    def test_counts_what_was_updated_and_deleted(self, settled: None) -> None:
        write(2 * LEAST)
        settle_tables()
        DirtyCustomer.objects.filter(customer_id__lt=LEAST).delete()
        settle_tables()
        assert known_rows() == LEAST

    def test_lets_go_of_a_table_it_cannot_have(self, settled: None, caplog: pytest.LogCaptureFixture) -> None:
        write(LEAST)
        other = connection.copy()
        try:
            with other.cursor() as cursor:
                cursor.execute("begin")
                cursor.execute(f"lock table {TABLE} in share update exclusive mode")
            with connection.cursor() as cursor:
                cursor.execute("set lock_timeout = '1ms'")
            settle_tables()
        finally:
            other.close()
            connection.close()
        assert "couldn't be settled" in caplog.text
        assert known_rows() <= 0


@pytest.mark.django_db
def test_settle_tables_leaves_a_transaction_alone() -> None:
    write(LEAST)
    settle_tables()
    assert DirtyCustomer.objects.count() == LEAST


@committed
class TestOfJobs:
    def test_a_job_leaves_its_tables_settled(self, settled: None) -> None:
        job = enqueue(store=make_store(), kind="tests.log_customers", key="a", arguments={"rows": LEAST})
        assert run(job.id) == "succeeded"
        assert known_rows() == LEAST

    def test_a_job_finds_settled_what_others_wrote(self, settled: None) -> None:
        write(LEAST)
        job = enqueue(store=make_store(), kind="tests.refuse", key="a")
        assert run(job.id) == "failed"  # so nothing is settled at its end
        assert known_rows() == LEAST

    def test_sigterm_breaks_settling_off_and_sets_the_job_aside(self, settled: None) -> None:
        write(LEAST)
        job = enqueue(store=make_store(), kind="tests.refuse", key="a")
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"lock table {TABLE} in share update exclusive mode")
            worker = start(str(job.id))
            try:
                session_waiting_for_us()
                worker.send_signal(signal.SIGTERM)
                worker.wait(timeout=120)
            finally:
                kill(worker)
        job.refresh_from_db()
        assert (job.state, job.attempts) == ("queued", 0)
