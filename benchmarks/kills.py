"""Imports killed by kill -9 at random points, and started again: nothing may be lost or duplicated.

Points are numbers of rows, seen from outside: those the import has committed, and those of its COPY under way.
"""

from __future__ import annotations

import csv
import random
import signal
import subprocess
from collections import Counter
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

from django.db import connection

from accounts.models import Store
from benchmarks.goals import Findings, Goal
from benchmarks.imports import (
    RETAIL,
    command_line,
    empty_store,
    environment,
    files_folder,
    import_file,
    retail_file,
)
from orders.models import Import

KILLS = 20
PENNY = Decimal("0.01")
Orders = dict[str, tuple[int, int]]  # lines and pence, by invoice

_PROGRESS = """
select
    coalesce((select rows from orders_import where store_id = %s and id > %s order by id desc limit 1), 0)
    + coalesce((
        select sum(tuples_processed) from pg_stat_progress_copy
        where datname = current_database() and relid = 'orders_orderline'::regclass
    ), 0)
"""
_STORED = """
select external_id, count(position), total
from orders_order left join orders_orderline on order_id = orders_order.id
where store_id = %s
group by external_id, total
"""


def measure(orders: int) -> Findings:
    """Online Retail, killed at KILLS points of its rows one after another, then let through."""
    found = Findings()
    if not RETAIL.exists():
        found.record["killed"] = f"skipped: {RETAIL.name} is not there"
        return found
    file = retail_file(files_folder())
    expected = _orders_of(file)
    store = empty_store("bench-kills")
    seed = random.randrange(1_000_000)
    rows = sum(lines for lines, _pence in expected.values())
    points = sorted(random.Random(seed).sample(range(1, rows), KILLS))
    killed = [_killed(store, file, point) for point in points]
    before = len(_stored(store))
    told = import_file(store, file)
    stored = _stored(store)
    wrong = {key for key in expected if stored.get(key) != expected[key]} | (stored.keys() - expected.keys())
    found.record["killed"] = {
        "seed": seed,
        "points": points,
        "killed": sum(killed),
        "orders_before_the_last": before,
    }
    found.goals += [
        Goal(
            "Online Retail: kill -9 while it was being imported", sum(killed), KILLS, "times", at_most=False
        ),
        Goal(
            "Online Retail, killed and started again: orders lost, doubled or wrong", len(wrong), 0, "orders"
        ),
    ]
    if wrong:
        found.wrong.append(f"killed imports (seed {seed}): {len(wrong)} orders, such as {sorted(wrong)[:5]}")
    if told["created"] != len(expected) - before or told["unchanged"] != before or told["rejected"]:
        found.wrong.append(f"killed imports (seed {seed}): {before} orders were there, then {told}")
    empty_store("bench-kills")
    return found


def _killed(store: Store, file: Path, point: int) -> bool:
    """Starts the import and kills it as soon as this many rows are seen; False if it ended before."""
    command = command_line("import_orders", store.slug, str(file), "--json")
    last = Import.objects.order_by("-id").values_list("id", flat=True).first() or 0
    with subprocess.Popen(command, env=environment(), stdout=subprocess.DEVNULL) as process:
        while process.poll() is None and _progress(store, last) < point:
            pass
        process.send_signal(signal.SIGKILL)
    return process.returncode == -signal.SIGKILL


def _progress(store: Store, after: int) -> int:
    """Rows that the import begun after another one has dealt with."""
    with connection.cursor() as cursor:
        cursor.execute(_PROGRESS, [store.pk, after])
        return int(cursor.fetchone()[0])


def _stored(store: Store) -> Orders:
    with connection.cursor() as cursor:
        cursor.execute(_STORED, [store.pk])
        return {external_id: (lines, total) for external_id, lines, total in cursor.fetchall()}


def _orders_of(file: Path) -> Orders:
    """What the file says, read in the plainest way; sums are exact and rounded once, credit notes negative."""
    lines: Counter[str] = Counter()
    sums: dict[str, Decimal] = {}
    with file.open(encoding="utf-8", newline="") as text:
        for row in csv.DictReader(text):
            key = row["InvoiceNo"]
            lines[key] += 1
            sums[key] = sums.get(key, Decimal(0)) + Decimal(row["Quantity"]) * Decimal(row["UnitPrice"])
    pence = {key: int(total.quantize(PENNY, ROUND_HALF_EVEN) * 100) for key, total in sums.items()}
    return {key: (lines[key], -abs(pence[key]) if key.startswith("C") else pence[key]) for key in lines}
