"""The value page and the calibration page: what they show of a store's newest fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import Store
from lib.charts import Chart
from lib.money import format_money, to_decimal
from lib.wording import NOTHING, day_text, number_text, percent_text
from segments.addresses import customers_url, segment_url
from segments.clv.calibration import Comparison
from segments.models import CustomerValue, ValueFit
from segments.value import charts, findings, queries
from segments.value.calibrated_people import calibrated_url
from segments.value.calibration import KeptCalibration
from segments.value.pictures import Row
from segments.value.queries import OLD_AFTER_DAYS

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

    @property
    def age_sentence(self) -> str:
        return f"These figures are {number_text(self.age_days)} days old."

    @property
    def horizon_note(self) -> str:
        return f"in the {self.fit.horizon_days} days after {day_text(self.fit.as_of)}"

    @property
    def active_note(self) -> str:
        return f"of {number_text(self.fit.repeat_buyers)} who came back at least once"

    @property
    def tested_note(self) -> str:
        """What was tested; or that nothing was."""
        if self.calibration is None:
            return "not tested yet"
        what = "revenue" if self.calibration.revenue else "orders"
        return f"{what} since {day_text(self.calibration.calibration_end)}"

    @property
    def tested(self) -> str:
        """How far off the last test was; a dash where there is none."""
        return error_text(self.calibration.headline if self.calibration else None)


@dataclass(frozen=True)
class CalibrationPage:
    """What the calibration page shows. Money in minor units."""

    fit: ValueFit
    kept: KeptCalibration
    finding: str
    trust: str
    charts: Sequence[Chart]

    @property
    def weekly(self) -> str:
        return percent_text(self.kept.weekly_error)

    @property
    def orders(self) -> str:
        return error_text(self.kept.orders)

    @property
    def orders_note(self) -> str:
        expected, came = self.kept.orders.expected, self.kept.orders.actual
        return f"{number_text(round(expected))} expected, {number_text(round(came))} came"

    @property
    def revenue(self) -> str:
        return error_text(self.kept.revenue)

    @property
    def revenue_note(self) -> str:
        side, currency = self.kept.revenue, self.fit.store.currency
        if side is None:
            return ""
        expected, came = (format_money(round(total), currency) for total in (side.expected, side.actual))
        return f"{expected} expected, {came} came"


def error_text(side: Comparison | None) -> str:
    """How far an expected total was off: 8% too high; a dash where there is nothing to compare."""
    if side is None or side.error is None:
        return NOTHING
    return findings.off_text(side.error)


def value_page(store: Store, fit: ValueFit) -> ValuePage:
    """The figures of a fit that succeeded. Three queries."""
    rows = queries.value_by_segment(store, fit)
    kept = KeptCalibration.kept(fit.calibration)
    return ValuePage(
        fit=fit,
        age_days=queries.age_in_days(store, fit),
        finding=findings.value_finding(fit),
        segments=charts.segment_values(
            rows,
            currency=store.currency,
            horizon_days=fit.horizon_days,
            link=lambda segment: segment_url(store, segment),
        )
        if rows
        else None,
        bands=charts.value_distribution(
            fit.bands,
            fit.tenths,
            currency=store.currency,
            horizon_days=fit.horizon_days,
            link=lambda band: _band_url(store, band),
        )
        if fit.bands
        else None,
        alive=charts.alive_chart(fit.alive) if fit.alive else None,
        people=list(queries.most_valuable(store)[:MOST_VALUABLE_SHOWN]),
        calibration=kept,
        trust=findings.trust_sentence(kept) if kept else fit.calibration_problem,
    )


def _band_url(store: Store, band: Row) -> str:
    """The customers of whom so much is expected."""
    bounds = {"value_from": band["from"], "value_to": band["below"] - 1 if band["below"] else None}
    texts = {
        name: str(to_decimal(int(minor), store.currency))
        for name, minor in bounds.items()
        if minor is not None
    }
    return customers_url(store, **texts, sort="-value")


def calibration_page(store: Store, fit: ValueFit) -> CalibrationPage | None:
    """The fit's test on the past; None where there is none. No query."""
    kept = KeptCalibration.kept(fit.calibration)
    if kept is None:
        return None
    return CalibrationPage(
        fit=fit,
        kept=kept,
        finding=findings.calibration_finding(kept),
        trust=findings.trust_sentence(kept),
        charts=(
            charts.weeks_chart(kept),
            charts.groups_chart(kept, link=lambda group: calibrated_url(store, group)),
        ),
    )
