"""When the retention tables are made, and what a failure half-way leaves."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DataError

from accounts.models import Store
from jobs.models import Job
from jobs.progress import Progress
from segments.models import CohortMonth, RetentionState
from segments.retention.tables import refresh_retention
from segments.scoring import refresh_store
from segments.tasks import make_retention_tables, refresh_segments
from tests.factories.accounts import make_store
from tests.factories.orders import make_customer, make_order

pytestmark = pytest.mark.django_db

DAY = date(2025, 6, 30)


@pytest.fixture
def store() -> Store:
    store = make_store()
    make_order(make_customer(store), "2025-01-10")
    return store


def refresh_job(store: Store, key: str, **arguments: object) -> Job:
    return Job.objects.create(
        store=store, kind="segments.refresh", key=key, arguments={"as_of": DAY.isoformat(), **arguments}
    )


def asked(store: Store) -> int:
    """How many are waiting; they are taken away."""
    deleted, _ = Job.objects.filter(store=store, kind="segments.retention").delete()
    return deleted


def test_nights_imports_and_a_day_s_first_refresh_ask_for_the_tables(store: Store) -> None:
    refresh_segments(refresh_job(store, "first"), Progress())
    assert asked(store) == 1
    refresh_retention(store=store)
    refresh_segments(refresh_job(store, "by hand"), Progress())
    assert asked(store) == 0
    for reason in ("nightly", "import"):
        refresh_segments(refresh_job(store, reason, reason=reason), Progress())
        assert asked(store) == 1


def test_the_job_makes_the_tables_as_of_the_latest_refresh_however_often_it_runs(store: Store) -> None:
    refresh_store(store=store, as_of=DAY)
    job = Job.objects.create(store=store, kind="segments.retention", key="newest")
    assert make_retention_tables(job, Progress()) == {"as_of": "2025-06-30", "customers": 1}
    assert make_retention_tables(job, Progress()) == {"as_of": "2025-06-30", "customers": 1}
    assert RetentionState.objects.get(store=store).as_of == DAY
    assert CohortMonth.objects.filter(store=store, facet="all").count() == 1


def test_a_failure_half_way_leaves_the_tables_as_they_were(store: Store) -> None:
    refresh_store(store=store, as_of=DAY)
    refresh_retention(store=store)
    before = list(CohortMonth.objects.filter(store=store).values_list())
    for _ in range(2):  # a revenue that no column holds, met after the old rows were deleted
        make_order(make_customer(store), "2025-02-10", total=2**63 - 1)
    with pytest.raises(DataError):
        refresh_retention(store=store)
    assert list(CohortMonth.objects.filter(store=store).values_list()) == before
