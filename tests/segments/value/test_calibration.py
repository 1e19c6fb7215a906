"""Where the past is cut, what is kept of the test, and what it lets a person do."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segments.clv.calibration import Calibration, Comparison, FrequencyGroup, Week
from segments.clv.fitting import FitProblem, Reason
from segments.clv.gamma_gamma import GammaGamma
from segments.clv.value import ValueModel
from segments.value.calibration import KeptCalibration, Trust, cut_day

AS_OF = date(2026, 11, 22)
NO_MODEL = FitProblem(Reason.NO_MAXIMUM, "No model.")


def kept(
    *,
    orders: tuple[float, float] = (104.0, 100.0),
    revenue: tuple[float, float] | None = (1000.0, 1000.0),
    correlation: float | None = 0.6,
) -> KeptCalibration:
    return KeptCalibration(
        calibration_end=date(2026, 5, 30),
        holdout_end=AS_OF,
        customers=1204,
        weeks=(Week(date(2026, 5, 30), 90, 91.25, False), Week(date(2026, 6, 6), 100, 104.5, True)),
        groups=(FrequencyGroup(0, False, 1100, 0.1, 0.2), FrequencyGroup(7, True, 104, 3.5, 4.0)),
        orders=Comparison(*orders),
        revenue=Comparison(*revenue) if revenue else None,
        weekly_error=0.05,
        correlation=correlation,
        frequency_correlation=0.1,
    )


@given(st.integers(0, 3000))
def test_the_test_takes_a_third_of_the_past_and_a_year_at_most(days: int) -> None:
    cut = cut_day(first_on=AS_OF - timedelta(days=days), as_of=AS_OF)
    if days < 12 * 7:
        assert cut is None
        return
    assert cut is not None
    foretold = (AS_OF - cut).days
    assert foretold % 7 == 0
    assert 28 <= foretold <= 364
    assert foretold * 3 <= days
    assert foretold == 364 or (foretold + 7) * 3 > days


def test_what_is_kept_is_read_again_as_it_was() -> None:
    assert KeptCalibration.from_json(json.loads(json.dumps(kept().as_json()))) == kept()
    without = kept(revenue=None, correlation=None)
    assert KeptCalibration.from_json(json.loads(json.dumps(without.as_json()))) == without


def test_revenue_is_kept_in_minor_units_of_the_store_s_currency() -> None:
    spend = GammaGamma(
        p=6, q=4, v=15, log_likelihood=0, repeat_buyers=0, frequency_correlation=0.25, standard_errors=()
    )
    calibration = Calibration(
        model=ValueModel(NO_MODEL, spend),
        calibration_end=date(2026, 5, 30),
        holdout_end=AS_OF,
        customers=1,
        weeks=(),
        groups=(),
        orders=Comparison(1, 1),
        revenue=Comparison(12.5, 10.0),
        weekly_error=None,
        correlation=None,
    )
    assert KeptCalibration.of(calibration, "GBP").revenue == Comparison(1250.0, 1000.0)
    assert KeptCalibration.of(calibration, "JPY").revenue == Comparison(12.5, 10.0)
    assert KeptCalibration.of(calibration, "GBP").frequency_correlation == 0.25


@pytest.mark.parametrize(
    ("orders", "revenue", "trust"),
    [
        ((104, 100), (1000, 1000), Trust.CLOSE),
        ((104, 100), (800, 1000), Trust.FAIR),
        ((140, 100), (1000, 1000), Trust.POOR),
        ((60, 100), None, Trust.POOR),
        ((60, 0), None, Trust.UNKNOWN),
    ],
)
def test_trust_goes_by_the_larger_error(
    orders: tuple[float, float], revenue: tuple[float, float] | None, trust: Trust
) -> None:
    assert kept(orders=orders, revenue=revenue).trust is trust


def test_customers_are_told_apart_where_forecast_and_orders_go_together() -> None:
    assert kept(correlation=0.5).tells_customers_apart
    assert not kept(correlation=0.1).tells_customers_apart
    assert not kept(correlation=None).tells_customers_apart
