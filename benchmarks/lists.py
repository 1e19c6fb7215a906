"""The customer list with each of its filters in each of its orders: milliseconds of the slowest query of a page."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from statistics import median
from typing import Any

from django.http import QueryDict

from accounts.models import Store
from benchmarks.goals import Findings, Goal
from benchmarks.measuring import queries_timed
from benchmarks.shop import bench_store
from lib.keyset import Cursor, Page, encode
from segments.customers.filtering import CustomerFilter
from segments.customers.forms import filter_form
from segments.customers.queries import customers, page_of_customers
from segments.customers.sorts import DEFAULT_SORT, SORTS
from segments.models import CustomerStats, CustomerValue, Refresh
from segments.queries import latest_refresh

RUNS = 5
SAMPLE = 2_000  # customers, among whom those who fit are sorted to find a page in the middle of a list
GOAL = 5.0  # milliseconds a query
# As addresses ask; amounts in pounds, days near the shop's last ones. Those whom nobody fits are measured as well.
FILTERS = {
    "everybody": "",
    "of a small segment": "segment=at-risk",
    "of a large segment": "segment=champions",
    "without an order": "segment=none",
    "recency score 1": "r=1",
    "frequency score 5": "f=5",
    "monetary score 1": "m=1",
    "scores 5 1 5": "r=5&f=1&m=5",
    "scores 1 and 5": "r=1&m=5",
    "guests": "kind=guest",
    "registered": "kind=registered",
    "who consent": "consent=yes",
    "who refuse": "consent=no",
    "whose consent isn't known": "consent=unknown",
    "last order in one week": "last_from=2026-01-05&last_to=2026-01-11",
    "last order long ago": "last_to=2024-06-01",
    "spent 500 or more": "spent_from=500",
    "spent 20 or less": "spent_to=20",
    "spent 100 to 120": "spent_from=100&spent_to=120",
    "worth 500 or more": "value_from=500",
    "worth 1 or less": "value_to=1",
    "likely alive": "alive=likely",
    "unlikely alive": "alive=unlikely",
    "not known whether alive": "alive=unknown",
    "overdue": "overdue=0",
    "overdue by two gaps": "overdue=2",
    "told nothing for 30 days": "quiet=30",
    "never told anything": "quiet=never",
    "whose e-mail begins c1": "q=c1",
    "whose e-mail begins c12": "q=c12",
    "whose e-mail begins c123": "q=c123",
    "a name nobody has": "q=zzzz",
    "of a segment, overdue, worth 100 or more": "segment=at-risk&overdue=1&value_from=100",
}


def measure(orders: int) -> Findings:
    """Each filter in each order: its first page, the one after it, and one in the middle, whichever is slowest."""
    store = bench_store(orders)
    assert CustomerValue.objects.filter(store=store).exists(), "the tables of the night are measured before"
    assert CustomerStats.objects.filter(store=store, due_on__isnull=False).exists(), "and cadence with them"
    refresh = latest_refresh(store)
    everybody = list(CustomerStats.objects.filter(store=store).order_by("pk").values_list("pk", flat=True))
    some = Random(1).sample(everybody, min(SAMPLE, len(everybody)))
    table = {
        name: {sort: _slowest_query(store, refresh, query, sort, some) for sort in SORTS}
        for name, query in FILTERS.items()
    }
    found = Findings(record=dict(table))
    worst = max(table, key=lambda name: table[name][DEFAULT_SORT])
    within = [taken <= GOAL for row in table.values() for taken in row.values()]
    found.goals += [
        Goal(
            f"query of a list with any filter, the best customers first (slowest: {worst})",
            table[worst][DEFAULT_SORT],
            GOAL,
            "ms",
        ),
        Goal(
            f"share of {len(within)} lists, each filter in each order, whose queries take 5 ms at most",
            sum(within) / len(within),
            1,
            "",
            at_most=False,
        ),
    ]
    return found


def _slowest_query(store: Store, refresh: Refresh | None, query: str, sort: str, some: list[int]) -> float:
    wanted = filter_form(QueryDict(query), store, refresh).filter()

    def page(cursor: str) -> Page[CustomerStats]:
        return page_of_customers(store, wanted, refresh, sort, cursor)

    cursors = {"", page("").next, _middle(store, wanted, refresh, sort, some)}
    return round(max(median(_slowest(page, cursor) for _ in range(RUNS)) for cursor in cursors), 2)


def _middle(store: Store, wanted: CustomerFilter, refresh: Refresh | None, sort: str, some: list[int]) -> str:
    """The cursor in the middle of the list, as some of the customers show it; of the first page, if none of them fits."""
    order = SORTS[sort].order
    fitting = customers(store, wanted, refresh).filter(customer_id__in=some)
    if SORTS[sort].column.known:
        fitting = fitting.filter(**{f"{order.names[0]}__isnull": False})
    keys = sorted(order.key(row) for row in fitting)
    return encode(Cursor(keys[len(keys) // 2])) if keys else ""


def _slowest(page: Callable[[str], Any], cursor: str) -> float:
    with queries_timed() as taken:
        page(cursor)
    return max(taken)
