"""Refreshes: a rebuild beside pandas, polars and DuckDB; a night beside a rebuild; incremental beside scratch.

A rebuild computes every customer from the orders and writes the rows that differ. The first refresh of a shop
writes all rows, their indexes, and everybody's arrival; it is told beside the rebuild.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
from django.db import connection

from accounts.models import Store
from benchmarks import peers
from benchmarks.goals import Findings, Goal
from benchmarks.measuring import Cost, costing, in_turns, seconds, spread, wal
from benchmarks.shop import AS_OF, bench_store, change_customers, customers, forget_scores
from jobs.settling import settle_tables
from segments.schemes.versions import current_scheme
from segments.scoring import refresh_store

RUNS = 3


def measure(orders: int) -> Findings:
    store = bench_store(orders)
    found = Findings(record={"customers": customers(store)})
    _beside_peers(store, found)
    _nights(store, found)
    return found


def _scratch(store: Store, day: date) -> Callable[[], object]:
    def work() -> object:
        return refresh_store(store=store, as_of=day, rebuild=True)

    return work


def _beside_peers(store: Store, found: Findings) -> None:
    scheme = current_scheme(store)
    others = peers.contestants(store, np.ravel(scheme.cube()).tolist(), scheme.bins)
    first = in_turns({"regulars": _scratch(store, AS_OF)}, runs=RUNS, prepare=forget_scores)["regulars"]
    settled = costing(settle_tables)  # as its job does once it is finished
    costs = in_turns(
        {"regulars": _scratch(store, AS_OF), **others},
        runs=RUNS,
        prepare=lambda: change_customers(store, 0.01, AS_OF),
    )
    refresh_store(store=store, as_of=AS_OF)
    for name, work in others.items():
        work()
        if differing := peers.differing(name, store):
            found.wrong.append(f"{differing} customers are scored otherwise by {name}")
    peers.forget_results()
    best = min(others, key=lambda name: seconds(costs[name]))
    found.record["rebuild"] = {name: spread(cost) for name, cost in costs.items()} | {
        "best_peer": best,
        "first_refresh": spread(first),
        "tables_settled_after_it": spread([settled]),
    }
    beside = f"against {best}, the best of pandas, polars and DuckDB"
    for name, ours in (
        ("rebuild", costs["regulars"]),
        ("first refresh of an empty shop, moves and indexes too,", first),
    ):
        found.goals.append(Goal(f"{name} {beside}", seconds(costs[best]) / seconds(ours), 1.6, at_most=False))


def _nights(store: Store, found: Findings) -> None:
    """Nights in turns: 1% changed, nothing changed, everything anew; each on a later day than the one before."""
    day, changed, quiet, rebuilt, scratch = AS_OF, [], [], [], []
    for _ in range(RUNS):
        # The first to read what was written also marks it as read, in the log: a night after an ordinary one doesn't.
        refresh_store(store=store, as_of=day)
        day += timedelta(days=1)
        change_customers(store, 0.01, day)
        changed.append(costing(lambda day=day: refresh_store(store=store, as_of=day)))
        refresh_store(store=store, as_of=day)
        quiet.append(costing(lambda day=day: refresh_store(store=store, as_of=day)))
        kept = _statistics(store)
        day += timedelta(days=1)
        change_customers(store, 0.01, day)
        rebuilt.append(costing(lambda day=day: refresh_store(store=store, as_of=day, rebuild=True)))
        after_rebuild = _statistics(store)
        forget_scores()
        scratch.append(costing(lambda day=day: refresh_store(store=store, as_of=day, rebuild=True)))
        settle_tables()
        if after_rebuild != _statistics(store) or kept == after_rebuild:
            found.wrong.append("a rebuild and a refresh from scratch differ")
    day += timedelta(days=1)
    change_customers(store, 0.01, day)
    refresh_store(store=store, as_of=day)
    incremental = _statistics(store)
    forget_scores()
    refresh_store(store=store, as_of=day, rebuild=True)
    differing = 0 if incremental == _statistics(store) else 1
    if differing:
        found.wrong.append("the incremental refresh and one from scratch differ")
    found.record["nights"] = {
        "one_percent_changed": spread(changed),
        "nothing_changed": spread(quiet),
        "rebuild_after_one_percent": spread(rebuilt),
        "from_scratch": spread(scratch),
    }
    found.goals += [
        _ratio("night with 1% changed against a rebuild: time", changed, rebuilt, 0.33),
        _ratio("night with 1% changed against a refresh from scratch: time", changed, scratch, 0.33),
        Goal("night with 1% changed against a refresh from scratch: WAL", wal(changed) / wal(scratch), 0.10),
        Goal("night with nothing changed: WAL", wal(quiet) / 1e6, 0.1, "MB"),
        Goal("incremental against scratch: differing fingerprints", differing, 0, "rows"),
    ]


def _ratio(name: str, one: list[Cost], other: list[Cost], target: float) -> Goal:
    return Goal(name, seconds(one) / seconds(other), target)


def _statistics(store: Store) -> tuple[int, str]:
    """Count and fingerprint of all statistics and scores: equal only where every row is."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select count(*), coalesce(sum(hashtextextended(row(customer_id, frequency, monetary, last_on,
                lifetime_orders, lifetime_net, first_on, second_on, r, f, m, segment_id)::text, 0)::numeric), 0)::text
            from segments_customerstats where store_id = %s""",
            [store.pk],
        )
        count, fingerprint = cursor.fetchone()
        return int(count), str(fingerprint)
