"""The customer list: who fits a filter, in the order of a sort, page by page."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product
from operator import attrgetter
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from accounts.models import Store
from lib.keyset import Cursor, parts
from lib.periods import local_today
from orders.models import Customer
from segments import scoring
from segments.customers import filtering, listing
from segments.customers.cadence import refresh_cadence
from segments.customers.filtering import CustomerFilter, with_possible_scores
from segments.customers.listing import CustomerList
from segments.customers.queries import counted_at, customers, page_of_customers
from segments.customers.sorts import SORTS
from segments.models import CustomerStats, Refresh, Segment
from segments.queries import latest_refresh
from segments.schemes.versions import set_preset
from segments.scoring import refresh_store, rescore_customers
from tests.factories.accounts import make_store
from tests.factories.orders import make_customer, make_order
from tests.factories.segments import give_value, make_buyers

pytestmark = pytest.mark.django_db

AS_OF = date(2025, 6, 30)


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def shop(store: Store) -> Refresh:
    """Twelve customers of all kinds, one of them without an order, scored."""
    make_buyers(store, [9, 7, 5, 4, 3, 2, 2, 1, 1, 1, 1], last_on=date(2025, 6, 20))
    make_customer(store, "browser")
    refresh = refresh_store(store=store, as_of=AS_OF)
    bought = CustomerStats.objects.filter(store=store, frequency__gt=0)
    told = date(2025, 6, 1)
    for place, one in enumerate(
        bought
    ):  # as a fit would leave them: some without a P(alive), some of one figure
        alive = None if place % 3 == 0 else 1 - place // 2 / 5
        contact = None if place % 4 == 0 else told + timedelta(days=place // 2)
        give_value(one, expected_value=place // 2 * 1000, p_alive=alive)
        CustomerStats.objects.filter(pk=one.pk).update(last_contact_on=contact)
    return refresh


def names(store: Store, refresh: Refresh | None, sort: str = "-spent", **wanted: Any) -> list[str]:
    page = page_of_customers(store, CustomerFilter(**wanted), refresh, sort)
    return [row.customer.name for row in page.rows]


def stats_of(store: Store) -> list[CustomerStats]:
    return list(CustomerStats.objects.filter(store=store).select_related("customer", "value"))


def test_everybody_is_listed_the_largest_spender_first(store: Store, shop: Refresh) -> None:
    listed = page_of_customers(store, CustomerFilter(), shop, "-spent").rows
    assert len(listed) == 12
    assert [row.monetary for row in listed] == sorted((row.monetary for row in listed), reverse=True)


def test_customers_of_another_store_are_never_listed(store: Store, shop: Refresh) -> None:
    make_customer(make_store(), "stranger")
    assert names(store, shop, search="stranger") == []


@pytest.mark.parametrize(
    "text", ["ANNA", "anna.b", "anna b", "bell", "Bell", "+44 20", "c-17", "  anna   bell "]
)
def test_search_finds_the_beginning_of_anything_that_names_a_person(store: Store, text: str) -> None:
    anna = make_customer(
        store, email="anna.bell@example.com", name="Anna Bell", phone="+44 20 555", external_id="c-17"
    )
    make_customer(store, email="other@example.com", name="Johanna Campbell", phone="999", external_id="x-17")
    CustomerStats.objects.bulk_create(
        CustomerStats(store=store, customer=one) for one in Customer.objects.filter(store=store)
    )
    assert names(store, None, search=text) == [anna.name]


@pytest.mark.parametrize("text", ["%", "_", "\\", "a%b", "'"])
def test_signs_with_a_meaning_in_a_pattern_mean_themselves(store: Store, shop: Refresh, text: str) -> None:
    assert names(store, shop, search=text) == []


def test_search_of_more_than_can_be_listed_at_once_still_finds_them(
    store: Store, shop: Refresh, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "LEAST_CUSTOMERS", 1)
    found = page_of_customers(store, CustomerFilter(search="customer"), shop, "-spent", size=10)
    assert (len(found.rows), bool(found.next)) == (10, True)


def test_segment_filter_lists_that_segment(store: Store, shop: Refresh) -> None:
    segment = Segment.objects.get(store=store, key="champions")
    listed = page_of_customers(store, CustomerFilter(segment=segment), shop, "-spent").rows
    assert listed
    assert {row.segment for row in listed} == {segment}
    assert len(listed) == counted_at(shop, segment)


@pytest.mark.parametrize("sort", sorted(SORTS))
def test_each_sort_lists_of_a_segment_its_customers_alone(store: Store, shop: Refresh, sort: str) -> None:
    segment = Segment.objects.get(store=store, key="champions")
    known = SORTS[sort].column
    expected = [row for row in stats_of(store) if row.segment_id == segment.pk]
    if known.of == "value":
        expected = [row for row in expected if getattr(row.value, known.name, None) is not None]
    elif known.name == "due_on":
        expected = [row for row in expected if row.due_on]
    found = page_of_customers(store, CustomerFilter(segment=segment), shop, sort).rows
    assert {row.pk for row in found} == {row.pk for row in expected}


@pytest.mark.parametrize("sort", sorted(SORTS))
def test_each_sort_lists_those_without_an_order_and_nobody_else(
    store: Store, shop: Refresh, sort: str
) -> None:
    assert set(names(store, shop, sort, unsegmented=True)) <= {"Browser"}


def test_unsegmented_are_those_without_an_order(store: Store, shop: Refresh) -> None:
    assert names(store, shop, unsegmented=True) == ["Browser"]


@pytest.mark.parametrize("dimension", ["r", "f", "m"])
@pytest.mark.parametrize("score", [1, 2, 3, 4, 5])
def test_score_filter_lists_exactly_that_score(
    store: Store, shop: Refresh, dimension: str, score: int
) -> None:
    expected = {row.customer.name for row in stats_of(store) if getattr(row, dimension) == score}
    assert set(names(store, shop, **{dimension: score})) == expected


@pytest.mark.parametrize("days_later", [0, 40])
def test_everybody_who_fits_has_scores_that_are_known_for_the_filter(
    store: Store, shop: Refresh, monkeypatch: pytest.MonkeyPatch, days_later: int
) -> None:
    """Also of a customer scored on a later day than everybody else, when recency counts more days."""
    today = AS_OF + timedelta(days=days_later)
    for module in (filtering, scoring):
        monkeypatch.setattr(module, "local_today", lambda timezone: today)
    rescore_customers(store=store, customer_ids=[row.pk for row in stats_of(store)[::2]])
    asked = [CustomerFilter(r=r, f=f, m=m) for r, f, m in product((None, 1, 3, 5), repeat=3)]
    asked += [CustomerFilter(last_from=AS_OF - timedelta(days=ago)) for ago in (1, 10, 400)]
    asked += [CustomerFilter(last_to=AS_OF - timedelta(days=ago), spent_from=ago) for ago in (1, 10, 400)]
    asked += [CustomerFilter(spent_from=least, spent_to=5000) for least in (-100, 0, 1)]
    asked += [CustomerFilter(value_to=9000), CustomerFilter(value_from=0), CustomerFilter(overdue=0)]
    asked += [CustomerFilter(alive=alive) for alive in ("likely", "doubtful", "unlikely", "unknown")]
    asked += [CustomerFilter(segment=one) for one in Segment.objects.filter(store=store)]
    asked += [CustomerFilter(unsegmented=True), CustomerFilter(spent_to=100), CustomerFilter(never_told=True)]
    for wanted in asked:
        fitting = {100 * row.r + 10 * row.f + row.m for row in customers(store, wanted, None)}
        known = with_possible_scores(wanted, shop)
        scores = known.scores if known else set()
        assert fitting <= scores or (known == wanted), wanted
        listed = {row.customer.name for row in customers(store, wanted, None)}
        for sort in ("last", "-orders", "spent", "segment"):  # of which scores say where they begin and end
            unplaced = {"Browser"} if sort == "segment" else set()
            assert set(names(store, shop, sort, **vars(wanted))) == listed - unplaced, (wanted, sort)


@pytest.mark.parametrize("window", [None, 1])
def test_overdue_are_found_among_those_who_ordered_often_unless_a_window_hides_it(
    store: Store, window: int | None
) -> None:
    set_preset(store=store, preset="classic", window_months=window)
    late = make_customer(store, "late")
    for month in (1, 2, 3):
        make_order(late, f"2025-0{month}-01T12:00", total=1000)
    make_buyers(store, [9, 7, 5, 4, 3, 2, 1, 1], last_on=date(2025, 6, 20))
    refresh = refresh_store(store=store, as_of=AS_OF)
    refresh_cadence(store=store, as_of=AS_OF)
    known = with_possible_scores(CustomerFilter(overdue=0), refresh)
    assert known
    assert bool(known.scores) == (window is None)
    for more in ({}, {"spent_to": 1}, {"spent_to": 10**6}):
        wanted = CustomerFilter(overdue=0, **more)
        expected = {row.customer.name for row in customers(store, wanted, None)}
        assert set(names(store, refresh, "due", overdue=0, **more)) == expected


def test_score_filter_finds_customers_scored_since_the_refresh(store: Store, shop: Refresh) -> None:
    late = make_customer(store, "late")
    make_order(late, "2025-06-30T12:00", total=500)
    rescore_customers(store=store, customer_ids=[late.pk])
    stats = CustomerStats.objects.get(customer=late)
    found = names(store, latest_refresh(store), r=stats.r, f=stats.f, m=stats.m)
    assert "Late" in found


def test_account_and_consent_filters(store: Store) -> None:
    guest = make_customer(store, "guest", external_id=None, accepts_email=True)
    member = make_customer(store, "member", accepts_email=False)
    unknown = make_customer(store, "unknown")
    CustomerStats.objects.bulk_create(
        CustomerStats(store=store, customer=one) for one in (guest, member, unknown)
    )
    assert names(store, None, registered=False) == ["Guest"]
    assert names(store, None, registered=True) == ["Unknown", "Member"]
    assert names(store, None, consent="yes") == ["Guest"]
    assert names(store, None, consent="no") == ["Member"]
    assert names(store, None, consent="unknown") == ["Unknown"]


def test_ranges_hold_both_ends(store: Store, shop: Refresh) -> None:
    rows = [row for row in stats_of(store) if row.last_on]
    day = sorted(row.last_on for row in rows if row.last_on)[3]
    assert set(names(store, shop, last_from=day, last_to=day)) == {
        row.customer.name for row in rows if row.last_on == day
    }
    assert set(names(store, shop, spent_from=2000, spent_to=3000)) == {
        row.customer.name for row in rows if 2000 <= row.monetary <= 3000
    }


def test_last_order_up_to_a_day_leaves_out_those_who_never_ordered(store: Store, shop: Refresh) -> None:
    assert "Browser" not in names(store, shop, last_to=AS_OF)


@pytest.mark.parametrize("alive", ["likely", "doubtful", "unlikely", "unknown"])
def test_alive_filter_lists_everybody_of_its_band(store: Store, shop: Refresh, alive: str) -> None:
    band = {"likely": (0.7, 2), "doubtful": (0.3, 0.7), "unlikely": (0, 0.3)}
    expected = {
        row.customer.name
        for row in stats_of(store)
        if (alive_of(row) is None if alive == "unknown" else _within(alive_of(row), band[alive]))
    }
    assert expected
    assert set(names(store, shop, alive=alive)) == expected


def alive_of(row: CustomerStats) -> float | None:
    return row.value.p_alive if row.value else None


def _within(value: float | None, band: tuple[float, float]) -> bool:
    return value is not None and band[0] <= value < band[1]


@pytest.mark.parametrize("gaps", [0, 1, 2])
def test_overdue_filter_counts_in_each_customers_own_gaps(store: Store, gaps: int) -> None:
    today = local_today(store.timezone)
    ids = [make_customer(store, f"late{number}").pk for number in range(6)]
    late = [(10.0, 0), (10.0, 1), (10.0, 9), (10.0, 10), (2.5, 5), (30.0, 20)]
    CustomerStats.objects.bulk_create(
        CustomerStats(
            store=store, customer_id=pk, lifetime_orders=3, gap_days=gap, due_on=today - timedelta(days=days)
        )
        for pk, (gap, days) in zip(ids, late, strict=True)
    )
    expected = {f"Late{place}" for place, (gap, days) in enumerate(late) if days > 0 and days >= gaps * gap}
    assert set(names(store, None, overdue=gaps)) == expected


def test_contact_filters_hold_both_days(store: Store) -> None:
    told = {
        "early": date(2025, 5, 31),
        "first": date(2025, 6, 1),
        "last": date(2025, 6, 2),
        "late": date(2025, 6, 3),
        "never": None,
    }
    CustomerStats.objects.bulk_create(
        CustomerStats(store=store, customer=make_customer(store, name), last_contact_on=day)
        for name, day in told.items()
    )
    days = {"contact_from": date(2025, 6, 1), "contact_to": date(2025, 6, 2)}
    assert set(names(store, None, **days)) == {"First", "Last"}
    assert set(names(store, None, contact_to=date(2025, 5, 31))) == {"Early"}
    assert set(names(store, None, contact_to=date.max)) == {"Early", "First", "Last", "Late"}
    assert set(names(store, None, never_told=True)) == {"Never"}
    assert names(store, None, sort="contact") == ["Never", "Early", "First", "Last", "Late"]


def test_quiet_filter_counts_back_from_today_and_holds_who_was_never_told(store: Store) -> None:
    today = local_today(store.timezone)
    CustomerStats.objects.bulk_create(
        CustomerStats(
            store=store,
            customer=make_customer(store, f"told{days}"),
            last_contact_on=today - timedelta(days=days),
        )
        for days in (0, 6, 7, 8)
    )
    CustomerStats.objects.create(store=store, customer=make_customer(store, "never"))
    assert set(names(store, None, quiet_days=7)) == {"Told7", "Told8", "Never"}


def test_sort_by_name_goes_by_what_a_list_shows_of_a_person(store: Store) -> None:
    people = [
        Customer.objects.create(store=store, external_id="1", name="bert Bell", email="z@example.com"),
        Customer.objects.create(store=store, external_id="2", name="Anna Bell"),
        Customer.objects.create(store=store, external_id="3", email="carl@example.com"),
    ]
    CustomerStats.objects.bulk_create(CustomerStats(store=store, customer=one) for one in people)
    shown = ["Anna Bell", "bert Bell", "carl@example.com"]
    page = page_of_customers(store, CustomerFilter(), None, "name")
    assert [str(row.customer) for row in page.rows] == shown
    page = page_of_customers(store, CustomerFilter(), None, "-name")
    assert [str(row.customer) for row in page.rows] == shown[::-1]
    page = page_of_customers(store, CustomerFilter(), None, "email")
    assert [row.customer.email for row in page.rows] == ["carl@example.com", "z@example.com"]


def test_sort_by_segment_puts_its_people_together_the_best_first(store: Store, shop: Refresh) -> None:
    rows = page_of_customers(store, CustomerFilter(), shop, "-segment").rows
    assert [(row.segment_id, row.monetary) for row in rows] == sorted(
        ((row.segment_id, row.monetary) for row in stats_of(store) if row.segment_id), reverse=True
    )


@pytest.mark.parametrize(
    ("sort", "column"), [("value", "value.expected_value"), ("alive", "value.p_alive"), ("due", "due_on")]
)
def test_sort_by_what_is_partly_known_lists_those_of_whom_it_is(
    store: Store, shop: Refresh, sort: str, column: str
) -> None:
    rows = [row for row in stats_of(store) if row.value or column == "due_on"]
    known = {row.customer.name: attrgetter(column)(row) for row in rows}
    known = {name: value for name, value in known.items() if value is not None}
    for sign in ("", "-"):
        found = names(store, shop, sort=f"{sign}{sort}")
        assert set(found) == set(known)
        assert [known[name] for name in found] == sorted(known.values(), reverse=bool(sign))


def test_filters_that_contradict_each_other_list_nobody(store: Store, shop: Refresh) -> None:
    assert names(store, shop, r=1, last_from=AS_OF) == []


wanted_filters = st.fixed_dictionaries(
    {},
    optional={
        "search": st.sampled_from(["", "customer", "browser", "customer-1", "zz"]),
        "r": st.integers(1, 5),
        "f": st.integers(1, 5),
        "m": st.integers(1, 5),
        "registered": st.booleans(),
        "consent": st.sampled_from(["yes", "unknown"]),
        "in_champions": st.just(True),
        "last_from": st.dates(date(2025, 6, 1), AS_OF),
        "last_to": st.dates(date(2025, 6, 1), AS_OF),
        "spent_from": st.integers(0, 10_000),
        "spent_to": st.integers(0, 10_000),
        "value_from": st.integers(0, 10_000),
        "value_to": st.integers(0, 10_000),
        "alive": st.sampled_from(["likely", "doubtful", "unlikely", "unknown"]),
        "overdue": st.integers(0, 2),
        "contact_from": st.dates(date(2025, 5, 30), date(2025, 6, 8)),
        "contact_to": st.dates(date(2025, 5, 30), date(2025, 6, 8)),
        "quiet_days": st.sampled_from([7, 365]),
        "never_told": st.booleans(),
    },
)


@given(wanted=wanted_filters, sort=st.sampled_from(sorted(SORTS)), among=st.sampled_from([1, 10_000]))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_pages_put_together_are_the_whole_list_however_it_is_found(
    store: Store,
    shop: Refresh,
    monkeypatch: pytest.MonkeyPatch,
    wanted: dict[str, Any],
    sort: str,
    among: int,
) -> None:
    monkeypatch.setattr(listing, "LEAST_CUSTOMERS", among)
    wanted = dict(wanted)  # hypothesis shows it as it drew it
    if wanted.pop("in_champions", False):
        wanted["segment"] = Segment.objects.get(store=store, key="champions")
    asked = CustomerFilter(**wanted)
    seen: list[int] = []
    cursor = ""
    while True:
        page = page_of_customers(store, asked, shop, sort, cursor, size=3)
        seen += [row.customer_id for row in page.rows]
        cursor = page.next
        if not cursor:
            break
    order = SORTS[sort].order
    fitting = customers(store, asked, None)
    if SORTS[sort].column.known:
        fitting = fitting.filter(**{f"{order.names[0]}__isnull": False})
    expected = sorted(fitting, key=order.key, reverse=order.descending)
    assert seen == [row.customer_id for row in expected]


def test_going_back_shows_the_page_before(store: Store, shop: Refresh) -> None:
    first = page_of_customers(store, CustomerFilter(), shop, "-last", size=4)
    second = page_of_customers(store, CustomerFilter(), shop, "-last", first.next, size=4)
    back = page_of_customers(store, CustomerFilter(), shop, "-last", second.previous, size=4)
    assert [row.pk for row in back.rows] == [row.pk for row in first.rows]


@pytest.mark.parametrize("sort", sorted(SORTS))
def test_sorted_page_takes_one_query(
    store: Store, shop: Refresh, sort: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        page_of_customers(store, CustomerFilter(), shop, sort)


@pytest.mark.parametrize("sort", sorted(SORTS))
@pytest.mark.parametrize("segmented", [False, True])
def test_page_of_each_sort_walks_its_index_and_sorts_nothing(
    store: Store, shop: Refresh, sort: str, segmented: bool
) -> None:
    wanted = CustomerFilter(segment=Segment.objects.get(store=store, key="champions") if segmented else None)
    known = with_possible_scores(wanted, shop)
    assert known
    asked = CustomerList(store, known, shop, SORTS[sort])
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off; set local enable_sort = off")
        cursor.execute("set local enable_bitmapscan = off; set local enable_incremental_sort = off")
    (whole,) = parts(asked.fitting(), asked.sort.order, None)
    plan = whole[:50].explain()
    assert "Sort" not in plan, plan
    assert "Index" in plan


@pytest.mark.parametrize("sort", sorted(SORTS))
def test_page_of_each_sort_begins_at_its_cursor_in_the_index(store: Store, shop: Refresh, sort: str) -> None:
    asked = CustomerList(store, CustomerFilter(), shop, SORTS[sort])
    order = asked.sort.order
    value = {int: 5, float: 0.5, date: AS_OF, str: "m"}
    start = Cursor(tuple(value[kind] for _, kind in order.columns))
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off; set local enable_sort = off")
        cursor.execute("set local enable_bitmapscan = off; set local enable_incremental_sort = off")
    beside, *_, beyond = (part[:50].explain() for part in parts(asked.fitting(), order, start))
    sign = "<" if order.descending else ">"
    equal = {str: "'m'", date: f"'{AS_OF}'", float: "'0.5'"}
    key = equal.get(order.columns[0][1], str(start.key[0]))
    if asked.sort.column.of != "person":  # of two tables: those of one name may be found by their ids
        assert any("Index Cond" in line and f" = {key}" in line for line in beside.splitlines()), beside
    assert any("Index Cond" in line and f" {sign} {key}" in line for line in beyond.splitlines()), beyond
