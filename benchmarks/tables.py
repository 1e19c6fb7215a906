"""What follows a refresh at night: the tables of retention, value, cadence, grading and reasons, each timed on two nights.

The shop is the one of the refreshes, with a tenth as many customers as orders: a million at ten million orders.
"""

from __future__ import annotations

from datetime import date, timedelta

from accounts.models import Store
from benchmarks.goals import Findings, Goal
from benchmarks.measuring import Cost, costing, spread
from benchmarks.shop import bench_store, change_customers
from jobs.settling import settle_tables
from segments.clv.histories import Histories, Unit
from segments.clv.value import fit_value as fit_models
from segments.customers.cadence import refresh_cadence
from segments.grading.grades import grade_store
from segments.history.decomposition import explain_outstanding
from segments.queries import latest_refresh
from segments.retention.tables import refresh_retention
from segments.scoring import refresh_store
from segments.value.fitting import fit_value
from segments.value.histories import purchase_histories

CHANGED = 0.01


def measure(orders: int) -> Findings:
    """Two nights in turn with 1% changed: the first makes every table, the second brings them up to date."""
    store = bench_store(orders)
    nights = [_night(store), _night(store)]
    found = Findings(
        record={
            name: {"first": spread([nights[0][name]]), "next": spread([nights[1][name]])}
            for name in nights[0]
        }
    )
    for name, what in (
        ("value models", "fit of the value models to everybody's histories"),
        ("value fit", "the same with the test on the past, and everybody's value written"),
    ):
        found.goals.append(Goal(what, max(night[name].seconds for night in nights), 60, "s"))
    return found


def _night(store: Store) -> dict[str, Cost]:
    refresh = latest_refresh(store)
    assert refresh is not None, "the refreshes are measured before"
    day = refresh.as_of + timedelta(days=1)
    change_customers(store, CHANGED, day)
    refresh_store(store=store, as_of=day)
    return {
        "reasons of the moves": costing(lambda: explain_outstanding(store)),
        "retention": costing(lambda: refresh_retention(store=store)),
        "value models": costing(lambda: fit_models(_histories(store, day))),
        "value fit": costing(lambda: fit_value(store=store, as_of=day)),
        "cadence": costing(lambda: refresh_cadence(store=store, as_of=day)),
        "grading": costing(lambda: grade_store(store=store)),
        "tables settled": costing(settle_tables),
    }


def _histories(store: Store, day: date) -> Histories:
    return purchase_histories(store, until=day).summary(Unit.DAY).histories
