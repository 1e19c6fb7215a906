"""Refreshing a store, and re-scoring its customers between refreshes."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from time_machine import TimeMachineFixture

from accounts.models import Store
from jobs.models import Job
from orders.models import Customer, DirtyCustomer, Order
from segments.models import (
    CustomerStats,
    FreshFigures,
    Move,
    MoveFlow,
    Refresh,
    ScoreCell,
    Segment,
    SegmentSize,
)
from segments.rules import CutPoints, Scores, cell_index, score
from segments.schemes.presets import PRESETS
from segments.schemes.versions import set_preset
from segments.scoring import refresh_store, rescore_changed, rescore_customers
from tests.factories.accounts import make_store
from tests.factories.orders import make_customer, make_order
from tests.factories.segments import defined_score, kept_rows, make_buyers, touched

pytestmark = pytest.mark.django_db

AS_OF = date(2025, 6, 30)


@pytest.fixture
def store() -> Store:
    return make_store(timezone="Europe/London")


def segment_names(store: Store) -> dict[int, str | None]:
    return dict(CustomerStats.objects.filter(store=store).values_list("customer_id", "segment__name"))


def test_five_customers_spread_over_five_scores(store: Store) -> None:
    ids = make_buyers(store, [5, 4, 3, 2, 1], last_on=AS_OF)
    refresh = refresh_store(store=store, as_of=AS_OF)
    stats = {row.customer_id: (row.r, row.f, row.m) for row in CustomerStats.objects.filter(store=store)}
    assert [stats[customer_id] for customer_id in ids] == [(n, n, n) for n in (5, 4, 3, 2, 1)]
    assert [segment_names(store)[customer_id] for customer_id in ids] == [
        "Champions", "Loyal", "Needs attention", "Hibernating", "Hibernating"
    ]  # fmt: skip
    assert refresh.cut_points == {
        "recency": [1, 2, 3, 4],
        "frequency": [2, 3, 4, 5],
        "monetary": [1001, 2001, 3001, 4001],
    }
    assert (refresh.customers, refresh.recomputed, refresh.rebuilt) == (5, 5, True)


def test_new_customers_are_written_once(store: Store) -> None:
    make_buyers(store, [5, 4, 3, 2, 1], last_on=AS_OF)
    make_customer(store)
    _, before = touched("segments_customerstats")
    refresh_store(store=store, as_of=AS_OF)
    assert touched("segments_customerstats")[1] - before == 6
    assert CustomerStats.objects.filter(store=store).count() == 6
    assert not FreshFigures.objects.exists()


def test_equal_values_get_equal_scores_and_leave_scores_empty(store: Store) -> None:
    make_buyers(store, [1, 1, 1, 1, 1, 1, 1, 2, 2, 9])
    refresh_store(store=store, as_of=AS_OF)
    found = CustomerStats.objects.filter(store=store).order_by("frequency").values_list("frequency", "f")
    assert list(found) == [(1, 1)] * 7 + [(2, 4)] * 2 + [(9, 5)]


def test_customers_without_a_counted_order_are_no_part_of_the_shares(store: Store) -> None:
    make_buyers(store, [1, 2, 3])
    cancelled = make_customer(store)
    make_order(cancelled, "2025-06-01T10:00", status="cancelled")
    make_order(make_customer(store), "2025-06-01T10:00", total=-100)
    refresh = refresh_store(store=store, as_of=AS_OF)
    assert refresh.customers == 3
    unscored = CustomerStats.objects.get(customer=cancelled)
    assert (unscored.r, unscored.f, unscored.m, unscored.segment) == (0, 0, 0, None)


def test_prospects_are_a_segment_where_the_scheme_has_one(store: Store) -> None:
    set_preset(store=store, preset="eleven")
    make_buyers(store, [1, 2, 3])
    visitor = make_customer(store)
    refresh_store(store=store, as_of=AS_OF)
    assert segment_names(store)[visitor.pk] == "Prospects"
    assert SegmentSize.objects.get(segment__key="prospects", segment__store=store).customers == 1


def test_empty_store_can_be_refreshed(store: Store) -> None:
    refresh = refresh_store(store=store, as_of=AS_OF)
    assert (refresh.customers, refresh.moved) == (0, 0)
    assert refresh.cut_points == {"recency": [], "frequency": [], "monetary": []}
    assert set(SegmentSize.objects.filter(refresh=refresh).values_list("customers", flat=True)) == {0}


_amounts = st.lists(
    st.tuples(st.integers(0, 40), st.integers(1, 4), st.sampled_from([0, 500, 500, 1999, 10**7])),
    min_size=1,
    max_size=25,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=_amounts, preset=st.sampled_from(sorted(PRESETS)))
def test_scores_and_segments_are_those_of_the_definition(
    db: None, people: list[tuple[int, int, int]], preset: str
) -> None:
    store = make_store()
    fixed = {"recency": [7, 20]} if preset == "thirds" else {}
    scheme = set_preset(store=store, preset=preset, thresholds=fixed)
    ids = []
    for recency, frequency, amount in people:
        customer = make_customer(store)
        ids.append(customer.pk)
        for number in range(frequency):
            make_order(customer, f"{AS_OF - timedelta(days=recency + number)}T12:00", total=amount)
    refresh_store(store=store, as_of=AS_OF)
    recencies = [recency for recency, _, _ in people]
    frequencies = [frequency for _, frequency, _ in people]
    monetaries = [frequency * amount for _, frequency, amount in people]
    rows = CustomerStats.objects.select_related("segment").in_bulk(ids)
    for place, customer_id in enumerate(ids):
        if preset == "thirds":
            r = 3 if recencies[place] < 7 else 2 if recencies[place] < 20 else 1
        else:
            r = defined_score(recencies[place], recencies, 5, less_is_better=True)
        f = defined_score(frequencies[place], frequencies, scheme.bins)
        m = defined_score(monetaries[place], monetaries, scheme.bins)
        row = rows[customer_id]
        assert (row.r, row.f, row.m) == (r, f, m)
        assert row.segment.key == PRESETS[preset].cube[cell_index(r, f, m, scheme.bins)]


def test_fixed_thresholds_hold_their_lower_end(store: Store) -> None:
    thresholds = {"recency": [2, 4, 6, 8], "frequency": [2, 3, 4, 5], "monetary": [1000, 1001, 3000, 5001]}
    set_preset(store=store, preset="classic", thresholds=thresholds)
    ids = make_buyers(store, [1, 2, 3, 4, 5], last_on=AS_OF - timedelta(days=1))
    refresh = refresh_store(store=store, as_of=AS_OF)
    assert refresh.cut_points == thresholds
    stats = CustomerStats.objects.in_bulk(ids)
    assert [(stats[i].r, stats[i].f, stats[i].m) for i in ids] == [
        (5, 1, 2), (4, 2, 3), (4, 3, 4), (3, 4, 4), (3, 5, 4)
    ]  # fmt: skip


def test_rolled_up_figures_equal_a_count_over_the_rows(store: Store) -> None:
    make_buyers(store, [1, 1, 2, 3, 5, 8], last_on=AS_OF)
    refresh = refresh_store(store=store, as_of=AS_OF)
    rows = list(CustomerStats.objects.filter(store=store))
    for size in SegmentSize.objects.filter(refresh=refresh):
        people = [row for row in rows if row.segment_id == size.segment_id]
        assert size.customers == len(people)
        assert size.orders == sum(row.frequency for row in people)
        assert size.revenue == sum(row.monetary for row in people)
        assert size.recency_days == sum((AS_OF - row.last_on).days for row in people if row.last_on)
    cells = {
        (cell.r, cell.f): (cell.customers, cell.revenue) for cell in ScoreCell.objects.filter(refresh=refresh)
    }
    assert set(cells) == {(row.r, row.f) for row in rows}
    for (r, f), figures in cells.items():
        people = [row for row in rows if (row.r, row.f) == (r, f)]
        assert figures == (len(people), sum(row.monetary for row in people))


def test_every_segment_of_the_scheme_has_a_size_even_if_empty(store: Store) -> None:
    make_buyers(store, [1])
    refresh = refresh_store(store=store, as_of=AS_OF)
    assert SegmentSize.objects.filter(refresh=refresh).count() == 10


def test_first_refresh_lets_everybody_arrive(store: Store) -> None:
    ids = make_buyers(store, [1, 2, 3])
    refresh = refresh_store(store=store, as_of=AS_OF)
    moves = Move.objects.filter(refresh=refresh)
    assert {(move.customer_id, move.before_id) for move in moves} == {(i, None) for i in ids}
    assert refresh.moved == 3


def test_refresh_of_the_same_day_again_changes_nothing(store: Store) -> None:
    make_buyers(store, [1, 2, 3, 1, 1])
    first = refresh_store(store=store, as_of=AS_OF)
    kept = kept_rows(store)
    again = refresh_store(store=store, as_of=AS_OF)
    assert kept_rows(store) == kept
    assert (again.moved, again.recomputed, again.rebuilt) == (0, 0, False)
    assert again.cut_points == first.cut_points
    assert not MoveFlow.objects.filter(refresh=again).exists()


def test_quiet_days_move_nobody_by_share(store: Store) -> None:
    """Everybody grows older by the same days, so nobody passes anybody."""
    make_buyers(store, [1, 2, 3, 1, 1])
    refresh_store(store=store, as_of=AS_OF)
    kept = kept_rows(store)
    later = refresh_store(store=store, as_of=AS_OF + timedelta(days=40))
    assert later.moved == 0
    assert kept_rows(store) == kept


def test_rebuild_gives_what_was_kept(store: Store) -> None:
    ids = make_buyers(store, [1, 2, 3, 1, 1])
    refresh_store(store=store, as_of=AS_OF)
    make_order(Order.objects.filter(customer_id=ids[0]).get().customer, "2025-06-20T10:00")
    refresh_store(store=store, as_of=AS_OF)
    kept = kept_rows(store)
    rebuilt = refresh_store(store=store, as_of=AS_OF, rebuild=True)
    assert rebuilt.rebuilt
    assert (rebuilt.moved, kept_rows(store)) == (0, kept)


_moves = st.lists(
    st.lists(st.tuples(st.integers(0, 7), st.integers(0, 60), st.booleans()), max_size=5),
    min_size=1,
    max_size=4,
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(nights=_moves)
def test_moves_lead_from_each_picture_to_the_next(
    db: None, nights: list[list[tuple[int, int, bool]]]
) -> None:
    """Also when customers are re-scored between refreshes: replaying the moves gives where everybody is."""
    store = make_store()
    ids = make_buyers(store, [1, 1, 2, 3, 5, 1, 1, 2])
    where: dict[int, int | None] = {}
    for night, orders in enumerate([[], *nights]):
        day = AS_OF + timedelta(days=night * 10)
        for who, days_ago, at_once in orders:
            customer = Order.objects.filter(customer_id=ids[who]).first().customer
            make_order(customer, f"{day - timedelta(days=days_ago)}T12:00", total=100 + days_ago)
            if at_once:
                rescore_customers(store=store, customer_ids=[customer.pk])
        refresh = refresh_store(store=store, as_of=day)
        moves = list(Move.objects.filter(refresh=refresh))
        for move in moves:
            assert where.get(move.customer_id) == move.before_id != move.after_id
            where[move.customer_id] = move.after_id
        assert refresh.moved == len(moves) == sum(flow.customers for flow in refresh.flows.all())
        for flow in refresh.flows.all():
            pair = (flow.before_id, flow.after_id)
            assert flow.customers == sum((move.before_id, move.after_id) == pair for move in moves)
        rows = CustomerStats.objects.filter(store=store)
        assert where == {row.customer_id: row.segment_id for row in rows}
        assert all(row.segment_id == row.refreshed_segment_id for row in rows)


_night_of_scores = st.tuples(
    st.lists(
        st.tuples(
            st.integers(0, 3),
            st.sampled_from([0, 1, 7, 30]),
            st.sampled_from([100, 2500, 90_000, -5000]),
            st.booleans(),
        ),
        max_size=4,
    ),
    st.integers(-20, 45),
    st.sampled_from([None, None, None, "thirds", "classic"]),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(nights=st.lists(_night_of_scores, min_size=1, max_size=4))
def test_whoever_a_cut_point_passes_is_scored_anew_and_everybody_else_stays_right(
    db: None, nights: list[tuple[list[tuple[int, int, int, bool]], int, str | None]]
) -> None:
    """Of few who changed the night looks at those alone, and at those whom the days or cut points passed."""
    store = make_store()
    ids = make_buyers(store, [1 + place % 6 for place in range(40)], last_on=AS_OF)
    day = AS_OF
    refresh_store(store=store, as_of=day)
    for orders, days, preset in nights:
        day += timedelta(days=days)
        for who, days_ago, total, at_once in orders:
            customer = Customer.objects.get(pk=ids[who])
            make_order(customer, f"{day - timedelta(days=days_ago)}T12:00", total=total)
            if at_once:
                rescore_customers(store=store, customer_ids=[customer.pk])
        if preset:
            set_preset(store=store, preset=preset)
        refresh = refresh_store(store=store, as_of=day)
        cuts = CutPoints.from_json(refresh.cut_points)
        for row in CustomerStats.objects.filter(store=store):
            recency = (day - row.last_on).days if row.last_on else None
            expected = score(recency=recency, frequency=row.frequency, monetary=row.monetary, cuts=cuts)
            assert Scores(row.r, row.f, row.m) == expected
            assert row.segment_id == row.refreshed_segment_id
            if row.r:
                cell = cell_index(row.r, row.f, row.m, refresh.scheme_version.bins)
                assert row.segment_id == refresh.scheme_version.cells[cell]


def scored_alone(queries: CaptureQueriesContext) -> bool:
    """Whether the statement that scores was told whom to look at."""
    (statement,) = [query["sql"] for query in queries if "with scored as" in query["sql"]]
    return "unnest(NULL" not in statement


def test_night_of_few_changes_scores_them_and_those_whom_cut_points_passed_alone(store: Store) -> None:
    ids = make_buyers(store, [1 + place % 6 for place in range(40)], last_on=AS_OF)
    refresh_store(store=store, as_of=AS_OF)
    make_order(Customer.objects.get(pk=ids[0]), "2025-07-01T12:00")
    with CaptureQueriesContext(connection) as ordinary:
        refresh = refresh_store(store=store, as_of=AS_OF + timedelta(days=1))
    assert scored_alone(ordinary)
    assert not refresh.rebuilt
    with CaptureQueriesContext(connection) as rebuilt:
        refresh_store(store=store, as_of=AS_OF + timedelta(days=1), rebuild=True)
    assert not scored_alone(rebuilt)
    set_preset(store=store, preset="thirds")
    with CaptureQueriesContext(connection) as by_another_scheme:
        refresh_store(store=store, as_of=AS_OF + timedelta(days=1))
    assert not scored_alone(by_another_scheme)


def test_new_scheme_moves_people_between_its_segments(store: Store) -> None:
    ids = make_buyers(store, [1, 2, 3, 4, 5], last_on=AS_OF)
    refresh_store(store=store, as_of=AS_OF)
    before = segment_names(store)
    scheme = set_preset(store=store, preset="thirds")
    refresh = refresh_store(store=store, as_of=AS_OF)
    assert refresh.scheme_version == scheme
    assert max(CustomerStats.objects.filter(store=store).values_list("f", flat=True)) == 3
    named = dict(Segment.objects.filter(store=store).values_list("pk", "name"))
    moves = Move.objects.filter(refresh=refresh)
    assert {move.customer_id: named[move.before_id] for move in moves} == {
        i: before[i] for i in ids if before[i] != segment_names(store)[i]
    }


def test_past_is_reconstructed_day_after_day_up_to_the_first_refresh(store: Store) -> None:
    """Each day follows from the one before, and the first refresh from the last of them."""
    make_buyers(store, [1, 2, 3] * 10, last_on=AS_OF - timedelta(days=9))
    past = [
        refresh_store(store=store, as_of=day, reason=Refresh.Reason.RECONSTRUCTED)
        for day in (date(2025, 6, 16), date(2025, 6, 18))
    ]
    first = refresh_store(store=store, as_of=date(2025, 6, 20))
    assert [refresh.rebuilt for refresh in (*past, first)] == [True, False, False]
    kept = kept_rows(store)
    assert refresh_store(store=store, as_of=date(2025, 6, 20), rebuild=True).moved == 0
    assert kept_rows(store) == kept


def test_past_is_not_reconstructed_over_the_present(store: Store) -> None:
    make_buyers(store, [1, 2])
    refresh_store(store=store, as_of=AS_OF)
    kept = kept_rows(store)
    with pytest.raises(ValueError, match="before a store's first refresh"):
        refresh_store(store=store, as_of=date(2025, 1, 1), reason=Refresh.Reason.RECONSTRUCTED)
    assert kept_rows(store) == kept


def test_same_job_refreshes_once(store: Store) -> None:
    make_buyers(store, [1, 2])
    job = Job.objects.create(store=store, kind="segments.refresh", key="today")
    refresh = refresh_store(store=store, as_of=AS_OF, job=job)
    assert refresh_store(store=store, as_of=AS_OF, job=job) == refresh
    assert Refresh.objects.filter(store=store).count() == 1


def test_refresh_leaves_other_stores_alone(store: Store) -> None:
    other = make_store()
    make_buyers(other, [1, 2, 3])
    refresh_store(store=other, as_of=AS_OF)
    make_buyers(other, [7])
    kept, log = kept_rows(other), DirtyCustomer.objects.filter(store_id=other.pk).count()
    make_buyers(store, [1, 2, 3])
    refresh_store(store=store, as_of=AS_OF, rebuild=True)
    assert kept_rows(other) == kept
    assert DirtyCustomer.objects.filter(store_id=other.pk).count() == log > 0


def test_refresh_needs_the_site_s_role_alone(store: Store, app_role: None) -> None:
    make_buyers(store, [1, 2])
    refresh_store(store=store, as_of=AS_OF)
    refresh_store(store=store, as_of=AS_OF + timedelta(days=1))
    assert CustomerStats.objects.filter(store=store).count() == 2


@pytest.fixture
def two_days_later(time_machine: TimeMachineFixture) -> None:
    """It is noon of 2 July 2025 in London."""
    time_machine.move_to("2025-07-02T11:00:00+00:00", tick=False)


class TestRescoring:
    def test_new_order_counts_at_once_against_the_latest_cut_points(
        self, store: Store, two_days_later: None
    ) -> None:
        ids = make_buyers(store, [5, 4, 3, 2, 1], last_on=AS_OF)
        refresh = refresh_store(store=store, as_of=AS_OF)
        loser = Order.objects.filter(customer_id=ids[4]).get().customer
        make_order(loser, "2025-07-02T10:00", total=2500)
        rescore_customers(store=store, customer_ids=[loser.pk])
        stats = CustomerStats.objects.get(customer=loser)
        assert (stats.frequency, stats.monetary, stats.last_on) == (2, 3500, date(2025, 7, 2))
        assert Scores(stats.r, stats.f, stats.m) == Scores(5, 2, 4)
        assert stats.segment.name == "Potential loyalist"
        assert stats.refreshed_segment.name == "Hibernating"
        assert Refresh.objects.filter(store=store).count() == 1
        assert CutPoints.from_json(refresh.cut_points).recency == (1, 2, 3, 4)

    def test_others_stay_as_they_are(self, store: Store, two_days_later: None) -> None:
        ids = make_buyers(store, [5, 4, 3, 2, 1], last_on=AS_OF)
        refresh_store(store=store, as_of=AS_OF)
        kept = kept_rows(store)
        rescore_customers(store=store, customer_ids=ids[:1])
        assert kept_rows(store)[1:] == kept[1:]

    def test_next_refresh_looks_at_them_again_as_of_its_own_day(
        self, store: Store, two_days_later: None
    ) -> None:
        ids = make_buyers(store, [5, 4, 3, 2, 1] * 4, last_on=AS_OF)
        refresh_store(store=store, as_of=AS_OF)
        rescore_customers(store=store, customer_ids=[ids[-1]])
        night = refresh_store(store=store, as_of=AS_OF)
        assert (night.rebuilt, night.recomputed) == (False, 1)
        kept = kept_rows(store)
        assert refresh_store(store=store, as_of=AS_OF, rebuild=True).moved == 0
        assert kept_rows(store) == kept

    def test_next_refresh_that_agrees_records_the_move(self, store: Store, two_days_later: None) -> None:
        thresholds = {"recency": [10, 20, 30, 40], "frequency": [2, 3, 4, 5], "monetary": [1, 2, 3, 4]}
        set_preset(store=store, preset="classic", thresholds=thresholds)
        ids = make_buyers(store, [1] * 20, last_on=AS_OF)
        refresh_store(store=store, as_of=AS_OF)
        make_order(Order.objects.get(customer_id=ids[0]).customer, "2025-07-01T10:00")
        rescore_customers(store=store, customer_ids=ids[:1])
        live = CustomerStats.objects.get(customer_id=ids[0])
        assert live.segment.name == "Potential loyalist"
        night = refresh_store(store=store, as_of=date(2025, 7, 2))
        settled = CustomerStats.objects.get(customer_id=ids[0])
        assert (settled.r, settled.f, settled.m, settled.segment) == (live.r, live.f, live.m, live.segment)
        (move,) = Move.objects.filter(refresh=night, customer_id=ids[0])
        assert (move.before.name, move.after.name) == ("New", "Potential loyalist")

    def test_whoever_changed_is_scored_and_nobody_else(self, store: Store, two_days_later: None) -> None:
        ids = make_buyers(store, [5, 4, 3, 2, 1], last_on=AS_OF)
        assert rescore_changed(store=store) == 0
        refresh_store(store=store, as_of=AS_OF)
        kept = kept_rows(store)
        assert rescore_changed(store=store) == 0
        loser = Order.objects.filter(customer_id=ids[4]).get().customer
        make_order(loser, "2025-07-02T10:00", total=2500)
        assert rescore_changed(store=store) == 1
        assert CustomerStats.objects.get(customer=loser).segment.name == "Potential loyalist"
        assert [row for row in kept_rows(store) if row in kept] == kept[:4]

    def test_of_many_changed_at_once_the_refresh_takes_care(
        self, store: Store, two_days_later: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ids = make_buyers(store, [5, 4, 3, 2, 1], last_on=AS_OF)
        refresh_store(store=store, as_of=AS_OF)
        kept = kept_rows(store)
        for order in Order.objects.filter(customer_id__in=ids[3:]).distinct("customer"):
            make_order(order.customer, "2025-07-02T10:00", total=2500)
        monkeypatch.setattr("segments.scoring.RESCORED", 1)
        assert rescore_changed(store=store) == 0
        assert kept_rows(store) == kept

    def test_before_the_first_refresh_there_is_nothing_to_do(self, store: Store) -> None:
        ids = make_buyers(store, [1])
        rescore_customers(store=store, customer_ids=ids)
        assert not CustomerStats.objects.filter(store=store).exists()

    def test_customer_who_loses_the_last_order_loses_the_scores(
        self, store: Store, two_days_later: None
    ) -> None:
        ids = make_buyers(store, [1, 1, 2])
        refresh_store(store=store, as_of=AS_OF)
        Order.objects.filter(customer_id=ids[0]).update(status="cancelled")
        rescore_customers(store=store, customer_ids=ids[:1])
        stats = CustomerStats.objects.get(customer_id=ids[0])
        assert (stats.r, stats.f, stats.m, stats.segment) == (0, 0, 0, None)


@pytest.mark.parametrize("live", [True, False])
def test_scores_go_with_the_last_counted_order(
    store: Store, live: bool, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(f"{AS_OF}T12:00Z")
    ann, *_ = make_buyers(store, [1, 2, 3])
    refresh_store(store=store, as_of=AS_OF)
    Order.objects.filter(customer=ann).update(status="cancelled")
    if live:
        rescore_customers(store=store, customer_ids=[ann])
    else:
        refresh_store(store=store, as_of=AS_OF)
    stats = CustomerStats.objects.get(customer=ann)
    assert (stats.frequency, stats.last_on, stats.r, stats.f, stats.m) == (0, None, 0, 0, 0)
    assert stats.segment is None
    assert not FreshFigures.objects.exists()
