from datetime import date
from functools import partial

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from accounts.models import Store
from jobs.models import Job
from jobs.progress import Progress
from orders.models import Customer, Import, Order
from segments.history.compare import comparison
from segments.history.pages import chosen_span
from segments.models import Refresh
from segments.scoring import STEPS, refresh_store
from segments.tasks import reconstruct_past, refresh_segments, thin_histories
from tests.factories.accounts import make_store
from tests.factories.orders import make_customer, make_order
from tests.factories.segments import make_buyers

pytestmark = pytest.mark.django_db


class NotedProgress(Progress):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[int | None, str | None]] = []

    def report(
        self,
        *,
        done: int | None = None,
        total: int | None = None,
        note: str | None = None,
        unit: str | None = None,
    ) -> None:
        self.told.append((done, note))


@pytest.fixture
def store() -> Store:
    store = make_store(timezone="Pacific/Auckland")
    make_buyers(store, [1, 2, 3])
    return store


def make_job(store: Store, **arguments: object) -> Job:
    return Job.objects.create(store=store, kind="segments.refresh", key="x", arguments=arguments)


def test_job_refreshes_its_store_as_of_a_day_for_a_reason(store: Store) -> None:
    result = refresh_segments(make_job(store, as_of="2025-06-30", reason="nightly"), Progress())
    refresh = Refresh.objects.get(store=store)
    assert (refresh.as_of, refresh.reason) == (date(2025, 6, 30), Refresh.Reason.NIGHTLY)
    assert result == {"refresh": refresh.pk, "as_of": "2025-06-30", "customers": 3, "moved": 3}


def test_job_that_says_nothing_refreshes_on_demand_as_of_the_store_s_today(
    store: Store, time_machine: object
) -> None:
    time_machine.move_to("2025-07-01T13:00:00+00:00", tick=False)  # type: ignore[attr-defined]
    refresh_segments(make_job(store), Progress())
    refresh = Refresh.objects.get(store=store)
    assert (refresh.as_of, refresh.reason) == (date(2025, 7, 2), Refresh.Reason.DEMAND)


def test_job_run_twice_refreshes_once(store: Store) -> None:
    job = make_job(store, as_of="2025-06-30")
    assert refresh_segments(job, Progress()) == refresh_segments(job, Progress())
    assert Refresh.objects.filter(store=store).count() == 1


def test_a_day_chosen_since_the_import_stands(store: Store) -> None:
    refresh_store(store=store, as_of=date(2025, 6, 1))
    job = make_job(store, reason="import")
    chosen = refresh_store(store=store, as_of=date(2025, 6, 30))
    for _ in range(2):
        assert refresh_segments(job, Progress())["refresh"] == chosen.pk
    asked = Job.objects.filter(store=store).values_list("kind", flat=True)
    assert set(asked) >= {"segments.value", "segments.retention", "segments.grading"}
    Job.objects.update(state="succeeded", finished_at="2025-06-30T01:00Z")
    result = refresh_segments(make_job(store, reason="import"), Progress())
    assert result["refresh"] != chosen.pk


def test_job_can_rebuild(store: Store) -> None:
    refresh_segments(make_job(store, as_of="2025-06-30"), Progress())
    Job.objects.update(state="succeeded", finished_at="2025-06-30T01:00Z")
    refresh_segments(make_job(store, as_of="2025-06-30", rebuild=True), Progress())
    assert list(Refresh.objects.order_by("pk").values_list("recomputed", flat=True)) == [3, 3]


def test_progress_names_each_step(store: Store) -> None:
    progress = NotedProgress()
    refresh_segments(make_job(store, as_of="2025-06-30"), progress)
    assert progress.told == [*enumerate(STEPS), (len(STEPS), "")]


def test_refresh_says_why_people_moved_and_asks_for_a_missing_past(store: Store) -> None:
    refresh_segments(make_job(store, as_of="2025-09-30", reason="import"), Progress())
    assert Refresh.objects.get(store=store).explained_at is not None
    asked = Job.objects.get(store=store, kind="segments.reconstruct")
    result = reconstruct_past(asked, Progress())
    assert result == {"months": 2, "since": "2025-05-31"}
    assert reconstruct_past(asked, Progress()) == result
    months = Refresh.objects.filter(store=store, reason=Refresh.Reason.RECONSTRUCTED).order_by("as_of")
    assert list(months.values_list("as_of", flat=True)) == [date(2025, 5, 31), date(2025, 6, 30)]
    assert not Refresh.objects.filter(store=store, explained_at=None).exists()
    Job.objects.update(state="succeeded", finished_at="2025-09-30T01:00Z")
    refresh_segments(Job.objects.create(store=store, kind="segments.refresh", key="y"), Progress())
    assert Job.objects.filter(store=store, kind="segments.reconstruct").count() == 1


def test_moves_of_the_last_week_are_read_before_anybody_asks(store: Store) -> None:
    people = make_buyers(store, [9, 5, 3, 1, 1], last_on=date(2025, 6, 20))
    for day in (date(2025, 6, 21), date(2025, 6, 24)):
        refresh_store(store=store, as_of=day)
    make_order(Customer.objects.get(pk=people[-1]), "2025-06-27T12:00")
    refresh_segments(make_job(store, as_of="2025-06-28"), Progress())
    chosen = chosen_span(store, QueryDict())
    assert chosen is not None
    assert len(chosen.span.steps) == 2
    with CaptureQueriesContext(connection) as asked:
        found = comparison(chosen.span)
    assert found.flows
    assert not [query["sql"] for query in asked if "segments_move " in query["sql"]]


def test_an_import_into_the_past_has_it_reconstructed_again(store: Store) -> None:
    refresh_segments(make_job(store, as_of="2025-09-30"), Progress())
    reconstruct_past(Job.objects.get(kind="segments.reconstruct"), Progress())
    Job.objects.update(state="succeeded", finished_at="2025-09-30T01:00Z")
    brought = Import.objects.create(store=store, filename="orders.csv", size=1, state=Import.State.DONE)
    old = make_order(make_customer(store), "2025-06-20T10:00")
    again = {"as_of": "2025-10-01", "reason": "import", "import": brought.pk}
    make = partial(Job.objects.create, store=store, kind="segments.refresh", arguments=again)
    refresh_segments(make(key="y"), Progress())
    assert not Job.objects.filter(kind="segments.reconstruct", finished_at=None).exists()
    Order.objects.filter(pk=old.pk).update(source_import=brought)
    refresh_segments(make(key="z"), Progress())
    assert Job.objects.filter(kind="segments.reconstruct", finished_at=None).exists()


def test_histories_of_all_stores_are_thinned(store: Store, time_machine: object) -> None:
    for _ in range(2):
        refresh_store(store=store, as_of=date(2025, 6, 30))
    time_machine.move_to("2025-07-01T13:00:00+00:00", tick=False)  # type: ignore[attr-defined]
    thin_histories()
    first, second = Refresh.objects.order_by("pk")
    assert (first.thinned_at is None, second.thinned_at) == (False, None)
