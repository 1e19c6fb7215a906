"""Makes the tables that the retention pages read (segments.retention.models) from the orders and the statistics.

They are replaced in one transaction: until it ends everybody reads the previous ones, and a killed job leaves these.
Made twice from the same orders they are the same.
"""

from __future__ import annotations

from datetime import date
from time import perf_counter

from django.db import models, transaction
from django.utils.timezone import now

from accounts.models import Store
from jobs.progress import Progress
from lib import sql
from lib.periods import add_months, local_today, month_start, start_of_next_day
from segments.queries import latest_refresh
from segments.retention.models import (
    CohortMonth,
    ConcentrationStep,
    DeliveryReturn,
    GapSummary,
    LapseMonth,
    OrderGap,
    RetentionState,
    SecondOrderDay,
    SecondOrderWindow,
)
from segments.schemes.versions import current_scheme
from segments.stats import WORK_MEM

STEPS = ("First orders", "Cohorts", "Second orders", "Concentration", "Time between orders", "Deliveries")
WINDOWS = (30, 60, 90, 180)  # days from the first order
RETURN_DAYS = 90  # from the day of delivery
LAPSES_KEPT = 13  # months whose lapses are kept by customer: a year, and the month still running
VALUES_KEPT = 8  # of a facet; what a page can tell apart

_TABLES: tuple[type[models.Model], ...] = (
    CohortMonth,
    SecondOrderDay,
    SecondOrderWindow,
    ConcentrationStep,
    OrderGap,
    GapSummary,
    LapseMonth,
    DeliveryReturn,
)
# By step; each statement's own file says what it makes.
_STATEMENTS = (
    ("retention_customers",),
    ("roll_up_cohorts",),
    ("roll_up_second_days", "roll_up_second_windows"),
    ("roll_up_concentration",),
    ("retention_orders", "roll_up_gaps", "sum_up_gaps"),
    ("roll_up_delivery_returns",),
)


@transaction.atomic
def refresh_retention(
    *, store: Store, as_of: date | None = None, progress: Progress | None = None
) -> RetentionState:
    """Replaces the store's retention tables by those as of a day (default: of its latest refresh).

    The concentration follows from the statistics, and so from the latest refresh; the rest from the orders. Two at
    once wait for each other. `progress` hears of each of STEPS.
    """
    progress = progress or Progress()
    clock = perf_counter()
    state = _locked_state(store)
    state.as_of = as_of or _day_of_refresh(store)
    state.timezone, state.window_months = store.timezone, current_scheme(store).window_months
    for table in _TABLES:
        table._default_manager.filter(store=store).delete()
    parameters = _parameters(state)
    with sql.planner(work_mem=WORK_MEM):
        for done, (step, names) in enumerate(zip(STEPS, _STATEMENTS, strict=True)):
            progress.report(done=done, total=len(STEPS), unit="steps", note=step)
            for name in names:
                sql.execute("segments", name, parameters)
        _sum_up(state, parameters)
    state.refreshed_at, state.seconds = now(), perf_counter() - clock
    state.save()
    progress.report(done=len(STEPS), note="")
    return state


def _sum_up(state: RetentionState, parameters: dict[str, object]) -> None:
    """What is known of the whole store, and the lapses, which are measured by it."""
    store = state.store_id
    cohorts = CohortMonth.objects.filter(store=store, facet=CohortMonth.Facet.ALL, age=0)
    state.customers = cohorts.aggregate(people=models.Sum("customers"))["people"] or 0
    losses = sql.one("segments", "retention_losses", parameters)
    state.in_the_red, state.loss = losses.customers, losses.net
    gaps = GapSummary.objects.filter(store=store, number=0).first()
    state.median_gap, state.long_gap = (gaps.median, gaps.long) if gaps else (None, None)
    limits = {"median_gap": state.median_gap, "long_gap": state.long_gap}
    sql.execute("segments", "retention_lapses", {**parameters, **limits})
    sql.execute("segments", "roll_up_lapses", parameters)
    since = add_months(month_start(state.as_of), 1 - LAPSES_KEPT)
    sql.execute("segments", "keep_lapses", {**parameters, "since": since})


def _locked_state(store: Store) -> RetentionState:
    RetentionState.objects.get_or_create(
        store=store, defaults={"as_of": local_today(store.timezone), "timezone": store.timezone}
    )
    return RetentionState.objects.select_for_update().get(store=store)


def _day_of_refresh(store: Store) -> date:
    refresh = latest_refresh(store)
    return refresh.as_of if refresh else local_today(store.timezone)


def _parameters(state: RetentionState) -> dict[str, object]:
    return {
        "store_id": state.store_id,
        "as_of": state.as_of,
        "timezone": state.timezone,
        "until": start_of_next_day(state.as_of, state.timezone),
        "windows": list(WINDOWS),
        "longest": WINDOWS[-1],
        "values_kept": VALUES_KEPT,
        "return_days": RETURN_DAYS,
    }
