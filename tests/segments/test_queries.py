"""What pages read, on figures small enough to check by eye, in a fixed number of queries."""

from datetime import UTC, date, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import Store
from orders.models import Customer
from segments import queries
from segments.models import Refresh, Segment
from segments.schemes.versions import current_scheme, set_preset
from segments.scoring import refresh_store
from tests.factories.accounts import make_store
from tests.factories.orders import make_order
from tests.factories.segments import make_buyers

pytestmark = pytest.mark.django_db

AS_OF = date(2025, 6, 30)


@pytest.fixture
def store() -> Store:
    return make_store()


def test_sizes_with_shares_averages_and_the_change_since_an_earlier_day(
    store: Store, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ids = make_buyers(store, [5, 4, 3, 1, 1], last_on=AS_OF)
    refresh_store(store=store, as_of=AS_OF)
    make_order(Customer.objects.get(pk=ids[4]), "2025-07-01T10:00", total=4000)
    refresh_store(store=store, as_of=AS_OF + timedelta(days=1))
    newest = refresh_store(store=store, as_of=AS_OF + timedelta(days=1))
    earlier = queries.refresh_before(newest)
    assert earlier is not None
    assert earlier.as_of == AS_OF
    with django_assert_num_queries(2):
        sizes = {one.segment.name: one for one in queries.segment_sizes(store, newest, earlier=earlier)}
    assert next(iter(sizes)) == "Champions"
    assert sum(size.customers for size in sizes.values()) == 5
    joined = sizes["Potential loyalist"]  # bought again on the last day: R5, F2
    assert (joined.customers, joined.change) == (1, 1)
    assert (joined.orders, joined.revenue, joined.average_order) == (2, 5000, 2500)
    assert joined.share_of_customers == pytest.approx(1 / 5)
    assert joined.share_of_revenue == pytest.approx(50 / 180)
    assert joined.recency_days == 0
    assert sizes["Hibernating"].change == -1
    empty = sizes["New"]
    assert (empty.customers, empty.change, empty.average_order, empty.recency_days) == (0, 0, None, None)


def test_first_day_has_no_change(store: Store) -> None:
    make_buyers(store, [1, 2])
    refresh_store(store=store, as_of=AS_OF)
    refresh = refresh_store(store=store, as_of=AS_OF)
    assert queries.refresh_before(refresh) is None
    assert {size.change for size in queries.segment_sizes(store, refresh)} == {None}


def test_segment_that_wasn_t_in_use_before_has_no_change(store: Store) -> None:
    make_buyers(store, [1, 2])
    before = refresh_store(store=store, as_of=AS_OF)
    set_preset(store=store, preset="thirds")
    refresh = refresh_store(store=store, as_of=AS_OF + timedelta(days=1))
    sizes = queries.segment_sizes(store, refresh, earlier=before)
    changes = {size.segment.key: size.change for size in sizes}
    assert changes["inactive"] is None
    assert changes["loyal"] is not None


def test_shares_of_an_empty_store_are_none(store: Store) -> None:
    refresh = refresh_store(store=store, as_of=AS_OF)
    assert {size.share_of_customers for size in queries.segment_sizes(store, refresh)} == {0.0}


def test_latest_refresh_is_the_last_one_run_and_never_a_reconstructed_one(store: Store) -> None:
    refresh_store(store=store, as_of=AS_OF)
    last_run = refresh_store(store=store, as_of=AS_OF - timedelta(days=300))
    Refresh.objects.create(
        store=store,
        as_of=AS_OF,
        scheme_version=current_scheme(store),
        reason="reconstructed",
        rebuilt=True,
        finished_at=datetime(2025, 7, 1, tzinfo=UTC),
    )
    refresh_store(store=make_store(), as_of=AS_OF)
    assert queries.latest_refresh(store) == last_run


def test_age_of_segments_and_when_they_are_overdue(store: Store) -> None:
    assert not queries.freshness(store).is_overdue
    assert queries.freshness(store).refreshed_at is None
    refresh = refresh_store(store=store, as_of=AS_OF)
    in_time = queries.freshness(store, at=refresh.finished_at + timedelta(hours=26))
    assert (in_time.age, in_time.is_overdue) == (timedelta(hours=26), False)
    assert queries.freshness(store, at=refresh.finished_at + timedelta(hours=26, seconds=1)).is_overdue


def test_score_cells_of_a_refresh(store: Store, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    make_buyers(store, [5, 4, 3, 2, 1], last_on=AS_OF)
    refresh = refresh_store(store=store, as_of=AS_OF)
    with django_assert_num_queries(1):
        cells = [(cell.r, cell.f, cell.customers) for cell in queries.score_cells(store, refresh)]
    assert cells == [(n, n, 1) for n in range(1, 6)]


def test_roll_ups_of_another_store_are_not_given(store: Store) -> None:
    make_buyers(store, [5, 4, 3])
    refresh = refresh_store(store=store, as_of=AS_OF)
    stranger = make_store()
    assert not queries.score_cells(stranger, refresh).exists()
    assert queries.segment_sizes(stranger, refresh) == []


def test_history_has_the_last_word_of_each_day(
    store: Store, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_buyers(store, [1, 2, 3, 4, 5], last_on=AS_OF)
    refresh_store(store=store, as_of=AS_OF)
    make_buyers(store, [1] * 10, last_on=AS_OF - timedelta(days=400))
    last_of_day = refresh_store(store=store, as_of=AS_OF)
    earlier_day = refresh_store(store=store, as_of=AS_OF - timedelta(days=3))
    hibernating = Segment.objects.get(store=store, key="hibernating")
    with django_assert_num_queries(1):
        history = queries.size_history(store, hibernating)
    sizes = [refresh.sizes.get(segment=hibernating) for refresh in (earlier_day, last_of_day)]
    assert [(day.as_of, day.customers, day.revenue) for day in history] == [
        (AS_OF - timedelta(days=3), sizes[0].customers, sizes[0].revenue),
        (AS_OF, sizes[1].customers, sizes[1].revenue),
    ]
    assert queries.size_history(store, hibernating, since=AS_OF) == history[1:]
