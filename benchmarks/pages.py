"""Pages of a large shop, warm, as the server sees them: milliseconds a request, queries, the slowest query."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

from django.db import connection
from django.test import Client

from accounts.models import Role, Store, StoreRole, User
from benchmarks.goals import Findings, Goal
from benchmarks.measuring import percentile_95
from benchmarks.shop import AS_OF, bench_store
from lib.keyset import Cursor, encode
from segments.models import CustomerStats, Refresh
from segments.retention.tables import refresh_retention
from segments.scoring import refresh_store

REQUESTS = 40


def measure(orders: int) -> Findings:
    store = bench_store(orders)
    if not Refresh.objects.filter(store=store, finished_at__isnull=False).exists():
        refresh_store(store=store, as_of=AS_OF)
    refresh_retention(store=store)
    client = Client()
    client.force_login(_person(store))
    found = Findings()
    table: dict[str, dict[str, float]] = {}
    for name, path in _paths(store):
        table[name] = _timed(client, f"/s/{store.slug}/{path}")
    found.record = dict(table)
    dashboards = {name: row for name, row in table.items() if not name.startswith(("customers", "orders"))}
    slowest = max(dashboards, key=lambda name: dashboards[name]["p95_ms"])
    heaviest = max(dashboards, key=lambda name: dashboards[name]["slowest_query_p95_ms"])
    lists = {name: row for name, row in table.items() if name.startswith(("customers", "orders"))}
    deepest = max(lists, key=lambda name: lists[name]["slowest_query_p95_ms"])
    found.goals += [
        Goal(
            f"dashboard page, server side, p95 (slowest: {slowest})", dashboards[slowest]["p95_ms"], 50, "ms"
        ),
        Goal(
            f"dashboard query, p95 (slowest on: {heaviest})",
            dashboards[heaviest]["slowest_query_p95_ms"],
            5,
            "ms",
        ),
        Goal(
            f"list query at any depth, p95 (slowest: {deepest})",
            lists[deepest]["slowest_query_p95_ms"],
            5,
            "ms",
        ),
    ]
    return found


def _person(store: Store) -> User:
    user = User.objects.filter(email="bench@example.com").first() or User.objects.create_user(
        "bench@example.com"
    )
    StoreRole.objects.update_or_create(store=store, user=user, defaults={"role": Role.ADMIN})
    return user


def _paths(store: Store) -> Iterator[tuple[str, str]]:
    yield "today", ""
    yield "segments", "segments/"
    yield "moves", "segments/moves/"
    yield "one segment", "segments/champions/"
    yield "value", "segments/value/"
    yield "who comes back", "segments/retention/"
    yield "who comes back, by channel", "segments/retention/?facet=channel&months=24"
    yield "rhythm", "segments/retention/rhythm/"
    yield "delivery", "orders/delivery/"
    yield "payments", "orders/payments/"
    yield "guests", "orders/guests/"
    yield "imports", "imports/"
    richest = CustomerStats.objects.filter(store=store).order_by("-monetary", "-customer_id")
    yield "one customer", f"customers/{richest[0].customer_id}/"
    yield "customers", "customers/"
    yield "customers of a segment", "customers/?segment=at-risk"
    yield "customers whose e-mail begins", "customers/?q=c123"
    count = richest.count()
    for depth in (min(1_000, count // 3), min(50_000, count // 2)):
        row = richest[depth]
        yield (
            f"customers, {depth:,} down",
            f"customers/?page={encode(Cursor((row.monetary, row.customer_id)))}",
        )
    yield "orders", "orders/"


def _timed(client: Client, path: str) -> dict[str, float]:
    for _ in range(3):
        response = client.get(path)
        assert response.status_code == 200, f"{path}: {response.status_code}"
    times, slowest, queries = [], [], 0
    for _ in range(REQUESTS):
        with _queries_timed() as taken:
            clock = perf_counter()
            client.get(path)
            times.append(1000 * (perf_counter() - clock))
        slowest.append(max(taken))
        queries = len(taken)
    return {
        "p95_ms": round(percentile_95(times), 1),
        "median_ms": round(sorted(times)[len(times) // 2], 1),
        "queries": queries,
        "slowest_query_p95_ms": round(percentile_95(slowest), 2),
    }


@contextmanager
def _queries_timed() -> Iterator[list[float]]:
    """Milliseconds of each query, as the client waits for it."""
    taken: list[float] = []

    def timed(execute: Any, sql: str, parameters: Any, many: bool, context: dict[str, Any]) -> Any:
        clock = perf_counter()
        try:
            return execute(sql, parameters, many, context)
        finally:
            taken.append(1000 * (perf_counter() - clock))

    with connection.execute_wrapper(timed):
        yield taken
