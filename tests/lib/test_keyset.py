"""Keyset pages: walking them visits every row once, either way, and a broken cursor is the first page."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.keyset import Cursor, Page, Sort, decode, encode, first_of, onward, page_of, parts
from orders.models import Order
from tests.factories.accounts import make_store
from tests.factories.orders import make_customer, make_order

MIXED = Sort((("name", str), ("day", date), ("at", datetime), ("share", float), ("id", int)))
TOTALS = Sort((("total", int), ("id", int)))
THREE = Sort((("total", int), ("tax", int), ("id", int)))
SORTS = [replace(sort, descending=falls) for sort in (TOTALS, THREE) for falls in (True, False)]

# A moment whose zone repeats an hour equals nothing in another zone (PEP 495); offsets name one moment each.
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
keys = st.tuples(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")),
    st.dates(),
    st.datetimes(timezones=offsets),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(2**63), 2**63 - 1),
)


def text_of(*parts: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


@given(keys, st.booleans())
def test_cursor_survives_the_url(key: tuple[object, ...], backwards: bool) -> None:
    text = encode(Cursor(key, backwards))
    assert QueryDict(f"page={text}")["page"] == text
    assert decode(text, MIXED) == Cursor(key, backwards)


@given(st.text())
def test_any_text_is_a_cursor_or_none(text: str) -> None:
    assert decode(text, TOTALS) is None or isinstance(decode(text, TOTALS), Cursor)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "%",
        "a",
        text_of(),
        text_of(0),
        text_of(0, 1),
        text_of(0, 1, 2, 3),
        text_of(2, 1, 2),
        text_of("0", 1, 2),
        text_of(0, "1", 2),
        text_of(0, 1.5, 2),
        text_of(0, True, 2),
        text_of(0, None, 2),
        text_of(0, 2**63, 2),
        text_of(0, [1], 2),
        base64.urlsafe_b64encode(b'{"0": 1}').decode(),
        base64.urlsafe_b64encode(b"[" * 100_000).decode(),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    ],
)
def test_what_is_no_cursor_of_the_sort_is_none(text: str) -> None:
    assert decode(text, TOTALS) is None


def test_moment_without_offset_is_no_cursor() -> None:
    moments = Sort((("at", datetime), ("id", int)))
    assert decode(text_of(0, "2025-03-01T10:00:00", 1), moments) is None
    assert decode(text_of(0, "2025-03-01T10:00:00+00:00", 1), moments) is not None


def test_text_with_a_nul_is_no_cursor() -> None:
    assert decode(text_of(0, "a\x00b"), Sort((("name", str),))) is None


@pytest.fixture
def orders(db: None) -> list[Order]:
    """Twelve orders, many of one total and some of one tax, in no order; of another store one more."""
    customer = make_customer(make_store())
    make_order(make_customer(make_store()), "2025-01-01", 500)
    totals = [500, 300, 500, 500, 900, 100, 500, 300, 500, 700, 500, 500]
    return [
        make_order(customer, datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=i), t, tax=i % 3)
        for i, t in enumerate(totals)
    ]


def walk(orders: list[Order], sort: Sort, size: int) -> list[Page[Order]]:
    rows = Order.objects.filter(store_id=orders[0].store_id)
    pages = [page_of(rows, sort, size=size)]
    while pages[-1].next:
        pages.append(page_of(rows, sort, pages[-1].next, size=size))
    return pages


@pytest.mark.parametrize("size", [1, 3, 5, 11, 12, 50])
@pytest.mark.parametrize("sort", SORTS)
def test_pages_visit_every_row_once_in_order(orders: list[Order], sort: Sort, size: int) -> None:
    visited = [sort.key(row) for page in walk(orders, sort, size) for row in page.rows]
    assert visited == sorted(map(sort.key, orders), reverse=sort.descending)


@pytest.mark.parametrize("size", [1, 3, 5, 11, 12])
@pytest.mark.parametrize("sort", SORTS)
def test_way_back_shows_the_same_pages(orders: list[Order], sort: Sort, size: int) -> None:
    rows = Order.objects.filter(store_id=orders[0].store_id)
    pages = walk(orders, sort, size)
    back = [pages[-1]]
    while back[-1].previous:
        back.append(page_of(rows, sort, back[-1].previous, size=size))
    assert [page.rows for page in reversed(back)] == [page.rows for page in pages]


@pytest.mark.parametrize("sort", SORTS)
def test_parts_are_the_stretch_from_one_row_to_another(orders: list[Order], sort: Sort) -> None:
    rows = Order.objects.filter(store_id=orders[0].store_id)
    ordered = sorted(map(sort.key, orders), reverse=sort.descending)
    for first in range(-1, len(ordered)):
        start = Cursor(ordered[first]) if first >= 0 else None
        for last in range(first + 1, len(ordered)):
            found = first_of(parts(rows, sort, start, ordered[last]), len(ordered))
            assert [sort.key(row) for row in found] == ordered[first + 1 : last + 1]


@pytest.mark.parametrize("sort", SORTS)
def test_rows_in_no_index_are_found_in_one_part(orders: list[Order], sort: Sort) -> None:
    rows = Order.objects.filter(store_id=orders[0].store_id)
    ordered = sorted(map(sort.key, orders), reverse=sort.descending)
    for place, key in enumerate(ordered):
        assert [sort.key(row) for row in onward(rows, sort, Cursor(key))] == ordered[place + 1 :]


def test_part_begins_at_its_cursor_whatever_else_bounds_the_first_column(db: None) -> None:
    """Of 4,000 orders of one total the page in the middle reads what the first page reads: not those before it."""
    customer = make_customer(make_store())
    alike = [
        Order(
            store_id=customer.store_id,
            customer=customer,
            external_id=str(number),
            placed_at=datetime(2025, 1, 1, tzinfo=UTC),
            total=500,
        )
        for number in range(4_000)
    ]
    Order.objects.bulk_create(alike)
    rows = Order.objects.filter(store_id=customer.store_id, total__gte=500, total__lte=500).values_list("id")
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("create index alike on orders_order (store_id, total, id)")
        cursor.execute("analyze orders_order")
        cursor.execute("set local enable_seqscan = off; set local enable_sort = off")
    for sort in (TOTALS, replace(TOTALS, descending=False)):
        for part in parts(rows, sort, Cursor((500, alike[2_000].pk))):
            (plan,) = json.loads(part[:10].explain(format="json", analyze=True, buffers=True))
            assert plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"] < 12, plan


def test_first_page_has_no_previous_and_last_no_next(orders: list[Order]) -> None:
    pages = walk(orders, TOTALS, 5)
    assert [bool(page.previous) for page in pages] == [False, True, True]
    assert [bool(page.next) for page in pages] == [True, True, False]


def test_row_that_came_meanwhile_does_not_shift_the_next_page(orders: list[Order]) -> None:
    rows = Order.objects.filter(store_id=orders[0].store_id)
    first = page_of(rows, TOTALS, size=5)
    before = page_of(rows, TOTALS, first.next, size=5)
    make_order(orders[0].customer, "2025-02-01", 5000)
    assert page_of(rows, TOTALS, first.next, size=5).rows == before.rows


def test_cursor_of_a_row_that_is_gone_still_leads_on(orders: list[Order]) -> None:
    rows = Order.objects.filter(store_id=orders[0].store_id)
    first = page_of(rows, TOTALS, size=5)
    following = page_of(rows, TOTALS, first.next, size=5).rows
    first.rows[-1].delete()
    assert page_of(rows, TOTALS, first.next, size=5).rows == following


def test_cursor_beyond_the_last_row_gives_the_first_page(orders: list[Order]) -> None:
    rows = Order.objects.filter(store_id=orders[0].store_id)
    beyond = encode(Cursor((-1, 0)))
    assert page_of(rows, TOTALS, beyond, size=5) == page_of(rows, TOTALS, size=5)


def test_way_back_to_a_short_page_gives_the_whole_first_page(orders: list[Order]) -> None:
    rows = Order.objects.filter(store_id=orders[0].store_id)
    second_row = encode(Cursor(TOTALS.key(page_of(rows, TOTALS, size=5).rows[1]), backwards=True))
    assert page_of(rows, TOTALS, second_row, size=5) == page_of(rows, TOTALS, size=5)


def test_empty_list_is_an_empty_page(db: None) -> None:
    assert page_of(Order.objects.filter(store=make_store()), TOTALS) == Page([])


def test_a_page_takes_a_query_for_each_part_until_it_is_full(orders: list[Order]) -> None:
    rows = Order.objects.filter(store_id=orders[0].store_id)
    with CaptureQueriesContext(connection) as first_page:
        second = page_of(rows, TOTALS, size=3).next
    with CaptureQueriesContext(connection) as among_equals:
        page_of(rows, TOTALS, second, size=3)
    with CaptureQueriesContext(connection) as beyond_them:
        page_of(rows, TOTALS, second, size=8)
    assert [len(first_page), len(among_equals), len(beyond_them)] == [1, 1, 2]


def test_links_keep_the_other_parameters() -> None:
    page = Page([], next="n", previous="p")
    given = QueryDict("q=tea&page=old&sort=-total")
    assert page.links(given) == {
        "next_url": "?q=tea&page=n&sort=-total",
        "previous_url": "?q=tea&page=p&sort=-total",
    }
    assert Page([]).links(given) == {"next_url": "", "previous_url": ""}


@settings(max_examples=30, deadline=None)
@given(data=st.data())
@pytest.mark.django_db(transaction=False)
def test_any_size_and_any_ties_visit_every_row_once(data: st.DataObject) -> None:
    totals = data.draw(st.lists(st.integers(0, 3), min_size=1, max_size=15))
    size = data.draw(st.integers(1, 16))
    customer = make_customer(make_store())
    made = [make_order(customer, "2025-01-01", total) for total in totals]
    visited = [row.pk for page in walk(made, TOTALS, size) for row in page.rows]
    assert sorted(visited) == sorted(order.pk for order in made)
    assert len(set(visited)) == len(visited)
