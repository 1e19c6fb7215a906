"""The past reconstructed from the orders, and thinned as it grows old."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Store
from jobs.progress import Progress
from orders.models import Order
from segments.chain import chain, pictures
from segments.history.past import (
    history_is_due,
    kept_days,
    past_months,
    reconstruct_history,
    thin_history,
)
from segments.models import CustomerStats, Move, MoveFlow, Refresh, ScoreCell, SegmentSize
from segments.queries import latest_refresh
from segments.schemes.versions import set_preset
from segments.scoring import refresh_store
from tests.factories.accounts import make_store
from tests.factories.orders import make_customer, make_order
from tests.factories.segments import kept_rows

pytestmark = pytest.mark.django_db

TODAY = date(2025, 6, 10)
SIZE = ("segment_id", "customers", "orders", "revenue", "recency_days")
CELL = ("r", "f", "customers", "revenue")


def make_shop(store: Store) -> None:
    """Twelve customers over two years: some come back, some are refunded, one cancels, one only looks."""
    for number in range(12):
        customer = make_customer(store)
        for place in range(1 + number % 4):
            day = date(2023, 8, 5) + timedelta(days=37 * number + 61 * place)
            refunded = 1000 if (number, place) == (5, 1) else 0
            status = "cancelled" if (number, place) == (7, 0) else "paid"
            make_order(customer, f"{day}T23:30", total=1000 + 100 * number, refunded=refunded, status=status)
    make_order(Order.objects.filter(store=store).latest("placed_at").customer, "2025-02-01T10:00", total=-300)
    make_order(Order.objects.filter(store=store).earliest("placed_at").customer, "2025-05-20T10:00")
    make_customer(store)


@pytest.fixture
def store() -> Store:
    store = make_store(timezone="Europe/Berlin")
    make_shop(store)
    return store


def figures(refresh: Refresh) -> tuple[object, ...]:
    sizes = SegmentSize.objects.filter(refresh=refresh).order_by("segment").values_list(*SIZE)
    cells = ScoreCell.objects.filter(refresh=refresh).order_by("r", "f").values_list(*CELL)
    return refresh.customers, refresh.cut_points, list(sizes), list(cells)


def standings(store: Store) -> list[tuple[Refresh, dict[int, int]]]:
    """Where the moves say everybody stands after each refresh, checking that each move starts there."""
    where: dict[int, int] = {}
    found = []
    for refresh in chain(store):
        for move in Move.objects.filter(refresh=refresh):
            assert where.get(move.customer_id) == move.before_id != move.after_id
            if move.after_id is None:
                del where[move.customer_id]
            else:
                where[move.customer_id] = move.after_id
        found.append((refresh, dict(where)))
    return found


def count(where: dict[int, int]) -> dict[int, int]:
    return {segment: list(where.values()).count(segment) for segment in where.values()}


def test_months_reach_from_the_first_order_to_the_first_refresh(store: Store) -> None:
    assert past_months(store) == []
    refresh_store(store=store, as_of=TODAY)
    months = past_months(store)
    assert (months[0], months[-1], len(months)) == (date(2023, 8, 31), date(2025, 5, 31), 22)


def test_months_are_the_last_24_and_end_with_the_newest_order(store: Store) -> None:
    make_order(make_customer(store), "2020-02-29T12:00")
    refresh_store(store=store, as_of=date(2031, 1, 1))
    newest = Order.objects.filter(store=store, counted=True).latest("placed_at").placed_at
    months = past_months(store)
    assert len(months) == 24
    assert (months[-1].year, months[-1].month) == (newest.year, newest.month)


@pytest.mark.parametrize(("preset", "window"), [("classic", None), ("eleven", 6), ("thirds", 12)])
def test_a_reconstructed_month_equals_a_refresh_as_of_that_day(
    store: Store, preset: str, window: int | None
) -> None:
    set_preset(store=store, preset=preset, window_months=window)
    refresh_store(store=store, as_of=TODAY)
    made = reconstruct_history(store=store)
    assert [refresh.as_of for refresh in made] == past_months(store)
    for refresh in made:
        scored_then = refresh_store(store=store, as_of=refresh.as_of, rebuild=True)
        assert figures(refresh) == figures(scored_then)


def test_moves_lead_through_the_past_into_the_first_refresh_and_on(store: Store) -> None:
    refresh_store(store=store, as_of=TODAY)
    refresh_store(store=store, as_of=TODAY + timedelta(days=30))
    now = {
        row.customer_id: row.segment_id for row in CustomerStats.objects.filter(store=store) if row.segment_id
    }
    reconstruct_history(store=store)
    found = standings(store)
    assert len(found) == 24
    assert found[-1][1] == now
    for refresh, where in found:
        sizes = dict(refresh.sizes.filter(customers__gt=0).values_list("segment_id", "customers"))
        assert count(where) == sizes
        assert refresh.moved == Move.objects.filter(refresh=refresh).count()
        assert refresh.moved == sum(
            MoveFlow.objects.filter(refresh=refresh).values_list("customers", flat=True)
        )


def test_the_past_touches_nobodys_statistics_and_is_not_the_latest_refresh(store: Store) -> None:
    first = refresh_store(store=store, as_of=TODAY)
    kept = kept_rows(store)
    reconstruct_history(store=store)
    assert kept_rows(store) == kept
    assert latest_refresh(store) == first


def test_reconstructing_again_puts_the_new_past_in_place_of_the_old(store: Store) -> None:
    refresh_store(store=store, as_of=TODAY)
    first = [figures(refresh) for refresh in reconstruct_history(store=store)]
    assert [figures(refresh) for refresh in reconstruct_history(store=store)] == first
    make_order(make_customer(store), "2023-09-01T10:00", total=5000)
    reconstruct_history(store=store)
    refreshes = Refresh.objects.filter(store=store, reason="reconstructed")
    assert refreshes.count() == 22
    assert {move.refresh_id for move in Move.objects.all()} <= {refresh.pk for refresh in chain(store)}
    standings(store)


class KilledError(Exception):
    """A process that dies."""


class DiesAfter(Progress):
    """A run that is killed when so many months are done."""

    def __init__(self, months: int) -> None:
        super().__init__()
        self.months = months

    def report(self, *, done: int | None = None, **figures: object) -> None:  # type: ignore[override]
        if done == self.months:
            raise KilledError


def test_a_killed_run_shows_nothing_and_goes_on_where_it_was(store: Store) -> None:
    first = refresh_store(store=store, as_of=TODAY)
    asked_at = first.started_at
    with pytest.raises(KilledError):
        reconstruct_history(store=store, asked_at=asked_at, progress=DiesAfter(5))
    assert chain(store) == [first]
    half = list(
        Refresh.objects.filter(store=store, finished_at=None).order_by("id").values_list("pk", flat=True)
    )
    assert len(half) == 5
    made = reconstruct_history(store=store, asked_at=asked_at)
    assert [refresh.pk for refresh in made[:5]] == half
    standings(store)
    with pytest.raises(KilledError):
        reconstruct_history(store=store, progress=DiesAfter(3))
    assert len(reconstruct_history(store=store)) == 22
    assert not Refresh.objects.filter(store=store, finished_at=None).exists()


def test_history_is_due_once_and_again_when_older_orders_arrive(store: Store) -> None:
    assert not history_is_due(store)
    refresh_store(store=store, as_of=TODAY)
    assert history_is_due(store)
    reconstruct_history(store=store)
    assert not history_is_due(store)
    make_order(make_customer(store), "2023-07-01T10:00")
    assert history_is_due(store)


def test_a_store_without_orders_has_no_past() -> None:
    empty = make_store()
    refresh_store(store=empty, as_of=TODAY)
    assert not history_is_due(empty)
    assert reconstruct_history(store=empty) == []


_days = st.sets(st.integers(0, 900), max_size=120)


@given(ages=_days, later=st.integers(0, 400))
def test_thinning_every_day_ends_where_thinning_once_does(ages: set[int], later: int) -> None:
    days = {TODAY - timedelta(days=age) for age in ages}
    then = TODAY + timedelta(days=later)
    assert kept_days(kept_days(days, TODAY), then) == kept_days(days, then)


@given(ages=_days)
def test_kept_days_are_daily_then_weekly_then_monthly(ages: set[int]) -> None:
    days = {TODAY - timedelta(days=age) for age in ages}
    kept = kept_days(days, TODAY)
    assert kept <= days
    assert {day for day in days if (TODAY - day).days < 90} <= kept
    for day in days - kept:
        age = (TODAY - day).days
        assert age >= 90
        same_month = {one for one in kept if (one.year, one.month) == (day.year, day.month) and one > day}
        assert same_month, "a day that goes has a later one of its month that stays"
        if age < 366:
            assert {one for one in kept if one.isocalendar()[:2] == day.isocalendar()[:2] and one > day} or (
                same_month
            )
    old = [day for day in kept if (TODAY - day).days >= 366]
    assert len({(day.year, day.month) for day in old}) == len(old)


def test_thinning_drops_pictures_and_keeps_moves(store: Store) -> None:
    for day in range(0, 400, 5):
        refresh_store(store=store, as_of=TODAY + timedelta(days=day))
    again = refresh_store(store=store, as_of=TODAY + timedelta(days=395))
    before, moves = standings(store), Move.objects.count()
    today = TODAY + timedelta(days=400)
    thinned = thin_history(store=store, today=today)
    shown = pictures(chain(store))
    assert {refresh.as_of for refresh in shown} == kept_days({one.as_of for one, _ in before}, today)
    assert again in shown
    assert thinned == 81 - len(shown) > 0
    assert Move.objects.count() == moves
    assert standings(store) == before
    assert thin_history(store=store, today=today) == 0
    gone = Refresh.objects.filter(store=store, thinned_at__isnull=False)
    assert not SegmentSize.objects.filter(refresh__in=gone).exists()
    assert not ScoreCell.objects.filter(refresh__in=gone).exists()
