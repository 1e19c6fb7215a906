"""Fitted on the past, compared with what came: CDNOW's two halves, and shops whose answer is known."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from scipy.special import hyp2f1

from segments.clv.calibration import Calibration, calibrate
from segments.clv.fitting import FitProblem, Reason
from segments.clv.histories import Transactions, Unit
from tests.segments.clv.conftest import CALIBRATION_END, HOLDOUT_END


@pytest.fixture(scope="module")
def result(cdnow) -> Calibration:
    found = calibrate(cdnow, calibration_end=CALIBRATION_END, holdout_end=HOLDOUT_END, unit=Unit.WEEK)
    assert isinstance(found, Calibration)
    return found


def test_cdnow_holdout_is_what_happened(result, cdnow_reference) -> None:
    assert result.customers == 2357
    assert result.orders.actual == sum(float(row["hx"]) for row in cdnow_reference) == 1882


def test_groups_by_frequency_are_what_happened(result, cdnow_reference) -> None:
    assert [group.x for group in result.groups] == list(range(8))
    assert [group.or_more for group in result.groups] == [False] * 7 + [True]
    for group in result.groups:
        later = [float(row["hx"]) for row in cdnow_reference if min(int(row["x"]), 7) == group.x]
        assert group.customers == len(later)
        assert group.actual_mean == pytest.approx(sum(later) / len(later))


def test_groups_and_total_expect_the_same_orders(result) -> None:
    assert sum(group.customers * group.expected_mean for group in result.groups) == pytest.approx(
        result.orders.expected
    )


def test_weeks_end_with_the_calibration_and_the_holdout(result) -> None:
    assert len(result.weeks) == 78
    assert result.weeks[38].end == CALIBRATION_END
    assert result.weeks[-1].end == HOLDOUT_END
    assert [week.in_holdout for week in result.weeks] == [False] * 39 + [True] * 39


def test_weeks_count_what_happened(result, cdnow_reference) -> None:
    calibrated = sum(int(row["x"]) for row in cdnow_reference)
    assert result.weeks[38].actual == calibrated
    assert result.weeks[-1].actual == calibrated + 1882


def test_weeks_expect_the_printed_equation_summed_over_customers(result, cdnow_reference) -> None:
    model = result.model.orders

    def since_first(age: float) -> float:
        top = model.a + model.b - 1
        series = hyp2f1(model.r, model.b, top, age / (model.alpha + age))
        return top / (model.a - 1) * (1 - (model.alpha / (model.alpha + age)) ** model.r * series)

    for week in (result.weeks[5], result.weeks[38], result.weeks[-1]):
        ages = [(week.end - date.fromisoformat(row["first"])).days / 7 for row in cdnow_reference]
        assert week.expected == pytest.approx(sum(since_first(age) for age in ages if age >= 0), rel=1e-9)


def test_headline_errors_follow_from_the_rows(result) -> None:
    holdout, base = result.weeks[39:], result.weeks[38]
    ratios = [(week.expected - base.expected) / (week.actual - base.actual) for week in holdout]
    assert result.weekly_error == pytest.approx(np.abs(np.array(ratios) - 1).mean())
    assert result.orders.error == pytest.approx((result.orders.expected - 1882) / 1882)


def test_cdnow_is_foretold_as_well_as_the_papers_figures_show(result) -> None:
    # Their cumulative curve ends about 4% low at week 78, and conditional means follow the actual ones.
    assert result.weeks[-1].expected / result.weeks[-1].actual - 1 == pytest.approx(-0.04, abs=0.005)
    assert result.correlation == pytest.approx(0.63, abs=0.01)


def test_revenue_is_what_the_same_customers_spent_after(result, cdnow) -> None:
    late = cdnow.day > np.datetime64(CALIBRATION_END)
    assert result.revenue.actual == pytest.approx(cdnow.amount[late].sum())


def small_shop(*, repeat: int) -> Transactions:
    """240 customers of whom some come back, one to eight times, every one to three weeks."""
    days, customers = [], []
    for index in range(240):
        first, returns = date(2020, 1, 1) + timedelta(index % 20), index % 8 + 1 if index < repeat else 0
        for visit in range(returns + 1):
            days.append(first + timedelta(weeks=visit * (index % 3 + 1)))
            customers.append(index)
    return Transactions.merged(
        customer=customers, day=days, amount=[10.0 + index % 7 for index in range(len(days))]
    )


def test_newcomers_of_the_holdout_take_no_part() -> None:
    old = small_shop(repeat=120)
    newcomers = Transactions.merged(
        customer=[*old.customer, 900, 901, -1],
        day=[*old.day, *np.array(["2020-03-05"] * 3, dtype="datetime64[D]")],
        amount=[*old.amount, 5.0, 5.0, 5.0],
    )
    spans = {"calibration_end": date(2020, 2, 29), "holdout_end": date(2020, 3, 20), "unit": Unit.DAY}
    assert calibrate(newcomers, **spans) == calibrate(old, **spans)


def test_a_last_week_cut_short_ends_with_the_holdout() -> None:
    found = calibrate(
        small_shop(repeat=120),
        calibration_end=date(2020, 2, 29),
        holdout_end=date(2020, 3, 10),
        unit=Unit.DAY,
    )
    assert isinstance(found, Calibration)
    assert [week.end for week in found.weeks[-2:]] == [date(2020, 3, 7), date(2020, 3, 10)]


def test_a_holdout_in_which_nothing_happened_has_no_error_to_show() -> None:
    found = calibrate(
        small_shop(repeat=120), calibration_end=date(2020, 9, 1), holdout_end=date(2020, 9, 20), unit=Unit.DAY
    )
    assert isinstance(found, Calibration)
    assert (found.orders.error, found.weekly_error, found.correlation) == (None, None, None)
    assert found.orders.expected > 0


def test_a_shop_too_small_says_so() -> None:
    problem = calibrate(
        small_shop(repeat=3), calibration_end=date(2020, 3, 1), holdout_end=date(2020, 4, 1), unit=Unit.DAY
    )
    assert isinstance(problem, FitProblem)
    assert problem.reason is Reason.TOO_FEW_REPEAT_BUYERS


def test_a_holdout_without_a_day_is_refused() -> None:
    with pytest.raises(ValueError, match="holdout"):
        calibrate(
            small_shop(repeat=3),
            calibration_end=date(2020, 3, 1),
            holdout_end=date(2020, 3, 1),
            unit=Unit.DAY,
        )
