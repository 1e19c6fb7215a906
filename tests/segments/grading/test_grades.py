"""Schemes graded on what people did since, against the definitions one customer at a time."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.models import Store
from jobs.models import Job
from jobs.progress import Progress
from segments.grading.findings import misplaced_finding, separation_finding, separation_word
from segments.grading.grades import HORIZONS, grade_store, last_whole_day
from segments.grading.queries import GradedPeople, GradedScheme, GradedSegment, graded_scheme
from segments.grading.rules import Separation
from segments.models import AsOfStats, Grading, Segment, SegmentGrade
from segments.schemes.versions import set_preset
from segments.scoring import refresh_store
from segments.tasks import grade_segments, refresh_segments
from tests.factories.accounts import make_store
from tests.factories.orders import make_customer, make_order
from tests.segments.grading.graded_shop import DefinedGrade, defined_grades, make_regulars

pytestmark = pytest.mark.django_db

TODAY = date(2025, 6, 10)


def kept_grades(grading: Grading) -> dict[int | None, DefinedGrade]:
    """A grading's rows that have people, under None everybody's."""
    figures = ("customers", "buyers", "spend", "median_spend")
    rows = SegmentGrade.objects.filter(grading=grading, customers__gt=0)
    found: dict[int | None, DefinedGrade] = {
        row.segment_id: DefinedGrade(*(getattr(row, name) for name in figures)) for row in rows
    }
    if grading.customers:
        found[None] = DefinedGrade(*(getattr(grading, name) for name in figures))
    return found


@pytest.fixture
def store() -> Store:
    store = make_store("shop", timezone="Europe/Berlin")
    make_regulars(store, until=TODAY)
    return store


@pytest.mark.parametrize(("preset", "window"), [("classic", None), ("eleven", 6), ("thirds", 12)])
def test_grades_are_those_of_the_definitions(store: Store, preset: str, window: int | None) -> None:
    scheme = set_preset(store=store, preset=preset, window_months=window)
    refresh_store(store=store, as_of=TODAY)
    made = grade_store(store=store)
    assert [one.horizon_days for one in made] == list(HORIZONS)
    for grading in made:
        assert (grading.until_on, (grading.until_on - grading.as_of).days) == (TODAY, grading.horizon_days)
        expected = defined_grades(store, scheme, grading.as_of, grading.until_on)
        assert kept_grades(grading) == expected
        assert len(expected) > 3


def test_every_segment_that_scores_can_reach_has_a_grade_also_without_people(store: Store) -> None:
    scheme = set_preset(store=store, preset="eleven")
    refresh_store(store=store, as_of=TODAY)
    (grading, *_) = grade_store(store=store)
    assert set(grading.grades.values_list("segment_id", flat=True)) == set(scheme.cells)
    assert scheme.prospects_id not in set(scheme.cells)


def test_hand_written_orders_fall_on_the_right_side_of_each_day() -> None:
    """Berlin is two hours ahead in May: 22:30 UTC is the next day there."""
    store = make_store(timezone="Europe/Berlin")
    as_of = TODAY - timedelta(days=30)  # 11 May
    before, since, none, later, back = (make_customer(store) for _ in range(5))
    make_order(before, "2025-05-11T21:30")  # 11 May there: scored, not since
    make_order(since, "2025-04-01T12:00")
    make_order(since, "2025-05-11T22:30", total=700)  # 12 May there: the first day since
    make_order(since, "2025-06-10T21:30", total=50)  # the last day
    make_order(since, "2025-06-10T22:30", total=9000)  # the day after
    make_order(none, "2025-04-01T12:00")
    make_order(none, "2025-05-20T12:00", total=500, status="cancelled")
    make_order(later, "2025-05-20T12:00", total=800)  # unknown on the day: not graded
    make_order(back, "2025-04-02T12:00")
    make_order(back, "2025-05-20T12:00", total=-300)  # a credit note is no purchase
    refresh_store(store=store, as_of=TODAY)
    grading = grade_store(store=store)[0]
    assert grading.as_of == as_of
    assert (grading.customers, grading.buyers, grading.spend, grading.median_spend) == (4, 1, 450, 0)
    assert grading.separation is None


def test_grading_again_replaces_the_day_and_keeps_other_days(store: Store) -> None:
    refresh_store(store=store, as_of=TODAY)
    grade_store(store=store)
    first = [kept_grades(one) for one in Grading.objects.order_by("horizon_days")]
    grade_store(store=store)
    assert [kept_grades(one) for one in Grading.objects.order_by("horizon_days")] == first
    grade_store(store=store, until_on=TODAY - timedelta(days=1))
    assert Grading.objects.filter(store=store).count() == 2 * len(HORIZONS)


def test_kept_statistics_follow_the_newest_grading(store: Store) -> None:
    other = make_store()
    make_regulars(other, until=TODAY, customers=8)
    for one in (store, other):
        refresh_store(store=one, as_of=TODAY)
        grade_store(store=one)
    kept = list(AsOfStats.objects.filter(store=other).order_by("pk").values_list())
    grade_store(store=store, until_on=TODAY - timedelta(days=150))
    rows = AsOfStats.objects.filter(store=store)
    newest = Grading.objects.get(store=store, horizon_days=90, until_on=TODAY - timedelta(days=150))
    assert rows.count() == newest.customers > 0
    assert sum(row.orders_since > 0 for row in rows) == newest.buyers
    assert sum(row.spend_since for row in rows) == newest.spend
    assert list(AsOfStats.objects.filter(store=other).order_by("pk").values_list()) == kept


def test_today_isn_t_looked_at_before_it_is_over(time_machine: object) -> None:
    time_machine.move_to("2025-06-10T12:00:00+00:00", tick=False)  # type: ignore[attr-defined]
    assert last_whole_day(date(2025, 6, 10), "Europe/Berlin") == date(2025, 6, 9)
    assert last_whole_day(date(2025, 6, 10), "Pacific/Kiritimati") == date(2025, 6, 10)
    assert last_whole_day(date(2025, 6, 1), "Europe/Berlin") == date(2025, 6, 1)


def test_store_that_was_never_refreshed_has_nothing_to_grade() -> None:
    assert grade_store(store=make_store()) == []


def test_store_whose_orders_reach_back_too_little_is_graded_on_nobody() -> None:
    store = make_store()
    make_order(make_customer(store), "2025-06-09T12:00")
    refresh_store(store=store, as_of=TODAY)
    for grading in grade_store(store=store):
        assert (grading.customers, grading.buyers, grading.separation) == (0, 0, None)
        assert separation_finding(graded_scheme(grading)).startswith("Nobody had ordered by then")


def refresh_job(store: Store, **arguments: object) -> Job:
    key = f"{arguments}-{Job.objects.count()}"
    return Job.objects.create(
        store=store, kind="segments.refresh", key=key, arguments={"as_of": TODAY.isoformat(), **arguments}
    )


def waiting(store: Store) -> int:
    return Job.objects.filter(store=store, kind="segments.grading").count()


def test_nightly_refreshes_and_new_schemes_are_graded_and_others_once(store: Store) -> None:
    refresh_segments(refresh_job(store), Progress())
    assert waiting(store) == 1
    job = Job.objects.get(store=store, kind="segments.grading")
    for _ in range(2):  # killed after its work, it may run again
        result = grade_segments(job, Progress())
    assert result["gradings"] == list(Grading.objects.order_by("horizon_days").values_list("pk", flat=True))
    Job.objects.filter(pk=job.pk).delete()
    refresh_segments(refresh_job(store), Progress())
    assert waiting(store) == 0
    refresh_segments(refresh_job(store, reason="nightly"), Progress())
    assert waiting(store) == 1
    Job.objects.filter(kind="segments.grading").delete()
    set_preset(store=store, preset="thirds")
    refresh_segments(refresh_job(store), Progress())
    assert waiting(store) == 1


def segment(name: str, health: int) -> Segment:
    return Segment(name=name, health=health, key=name.lower())


def scheme_of(separation: Separation | None, *segments: tuple[str, int, int, int]) -> GradedScheme:
    """Each segment as name, health, customers, buyers."""
    everybody = GradedPeople(sum(one[2] for one in segments), sum(one[3] for one in segments), 0, 0)
    return GradedScheme(
        [
            GradedSegment(segment(name, health), GradedPeople(customers, buyers, 0, 0), everybody)
            for name, health, customers, buyers in segments
        ],
        everybody,
        separation,
    )


@pytest.mark.parametrize(
    ("found", "word", "sentence"),
    [
        (Separation(0.82, 0.80, 0.84), "well", "separate well"),
        (Separation(0.65, 0.60, 0.70), "fairly", "separate fairly"),
        (Separation(0.55, 0.51, 0.59), "a little", "separate only a little"),
        (Separation(0.55, 0.48, 0.62), "no better than chance", "don't separate"),
        (Separation(0.30, 0.20, 0.40), "the wrong way round", "the wrong way round"),
        (None, "can't be told", "too few on one side"),
    ],
)
def test_a_scheme_that_doesn_t_separate_says_so(found: Separation | None, word: str, sentence: str) -> None:
    graded = scheme_of(found, ("Champions", 1, 500, 40), ("Hibernating", 10, 500, 30))
    assert separation_word(found) == word
    assert sentence in separation_finding(graded)


def test_segment_in_the_wrong_place_is_named_when_it_isn_t_chance() -> None:
    wrong = scheme_of(None, ("Promising", 5, 400, 20), ("At risk", 8, 400, 120), ("Lost", 10, 10, 2))
    assert misplaced_finding(wrong).startswith("At risk bought more often than Promising, 30.0% against 5.0%")
    chance = scheme_of(None, ("Promising", 5, 20, 5), ("At risk", 8, 20, 6))
    assert misplaced_finding(chance) == ""


def test_lift_and_standing_are_against_everybody() -> None:
    graded = scheme_of(None, ("Good", 1, 100, 60), ("Bad", 2, 300, 20), ("Empty", 3, 0, 0))
    good, bad, empty = graded.segments
    assert (good.lift, good.standing) == (pytest.approx(3.0), "above")
    assert (bad.lift, bad.standing) == (pytest.approx(1 / 3), "below")
    assert (empty.lift, empty.standing, empty.people.mean_spend) == (None, "alike", None)


def test_page_shows_each_segment_of_the_stretch_asked_for(client: Client, store: Store) -> None:
    refresh_store(store=store, as_of=TODAY)
    assert "Not graded yet" in client.get("/s/shop/segments/grading/").content.decode()
    grade_store(store=store)
    body = client.get("/s/shop/segments/grading/?days=30").content.decode()
    grading = Grading.objects.get(horizon_days=30)
    assert f"{grading.customers}</" in body
    assert 'href="?days=30" aria-current="true"' in body
    assert "graded-segments-figure" in body
    assert client.get("/s/shop/segments/grading/?days=abc").status_code == 200


def test_page_takes_the_same_queries_whatever_the_store(
    client: Client, store: Store, django_assert_max_num_queries: object
) -> None:
    refresh_store(store=store, as_of=TODAY)
    grade_store(store=store)
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        client.get("/s/shop/segments/grading/")


def test_page_of_a_new_scheme_waits_for_its_own_grading(client: Client, store: Store) -> None:
    refresh_store(store=store, as_of=TODAY)
    grade_store(store=store)
    set_preset(store=store, preset="thirds")
    assert "Not graded yet" in client.get("/s/shop/segments/grading/").content.decode()


# A customer: their orders as days before TODAY, amounts, and what became of them.
_order = st.tuples(
    st.integers(-3, 260),
    st.integers(-400, 3000),
    st.sampled_from(["paid", "paid", "paid", "cancelled"]),
    st.sampled_from(["none", "none", "part", "all"]),
)
_shop = st.lists(st.lists(_order, max_size=5), min_size=1, max_size=9)


class RandomShops(TestCase):
    """hypothesis.extra.django rolls each example back."""

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        shop=_shop, preset=st.sampled_from(["classic", "eleven", "thirds"]), window=st.sampled_from([None, 3])
    )
    def test_grades_are_those_of_the_definitions_on_random_shops(
        self, shop: list[list[tuple[int, int, str, str]]], preset: str, window: int | None
    ) -> None:
        store = make_store(timezone="America/St_Johns")
        for orders in shop:
            customer = make_customer(store)
            for back, total, status, refund in orders:
                refunded = {"none": 0, "part": max(total, 0) // 2, "all": max(total, 0)}[refund]
                day = TODAY - timedelta(days=back)
                make_order(customer, f"{day}T03:00", total=total, status=status, refunded=refunded)
        scheme = set_preset(store=store, preset=preset, window_months=window)
        refresh_store(store=store, as_of=TODAY)
        for grading in grade_store(store=store):
            assert kept_grades(grading) == defined_grades(store, scheme, grading.as_of, grading.until_on)
