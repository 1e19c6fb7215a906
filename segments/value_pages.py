"""The value page and the calibration page: what they show of a store's newest fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import Store
from lib.charts import Chart
from segments import value_charts, value_findings, value_queries
from segments.addresses import segment_url
from segments.models import CustomerValue, ValueFit
from segments.value_calibration import KeptCalibration
from segments.value_queries import OLD_AFTER_DAYS

MOST_VALUABLE_SHOWN = 20


@dataclass(frozen=True)
class ValuePage:
    """What the value page shows of a fit that succeeded. Money in minor units.

    `alive` None: the orders show nobody leaving, so that nobody has a P(alive).
    """

    fit: ValueFit
    age_days: int
    finding: str
    segments: Chart | None
    bands: Chart | None
    alive: Chart | None
    people: Sequence[CustomerValue]
    calibration: KeptCalibration | None
    trust: str

    @property
    def is_old(self) -> bool:
        return self.age_days > OLD_AFTER_DAYS


@dataclass(frozen=True)
class CalibrationPage:
    """What the calibration page shows. Money in minor units."""

    fit: ValueFit
    age_days: int
    kept: KeptCalibration
    finding: str
    trust: str
    charts: Sequence[Chart]


def value_page(store: Store, fit: ValueFit) -> ValuePage:
    """The figures of a fit that succeeded. Three queries."""
    rows = value_queries.value_by_segment(store, fit)
    kept = value_queries.kept_calibration(fit)
    return ValuePage(
        fit=fit,
        age_days=value_queries.age_in_days(store, fit),
        finding=value_findings.value_finding(fit),
        segments=value_charts.segment_values(
            rows,
            currency=store.currency,
            horizon_days=fit.horizon_days,
            link=lambda segment: segment_url(store, segment),
        )
        if rows
        else None,
        bands=value_charts.value_distribution(
            fit.bands, fit.tenths, currency=store.currency, horizon_days=fit.horizon_days
        )
        if fit.bands
        else None,
        alive=value_charts.alive_chart(fit.alive) if fit.alive else None,
        people=value_queries.most_valuable(store)[:MOST_VALUABLE_SHOWN],
        calibration=kept,
        trust=value_findings.trust_sentence(kept) if kept else fit.calibration_problem,
    )


def calibration_page(store: Store, fit: ValueFit) -> CalibrationPage | None:
    """The fit's test on the past; None where there is none. No query."""
    kept = value_queries.kept_calibration(fit)
    if kept is None:
        return None
    return CalibrationPage(
        fit=fit,
        age_days=value_queries.age_in_days(store, fit),
        kept=kept,
        finding=value_findings.calibration_finding(kept),
        trust=value_findings.trust_sentence(kept),
        charts=(value_charts.weeks_chart(kept), value_charts.groups_chart(kept)),
    )
