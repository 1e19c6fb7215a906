"""The two ways to the first of those who fit: each gives what the plain query gives, wherever it begins."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.models import Q, QuerySet
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from accounts.models import Store
from lib.keyset import Cursor, Page, Sort, encode, page_of
from segments.customers import reading
from segments.customers.reading import Walk, page_by_sorting, page_by_walking, planned, stretch_of
from segments.models import CustomerStats
from tests.factories.accounts import make_store
from tests.factories.orders import make_customer

pytestmark = pytest.mark.django_db

SIZE = 3


@pytest.fixture
def store() -> Store:
    """Twenty customers: many of a sum, and the more they spent the seldomer they bought."""
    store = make_store()
    CustomerStats.objects.bulk_create(
        CustomerStats(
            store=store,
            customer=make_customer(store),
            monetary=place // 3 * 100,
            lifetime_orders=20 - place,
        )
        for place in range(20)
    )
    return store


def people(store: Store) -> QuerySet[CustomerStats]:
    return CustomerStats.objects.filter(store=store)


def sorts(descending: bool) -> Sort:
    return Sort((("monetary", int), ("customer_id", int)), descending=descending)


def shown(page: Page[CustomerStats]) -> tuple[list[int], str, str]:
    return [row.pk for row in page.rows], page.next, page.previous


cursors = st.none() | st.builds(
    Cursor, st.tuples(st.integers(-100, 800), st.integers(0, 2**40)), backwards=st.booleans()
)


@given(
    least=st.integers(1, 22),
    descending=st.booleans(),
    start=cursors,
    place=st.integers(0, 19),
    stretch=st.integers(SIZE + 1, 25),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_either_way_gives_the_page_of_the_plain_query(
    store: Store, least: int, descending: bool, start: Cursor | None, place: int, stretch: int
) -> None:
    sort, everybody = sorts(descending), people(store)
    if start and start.key[1] % 2:  # half of them begin at somebody's own place
        start = Cursor(sort.key(everybody[place]), start.backwards)
    cursor = encode(start) if start else ""
    fitting = everybody.filter(lifetime_orders__gte=least)
    plain = shown(page_of(fitting, sort, cursor, size=SIZE))
    few = page_by_sorting(fitting, everybody, sort, cursor, size=SIZE)
    for lookups in (0, 1, SIZE + 1, 30):
        walk = Walk(fitting, everybody, sort, lookups=lookups)
        many = page_by_walking(walk, everybody, cursor, size=SIZE, stretch=stretch)
        assert (shown(few), shown(many)) == (plain, plain)


@given(least=st.integers(1, 22), descending=st.booleans(), start=cursors, stretch=st.integers(1, 25))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_branches_merged_give_the_page_of_all_together(
    store: Store, least: int, descending: bool, start: Cursor | None, stretch: int
) -> None:
    sort, everybody = sorts(descending), people(store)
    cursor = encode(start) if start else ""
    fitting = everybody.filter(lifetime_orders__gte=least)
    branches = [Q(monetary__lt=200), Q(monetary__range=(200, 400)), Q(monetary__gt=400)]
    walk = Walk(fitting, everybody, sort, branches)
    merged = page_by_walking(walk, everybody, cursor, size=SIZE, stretch=stretch)
    assert shown(merged) == shown(page_of(fitting, sort, cursor, size=SIZE))


@pytest.mark.parametrize(
    ("least", "step", "queries"),
    [
        pytest.param(1, 0.05, 3, id="the first stretch fills the page"),
        pytest.param(11, 0.05, 8, id="it finds some, and the further one fills it"),
        pytest.param(15, 0.05, 9, id="it finds nobody, and goes on while all who fit are dearer"),
        pytest.param(15, 1000, 6, id="it finds nobody, and all who fit, who are cheaper, are sorted"),
    ],
)
def test_how_far_it_walks_depends_on_what_a_stretch_found(
    store: Store,
    django_assert_num_queries: DjangoAssertNumQueries,
    monkeypatch: pytest.MonkeyPatch,
    least: int,
    step: float,
    queries: int,
) -> None:
    """On the way they bought once, twice, and so on to twenty times."""
    monkeypatch.setattr(reading, "STEP_COST", step)
    fitting = people(store).filter(lifetime_orders__gte=least)
    stretch = reading.FIRST_PART * (11 if least == 11 else 8)
    with django_assert_num_queries(queries):
        page = page_by_walking(
            Walk(fitting, people(store), sorts(True)), people(store), "", size=SIZE, stretch=stretch
        )
    assert len(page.rows) == SIZE


def test_what_is_planned_is_the_planner_s_and_reads_no_row(store: Store) -> None:
    with connection.cursor() as cursor:
        cursor.execute("analyze segments_customerstats")
    everybody = CustomerStats.objects.all()
    assert planned(everybody).rows == everybody.count()


def test_way_to_few_sorts_them_whatever_index_there_is(store: Store) -> None:
    with CaptureQueriesContext(connection) as asked:
        page_by_sorting(people(store), people(store), sorts(True), "", size=SIZE)
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off; set local enable_sort = off")
        cursor.execute(f"explain {asked[0]['sql']}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Sort" in plan, plan


def test_stretch_is_as_long_as_those_who_fit_are_many() -> None:
    """Where p of N fit, a page of n lies within n/p, and they are pN: alike where p*p is n/N. A third of that."""
    assert stretch_of(50, rows=100_000) == 745
    assert stretch_of(50, rows=0) == 51
