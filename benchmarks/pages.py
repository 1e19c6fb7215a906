"""Pages of a large shop, warm, as the server sees them: milliseconds a request, queries, the slowest query."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from time import perf_counter

from django.test import Client

from accounts.models import Role, Store, StoreRole, User
from benchmarks.goals import Findings, Goal
from benchmarks.lists import FILTERS
from benchmarks.measuring import percentile_95, queries_timed
from benchmarks.shop import bench_store
from lib.keyset import Cursor, encode
from segments.customers.sorts import DEFAULT_SORT
from segments.models import CustomerStats, Refresh, ValueFit

REQUESTS = 40
# Pages of the customer list as a whole: filters of each kind, and pairs that few or none fit in the order of another
# column. benchmarks.lists measures the queries of each filter in each order.
LISTS = (
    ("of a small segment", ""),
    ("whose e-mail begins c12", ""),
    ("whose e-mail begins c123", ""),
    ("scores 5 1 5", ""),
    ("guests", ""),
    ("who consent", ""),
    ("last order in one week", ""),
    ("spent 100 to 120", "-last"),
    ("everybody", "-value"),
    ("worth 500 or more", "last"),
    ("spent 500 or more", "last"),
    ("last order in one week", "-value"),
    ("scores 1 and 5", "-last"),
    ("guests", "last"),
    ("of a small segment", "last"),
    ("likely alive", "-alive"),
    ("unlikely alive", "-value"),
    ("overdue by two gaps", "due"),
    ("told nothing for 30 days", "contact"),
    ("of a segment, overdue, worth 100 or more", "-value"),
)


def measure(orders: int) -> Findings:
    import_module("loyalty_site.wsgi")  # as the web server has it
    store = bench_store(orders)
    assert ValueFit.objects.filter(store=store).exists(), "the tables of the night are measured before"
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
    # The nights of the tables; before them everybody was forgotten and scored anew, which no shop does.
    nights = list(Refresh.objects.filter(store=store).order_by("-id").values_list("as_of", flat=True)[:3])
    days = f"?from={nights[-1]}&to={nights[0]}"
    yield "two days compared", f"segments/compare/{days}"
    yield "why segments changed", f"segments/why/{days}"
    yield "value", "segments/value/"
    yield "calibration", "segments/value/calibration/"
    yield "grading", "segments/grading/"
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
    for name, sort in LISTS:
        order = f", sorted by {sort}" if sort else ""
        yield f"customers, {name}{order}", f"customers/?{FILTERS[name]}&sort={sort or DEFAULT_SORT}"
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
    times, slowest, sums, queries = [], [], [], 0
    for _ in range(REQUESTS):
        with queries_timed() as taken:
            clock = perf_counter()
            client.get(path)
            times.append(1000 * (perf_counter() - clock))
        slowest.append(max(taken))
        sums.append(sum(taken))
        queries = len(taken)
    return {
        "p95_ms": round(percentile_95(times), 1),
        "median_ms": round(sorted(times)[len(times) // 2], 1),
        "queries": queries,
        "slowest_query_p95_ms": round(percentile_95(slowest), 2),
        "all_queries_p95_ms": round(percentile_95(sums), 2),
    }
