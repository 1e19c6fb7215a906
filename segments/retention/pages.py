"""The retention page: what it shows of a store's tables, as its address asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from urllib.parse import urlencode

from accounts.models import Store
from lib.charts import Chart
from lib.money import to_decimal
from lib.numbers import number_among
from lib.periods import add_months, month_start, months_between
from lib.wording import number_text
from segments.addresses import customers_url
from segments.models import CohortMonth, ConcentrationStep, RetentionState
from segments.people import Choice
from segments.retention import charts, findings, queries
from segments.retention.naming import value_key, value_label, value_of
from segments.retention.people_addresses import cohort_url, second_url
from segments.retention.queries import MEASURES, Measure, SecondOrders

MONTHS = (12, 24)
LONGEST_AGO = 24  # months from the newest customers to the day looked at
CURVE_OPENS = 90  # days: the window whose people a cohort's curve opens
CURVES = 12  # cohorts that the second-order chart shows
VIP_PERCENT = 10


@dataclass(frozen=True)
class Opening:
    """A list behind a figure: the words of its button, and its address."""

    label: str
    url: str


@dataclass(frozen=True)
class Asked:
    """What the address asks of the triangle; unknown values mean the default."""

    measure: Measure = "customers"
    show: Literal["share", "amount"] = "share"
    facet: CohortMonth.Facet = CohortMonth.Facet.ALL
    value: str = ""
    months: int = 12

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Asked:
        measure, facet = query.get("measure"), query.get("facet")
        return cls(
            measure=measure if measure in MEASURES else "customers",
            show="amount" if query.get("show") == "amount" else "share",
            facet=CohortMonth.Facet(facet) if facet in CohortMonth.Facet.values else CohortMonth.Facet.ALL,
            value=query.get("value", ""),
            months=number_among(query.get("months"), MONTHS, otherwise=MONTHS[0]),
        )

    def query(self, **changes: object) -> str:
        """The address's query with some answers changed."""
        return urlencode({**self.__dict__, **changes})

    def choices(self, name: str, options: Iterable[tuple[str, object]], **changes: object) -> list[Choice]:
        """The choices for one parameter, by label and value; `changes` are parameters that each choice changes as
        well.
        """
        chosen = getattr(self, name)
        return [
            Choice(label, self.query(**{name: option, **changes}), option == chosen)
            for label, option in options
        ]


@dataclass(frozen=True)
class RetentionPage:
    """What the retention page shows. Charts are None where there is nothing to draw."""

    finding: str
    measures: Sequence[Choice]
    shows: Sequence[Choice]
    spans: Sequence[Choice]
    facets: Sequence[Choice]
    values: Sequence[Choice]
    triangle: Chart | None
    no_triangle: str
    windows: Sequence[tuple[SecondOrders, str]]
    second_orders: Chart
    concentration: Chart | None
    losses: str
    vip: Opening | None


def retention_page(store: Store, state: RetentionState, query: Mapping[str, str]) -> RetentionPage:
    """The page of tables that have customers in them. At most eight queries."""
    asked = Asked.of(query)
    values = [] if asked.facet == CohortMonth.Facet.ALL else queries.facet_values(store, asked.facet)
    value = value_of(asked.value, values)
    windows = queries.second_orders(store)
    steps = queries.concentration(store)
    newest_customers = queries.newest_cohort(store)
    newest = _newest_shown(newest_customers, state)
    since = add_months(newest, 1 - asked.months)
    triangle = _triangle(store, state, asked, value, since)
    return RetentionPage(
        finding=f"{findings.concentration_finding(steps)}." if steps else "",
        measures=asked.choices("measure", ((name.capitalize(), name) for name in MEASURES)),
        shows=asked.choices("show", (("Share", "share"), ("Amount", "amount"))),
        spans=asked.choices("months", ((f"{months} months", months) for months in MONTHS)),
        facets=asked.choices("facet", ((facet.label, facet.value) for facet in CohortMonth.Facet), value=""),
        values=[
            Choice(value_label(one.value), asked.query(value=value_key(one.value)), one.value == value)
            for one in values
        ],
        triangle=triangle,
        no_triangle="" if triangle else findings.no_cohorts_text(newest_customers, since=since),
        windows=[(window, second_url(store, window.days)) for window in windows],
        second_orders=_second_orders(store, state, windows, newest),
        concentration=_concentration(store, state, steps),
        losses=findings.losses_sentence(state, store.currency),
        vip=_vip(store, steps),
    )


def _newest_shown(newest: date | None, state: RetentionState) -> date:
    """The month of the last cohort shown: that of the newest customers, or, if they came so long ago that the months
    since wouldn't fit side by side, that of the tables' day.
    """
    last = month_start(state.as_of)
    return newest if newest and months_between(newest, last) <= LONGEST_AGO else last


def _triangle(
    store: Store, state: RetentionState, asked: Asked, value: str | None, since: date
) -> Chart | None:
    cohorts = queries.cohorts(
        store, state.as_of, facet=asked.facet, value=value, measure=asked.measure, since=since
    )
    as_share = asked.show == "share"
    if not cohorts or (as_share and len(cohorts[0].amounts) < 2):
        return None
    named = value_label(value) if asked.facet != CohortMonth.Facet.ALL else ""
    return charts.cohort_triangle(
        cohorts,
        measure=asked.measure,
        as_share=as_share,
        whom=f"{asked.facet.label.lower()}: {named}" if named else "all customers",
        currency=store.currency,
        link=lambda month, age: cohort_url(store, month, age, asked.facet, value),
    )


def _second_orders(
    store: Store, state: RetentionState, windows: Sequence[SecondOrders], newest: date
) -> Chart:
    since = add_months(newest, -CURVES)
    cohorts = queries.cohorts(
        store, state.as_of, facet=CohortMonth.Facet.ALL, value="", measure="customers", since=since
    )
    sizes = {cohort.month: cohort.customers for cohort in cohorts}
    return charts.second_order_curves(
        queries.return_curves(store, state.as_of, sizes),
        windows,
        queries.second_orders_by_cohort(store, since=since),
        link=lambda month: second_url(store, CURVE_OPENS, month),
    )


def _concentration(store: Store, state: RetentionState, steps: Sequence[ConcentrationStep]) -> Chart | None:
    if not steps:
        return None
    period = f"the last {state.window_months} months" if state.window_months else "all orders so far"
    return charts.concentration_curve(
        steps,
        currency=store.currency,
        period=period,
        link=lambda step: _best_url(store, step),
    )


def _vip(store: Store, steps: Sequence[ConcentrationStep]) -> Opening | None:
    """The list behind the curve's first tenth; those who spent as much as the last of them are in it too."""
    if not steps:
        return None
    step = steps[VIP_PERCENT - 1]
    one, many = "Open the best customer", f"Open these {number_text(step.customers)} customers"
    return Opening(one if step.customers == 1 else many, _best_url(store, step))


def _best_url(store: Store, step: ConcentrationStep) -> str:
    """Who spent at least as much as the last customer up to the step."""
    return customers_url(store, spent_from=str(to_decimal(step.least, store.currency)), sort="-spent")
