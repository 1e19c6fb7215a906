"""What a fit keeps: everybody's figures, its roll-ups, its reasons; and what it leaves alone."""

from __future__ import annotations

import math
from datetime import date

import pytest
from django.db import connection
from scipy.special import hyp2f1

from accounts.models import Store
from jobs.models import Job
from jobs.progress import Progress
from lib.periods import local_today
from orders.models import Customer, Order
from segments.models import CustomerStats, CustomerValue, SegmentValue, ValueFit
from segments.scoring import refresh_store, rescore_customers
from segments.tasks import fit_customer_value, refresh_segments
from segments.value.fitting import STEPS, fit_value
from tests.factories.accounts import make_store
from tests.factories.orders import make_customer, make_order
from tests.segments.value.value_shop import Purchase, drawn_purchases, record_purchases

pytestmark = pytest.mark.django_db

FIRST, AS_OF = date(2024, 1, 1), date(2025, 6, 30)
SHOP = drawn_purchases(customers=450, first=FIRST, days=(AS_OF - FIRST).days)


@pytest.fixture
def store() -> Store:
    store = make_store()
    record_purchases(store, SHOP)
    return store


def two_figures(value: float) -> float:
    return float(f"{value:.1e}")


def kept_rows(store: Store) -> list[tuple[object, ...]]:
    return list(CustomerValue.objects.filter(store=store).order_by("customer_id").values_list())


def row_versions(store: Store) -> dict[int, str]:
    """Where each row physically is: it changes when the row is written."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select customer_id, ctid::text || xmin::text from segments_customervalue where store_id = %s",
            [store.pk],
        )
        return dict(cursor.fetchall())


def history(purchases: list[Purchase], name: str) -> tuple[int, int, int, float]:
    days: dict[date, int] = {}
    for who, day, amount in purchases:
        if who == name:
            days[day] = days.get(day, 0) + amount
    ordered = sorted(days)
    repeat = [days[day] for day in ordered[1:]]
    mean = sum(repeat) / len(repeat) / 100 if repeat else 0.0
    return len(repeat), (ordered[-1] - ordered[0]).days, (AS_OF - ordered[0]).days, mean


def test_everybody_s_figures_follow_from_the_published_formulas(store: Store) -> None:
    fit = fit_value(store=store, as_of=AS_OF)
    assert (fit.state, fit.problem) == (ValueFit.State.FITTED, "")
    orders, spend = fit.order_model, fit.spend_model
    r, alpha, a, b = (orders[name] for name in ("r", "alpha", "a", "b"))
    p, q, v = (spend[name] for name in ("p", "q", "v"))
    kept = {value.customer.external_id: value for value in CustomerValue.objects.select_related("customer")}
    assert len(kept) == fit.customers == len({name for name, _, _ in SHOP})
    for name, value in kept.items():
        x, t_x, age, m_x = history(SHOP, str(name))
        alive = 1 / (1 + (x > 0) * a / (b + max(x, 1) - 1) * ((alpha + age) / (alpha + t_x)) ** (r + x))
        grown = alpha + age + 365
        series = hyp2f1(r + x, b + x, a + b + x - 1, 365 / grown)
        expected = (a + b + x - 1) / (a - 1) * (1 - ((alpha + age) / grown) ** (r + x) * series) * alive
        mean = p * (v + x * m_x) / (p * x + q - 1)
        assert value.expected_orders == pytest.approx(two_figures(expected), rel=1e-9)
        assert value.expected_spend == round(two_figures(mean * 100))
        assert value.expected_value == round(two_figures(expected * mean * 100))
        if x == 0:
            assert value.p_alive is None
        else:
            assert value.p_alive == pytest.approx(min(max(round(alive, 2), 0.01), 0.99))


def test_totals_are_those_of_the_rows(store: Store) -> None:
    fit = fit_value(store=store, as_of=AS_OF)
    values = CustomerValue.objects.filter(store=store)
    assert fit.expected_value == sum(value.expected_value or 0 for value in values)
    assert fit.expected_orders == pytest.approx(sum(value.expected_orders for value in values))
    assert fit.likely_active == pytest.approx(sum(value.p_alive or 0 for value in values))
    assert sum(int(band["customers"]) for band in fit.bands) == fit.customers


def test_segments_are_summed_as_they_stand(store: Store) -> None:
    refresh_store(store=store, as_of=AS_OF)
    fit = fit_value(store=store, as_of=AS_OF)
    segment_of = dict(CustomerStats.objects.values_list("customer_id", "segment_id"))
    expected: dict[int | None, list[int]] = {}
    for value in CustomerValue.objects.filter(store=store):
        expected.setdefault(segment_of[value.customer_id], []).append(value.expected_value or 0)
    rows = SegmentValue.objects.filter(fit=fit)
    assert {row.segment_id: (row.customers, row.expected_value) for row in rows} == {
        segment: (len(values), sum(values)) for segment, values in expected.items()
    }


def test_the_same_fit_again_writes_no_row(store: Store) -> None:
    fit_value(store=store, as_of=AS_OF)
    before, rows = row_versions(store), kept_rows(store)
    fit_value(store=store, as_of=AS_OF)
    assert row_versions(store) == before
    assert kept_rows(store) == rows


def test_fitting_a_later_day_gives_what_fitting_it_alone_gives(store: Store) -> None:
    other = make_store()
    record_purchases(other, SHOP)
    fit_value(store=store, as_of=date(2025, 5, 1))
    fit_value(store=store, as_of=AS_OF)
    fit_value(store=other, as_of=AS_OF)
    figures = [
        list(
            CustomerValue.objects.filter(store=shop)
            .order_by("customer__external_id")
            .values_list("expected_orders", "p_alive", "expected_spend", "expected_value")
        )
        for shop in (store, other)
    ]
    assert figures[0] == figures[1]


def test_a_customer_without_counted_orders_any_more_loses_their_row(store: Store) -> None:
    fit_value(store=store, as_of=AS_OF)
    customer = Customer.objects.filter(store=store).first()
    assert customer is not None
    Order.objects.filter(customer=customer).update(status="cancelled")
    fit_value(store=store, as_of=AS_OF)
    assert not CustomerValue.objects.filter(customer=customer).exists()
    assert CustomerValue.objects.filter(store=store).count() > 200


def test_another_store_is_left_alone(store: Store) -> None:
    other = make_store()
    record_purchases(other, SHOP)
    fit_value(store=other, as_of=AS_OF)
    before = row_versions(other)
    fit_value(store=store, as_of=AS_OF)
    Order.objects.filter(store=store).update(status="cancelled")
    fit_value(store=store, as_of=AS_OF)
    assert row_versions(other) == before


def test_a_store_that_became_too_small_says_so_and_keeps_no_figure(store: Store) -> None:
    fit_value(store=store, as_of=AS_OF)
    Order.objects.filter(store=store).exclude(customer__external_id__in=["c1", "c2"]).update(
        status="cancelled"
    )
    fit = fit_value(store=store, as_of=AS_OF)
    assert fit.state == ValueFit.State.FAILED
    assert fit.problem == "There are 2 customers; it takes at least 200 to learn how they come back."
    assert (fit.expected_orders, fit.expected_value, fit.bands, fit.calibration) == (None, None, [], {})
    assert not CustomerValue.objects.filter(store=store).exists()
    assert not SegmentValue.objects.filter(fit=fit).exists()


def test_an_empty_store_says_so() -> None:
    fit = fit_value(store=make_store(), as_of=AS_OF)
    assert fit.state == ValueFit.State.FAILED
    assert fit.problem.startswith("There are 0 customers")


def test_equal_spend_leaves_orders_without_value() -> None:
    store = make_store()
    record_purchases(store, [(name, day, 2500) for name, day in {(name, day) for name, day, _ in SHOP}])
    fit = fit_value(store=store, as_of=AS_OF)
    assert (fit.state, fit.expected_value, fit.spend_model) == (ValueFit.State.ORDERS_ONLY, None, {})
    assert "spends the same" in fit.problem
    assert fit.expected_orders
    value = CustomerValue.objects.filter(store=store).first()
    assert value is not None
    assert value.expected_orders > 0
    assert (value.expected_spend, value.expected_value) == (None, None)


def test_the_newest_fit_alone_keeps_its_pictures(store: Store) -> None:
    older = fit_value(store=store, as_of=date(2025, 5, 1))
    assert older.calibration
    newer = fit_value(store=store, as_of=AS_OF)
    older.refresh_from_db()
    assert (older.calibration, older.bands, older.tenths, older.alive) == ({}, [], [], [])
    assert older.order_model
    newer.refresh_from_db()
    assert newer.calibration
    assert newer.alive


def test_the_test_on_the_past_looks_at_the_last_third(store: Store) -> None:
    kept = fit_value(store=store, as_of=AS_OF).calibration
    first = min(day for _, day, _ in SHOP)
    weeks = (AS_OF - first).days // 7 // 3
    assert (AS_OF - date.fromisoformat(kept["calibration_end"])).days == 7 * weeks
    assert kept["holdout_end"] == AS_OF.isoformat()
    cut = date.fromisoformat(kept["calibration_end"])
    known = {name for name, day, _ in SHOP if day <= cut}
    after = {(name, day) for name, day, _ in SHOP if name in known and cut < day <= AS_OF}
    spent = sum(amount for name, day, amount in SHOP if (name, day) in after)
    assert kept["customers"] == len(known)
    assert kept["orders"][1] == len(after)
    assert kept["revenue"][1] == pytest.approx(spent)


def test_orders_of_a_few_weeks_cannot_be_tested() -> None:
    store = make_store()
    record_purchases(store, drawn_purchases(customers=500, first=date(2025, 5, 1), days=60))
    fit = fit_value(store=store, as_of=AS_OF)
    assert fit.state != ValueFit.State.FAILED
    assert fit.calibration == {}
    assert "less than 12 weeks" in fit.calibration_problem


def test_a_job_run_twice_fits_once(store: Store) -> None:
    job = Job.objects.create(store=store, kind="segments.value", key="newest")
    refresh_store(store=store, as_of=AS_OF)
    first = fit_customer_value(job, Progress())
    assert fit_customer_value(job, Progress()) == first
    fit = ValueFit.objects.get(store=store)
    assert first == {"fit": fit.pk, "as_of": "2025-06-30", "state": "fitted", "customers": fit.customers}


@pytest.mark.parametrize(("reason", "again"), [("nightly", 1), ("import", 1), ("demand", 0)])
def test_a_refresh_asks_for_a_fit_each_night_and_import_and_once_a_day_else(
    store: Store, reason: str, again: int
) -> None:
    asked = Job.objects.filter(store=store, kind="segments.value")
    refresh = Job.objects.create(
        store=store, kind="segments.refresh", key="1", arguments={"reason": reason, "as_of": "2025-06-30"}
    )
    refresh_segments(refresh, Progress())
    assert asked.count() == 1
    fit_value(store=store, as_of=AS_OF)
    asked.delete()
    later = Job.objects.create(
        store=store, kind="segments.refresh", key="2", arguments={"reason": reason, "as_of": "2025-06-30"}
    )
    refresh_segments(later, Progress())
    assert asked.count() == again


def test_progress_hears_of_every_step(store: Store) -> None:
    told: list[int | None] = []

    class Noted(Progress):
        def report(self, *, done: int | None = None, **rest: object) -> None:  # type: ignore[override]
            told.append(done)

    fit_value(store=store, as_of=AS_OF, progress=Noted())
    assert told == list(range(len(STEPS) + 1))


def test_the_site_s_own_rights_are_enough(store: Store, app_role: None) -> None:
    assert fit_value(store=store, as_of=AS_OF).state == ValueFit.State.FITTED


def test_a_customer_deleted_while_it_computed_gets_no_row(store: Store) -> None:
    """The deletion falls between reading and writing, where a progress report does."""
    customer = make_customer(store, "gone")
    order = make_order(customer, "2025-03-01T12:00", 500)

    class Deleting(Progress):
        def report(self, *, done: int | None = None, **rest: object) -> None:  # type: ignore[override]
            if done == 2:
                order.delete()
                customer.delete()

    fit = fit_value(store=store, as_of=AS_OF, progress=Deleting())
    assert fit.customers == CustomerValue.objects.filter(store=store).count() + 1
    assert not math.isnan(fit.expected_orders or math.nan)


def assert_values_stand_beside_the_statistics(store: Store) -> None:
    """Each value has the segment, the scores and the last order that the statistics of its customer have now."""
    standing = {
        (row.pk, row.segment_id, int(f"{row.r}{row.f}{row.m}"), row.last_on)
        for row in CustomerStats.objects.filter(store=store)
    }
    kept = CustomerValue.objects.filter(store=store).values_list("pk", "segment_id", "scores", "last_on")
    assert kept
    assert set(kept) <= standing


def test_values_know_segment_scores_and_last_order_whatever_came_first(store: Store) -> None:
    fit_value(store=store, as_of=AS_OF)
    for as_of, rebuild in ((date(2025, 3, 31), False), (AS_OF, False), (AS_OF, True)):
        refresh_store(store=store, as_of=as_of, rebuild=rebuild)
        assert_values_stand_beside_the_statistics(store)
    fit_value(store=store, as_of=date(2025, 3, 31))
    assert_values_stand_beside_the_statistics(store)


def test_values_follow_a_customer_who_is_scored_at_once(store: Store) -> None:
    refresh_store(store=store, as_of=AS_OF)
    fit_value(store=store, as_of=AS_OF)
    back = CustomerStats.objects.filter(store=store, r=1).order_by("pk")[0]
    today = local_today(store.timezone)
    make_order(back.customer, f"{today}T00:00", 500)
    rescore_customers(store=store, customer_ids=[back.pk])
    value = CustomerValue.objects.get(pk=back.pk)
    assert value.last_on == today
    assert value.segment_id != back.segment_id
    assert_values_stand_beside_the_statistics(store)


def test_nobody_keeps_a_value_when_no_model_fits(store: Store) -> None:
    refresh_store(store=store, as_of=AS_OF)
    fit_value(store=store, as_of=AS_OF)
    fit_value(store=store, as_of=FIRST)
    assert not CustomerValue.objects.filter(store=store).exists()
