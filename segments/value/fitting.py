"""Fits the value models to a store's orders and keeps what they expect of every customer."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from time import perf_counter

import numpy as np
from django.db import transaction
from django.db.models import Min

from accounts.models import Store
from jobs.models import Job
from jobs.progress import Progress
from lib import sql
from lib.columns import write_columns
from lib.money import minor_digits
from lib.periods import local_day, local_today
from orders.models import Order
from segments.clv.calibration import compare
from segments.clv.fitting import FitProblem
from segments.clv.histories import IntArray, Summary, Unit
from segments.clv.value import CustomerValues, ValueModel, customer_values
from segments.clv.value import fit_value as fit_models
from segments.models import SegmentValue, ValueFit
from segments.scoring import lock_scoring
from segments.value.calibration import TOO_SHORT, KeptCalibration, cut_day
from segments.value.histories import StoreHistories, outcome_after_cut, purchase_histories
from segments.value.pictures import alive_by_silence, value_bands, value_tenths
from segments.value.rounding import to_figures, to_hundredths, to_minor_units

HORIZON_DAYS = 365
STEPS = ("Purchase histories", "Models of orders and spend", "Test on the past", "A value for everybody")


def fit_value(
    *, store: Store, as_of: date | None = None, job: Job | None = None, progress: Progress | None = None
) -> ValueFit:
    """Fits the models to the orders up to a day (default: the store's today) and keeps what follows.

    Everybody's figures are replaced in one transaction at the end, and only rows that differ are written.
    Where there is no model the fit says why, and nobody keeps a figure: yesterday's would be taken for today's.
    Nothing is locked while it computes. A job that already made its fit gets that one.
    """
    progress, clock = progress or Progress(), perf_counter()
    if job and (made := ValueFit.objects.filter(job=job).first()):
        return made
    as_of = as_of or local_today(store.timezone)
    progress.report(done=0, total=len(STEPS), unit="steps", note=STEPS[0])
    first_on = _first_order_on(store)
    cut_on = cut_day(first_on=first_on, as_of=as_of) if first_on else None
    histories = purchase_histories(store, until=as_of, cut_on=cut_on)
    progress.report(done=1, note=STEPS[1])
    summary = histories.summary(Unit.DAY)
    model = fit_models(summary.histories)
    fit = _fit(store, as_of, summary, model)
    fit.job = job
    progress.report(done=2, note=STEPS[2])
    if fit.state != ValueFit.State.FAILED:
        _calibrate(fit, histories if cut_on else None)
    progress.report(done=3, note=STEPS[3])
    values = _rounded(customer_values(model, summary.histories, horizon=HORIZON_DAYS), store.currency)
    _picture(fit, summary, values)
    _keep(fit, summary.customer, values, clock)
    progress.report(done=len(STEPS), note="")
    return fit


def _first_order_on(store: Store) -> date | None:
    counted = Order.objects.filter(store=store, counted=True, customer__isnull=False)
    first_at = counted.aggregate(first_at=Min("placed_at"))["first_at"]
    return local_day(first_at, store.timezone) if first_at else None


def _fit(store: Store, as_of: date, summary: Summary, model: ValueModel) -> ValueFit:
    fit = ValueFit(store=store, as_of=as_of, timezone=store.timezone, horizon_days=HORIZON_DAYS)
    fit.customers, fit.repeat_buyers = summary.histories.customers, summary.histories.repeat_buyers
    if isinstance(model.orders, FitProblem):
        fit.state, fit.problem = ValueFit.State.FAILED, model.orders.sentence
        return fit
    fit.state, fit.order_model = ValueFit.State.FITTED, asdict(model.orders)
    if isinstance(model.spend, FitProblem):
        fit.state, fit.problem = ValueFit.State.ORDERS_ONLY, model.spend.sentence
    else:
        fit.spend_model = asdict(model.spend)
    return fit


def _calibrate(fit: ValueFit, histories: StoreHistories | None) -> None:
    """Tests the models on the past and stores the result, or why there is none, in the fit."""
    if histories is None:
        fit.calibration_problem = TOO_SHORT
        return
    found = compare(
        histories.summary_at_cut(Unit.DAY),
        outcome_after_cut(fit.store, histories),
        calibration_end=histories.cut_on,
        holdout_end=histories.until,
        unit=Unit.DAY,
    )
    if isinstance(found, FitProblem):
        fit.calibration_problem = f"The part of the orders to learn from was too little. {found.sentence}"
    else:
        fit.calibration = KeptCalibration.of(found, fit.store.currency).as_json()


def _rounded(values: CustomerValues, currency: str) -> CustomerValues:
    """The figures as they are kept: money in minor units."""
    minor = 10 ** minor_digits(currency)
    return CustomerValues(
        expected_orders=to_figures(values.expected_orders),
        p_alive=to_hundredths(values.p_alive),
        expected_spend=to_minor_units(values.expected_spend * minor),
        expected_value=to_minor_units(values.expected_value * minor),
    )


def _picture(fit: ValueFit, summary: Summary, values: CustomerValues) -> None:
    """Stores totals and pictures of everybody's figures in the fit."""
    if fit.state == ValueFit.State.FAILED:
        return
    fit.expected_orders = float(values.expected_orders.sum())
    fit.alive = alive_by_silence(summary.histories, values.p_alive)
    fit.likely_active = float(np.nansum(values.p_alive)) if fit.alive else None
    if fit.state == ValueFit.State.FITTED:
        fit.expected_value = round(values.expected_value.sum())
        fit.bands = value_bands(values.expected_value)
        fit.tenths = value_tenths(values.expected_value)


@transaction.atomic
def _keep(fit: ValueFit, customer_id: IntArray, values: CustomerValues, clock: float) -> None:
    lock_scoring(fit.store)  # both write to the rows of the customer list
    known = fit.state != ValueFit.State.FAILED
    _write_values(fit.store, customer_id[: len(customer_id) if known else 0], values)
    fit.seconds = perf_counter() - clock
    fit.save()
    # A page shows the newest fit alone; of older ones the models and their totals are kept.
    ValueFit.objects.filter(store=fit.store, id__lt=fit.pk).exclude(
        calibration={}, bands=[], alive=[]
    ).update(calibration={}, bands=[], tenths=[], alive=[])
    if known:
        SegmentValue.objects.bulk_create(
            SegmentValue(
                fit=fit,
                segment_id=row.segment_id,
                customers=row.customers,
                expected_orders=row.expected_orders,
                expected_value=row.expected_value,
            )
            for row in sql.rows("segments", "value_by_segment", {"store_id": fit.store_id})
        )


def _write_values(store: Store, customer_id: IntArray, values: CustomerValues) -> None:
    kind, rows = "double precision", slice(len(customer_id))
    sql.execute("segments", "value_staging")
    write_columns(
        sql.statement("segments", "copy_values"),
        {
            "customer_id": ("bigint", customer_id),
            "expected_orders": (kind, values.expected_orders[rows]),
            "p_alive": (kind, values.p_alive[rows]),
            "expected_spend": (kind, values.expected_spend[rows]),
            "expected_value": (kind, values.expected_value[rows]),
        },
    )
    sql.one("segments", "merge_values", {"store_id": store.pk})
