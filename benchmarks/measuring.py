"""Measuring side by side: what is compared takes turns in one run, and medians and ratios are kept."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psutil
from django.db import connection


@dataclass(frozen=True)
class Cost:
    """What one run took: wall seconds, and bytes of write-ahead log."""

    seconds: float
    wal: int


def costing(work: Callable[[], object]) -> Cost:
    """Runs the work and tells what it took."""
    before, clock = _wal(), time.perf_counter()
    work()
    seconds = time.perf_counter() - clock
    return Cost(seconds, _wal() - before)


def in_turns(
    contestants: Mapping[str, Callable[[], object]],
    *,
    runs: int,
    prepare: Callable[[], object] = lambda: None,
) -> dict[str, list[Cost]]:
    """A B C A B C ...: each contestant `runs` times, `prepare` (not counted) before each."""
    costs: dict[str, list[Cost]] = {name: [] for name in contestants}
    for _ in range(runs):
        for name, work in contestants.items():
            prepare()
            costs[name].append(costing(work))
    return costs


def seconds(costs: list[Cost]) -> float:
    """The median of the seconds."""
    return statistics.median(cost.seconds for cost in costs)


def wal(costs: list[Cost]) -> float:
    """The median of the bytes of write-ahead log."""
    return statistics.median(cost.wal for cost in costs)


def percentile_95(values: list[float]) -> float:
    """The nearest-rank 95th percentile."""
    return sorted(values)[max(0, -(-len(values) * 95 // 100) - 1)]


def spread(costs: list[Cost]) -> dict[str, float]:
    """Median, least and most seconds, and the median of the log in megabytes, for the record."""
    times = [cost.seconds for cost in costs]
    return {
        "median_s": round(statistics.median(times), 3),
        "min_s": round(min(times), 3),
        "max_s": round(max(times), 3),
        "wal_mb": round(wal(costs) / 1e6, 3),
    }


def machine() -> dict[str, object]:
    """Facts about the machine, without which the figures mean little."""
    with connection.cursor() as cursor:
        cursor.execute("select version(), current_setting('shared_buffers'), current_setting('fsync')")
        version, buffers, fsync = cursor.fetchone()
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9),
        "load_at_start": [round(load, 1) for load in os.getloadavg()],
        "postgresql": version.split(" on ")[0],
        "shared_buffers": buffers,
        "fsync": fsync,
    }


def _wal() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')")
        return int(cursor.fetchone()[0])


@contextmanager
def queries_timed() -> Iterator[list[float]]:
    """Milliseconds of each query, as the client waits for it."""
    taken: list[float] = []

    def timed(execute: Any, sql: str, parameters: Any, many: bool, context: dict[str, Any]) -> Any:
        clock = time.perf_counter()
        try:
            return execute(sql, parameters, many, context)
        finally:
            taken.append(1000 * (time.perf_counter() - clock))

    with connection.execute_wrapper(timed):
        yield taken
