"""The people behind the figures of retention: as many as the figure counts, and those."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from urllib.parse import parse_qs, urlencode, urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role, Store
from lib.periods import add_months
from orders.models import Customer, OrderLine, Product
from segments.exports.lists import people_of_list
from segments.models import CohortMonth, CustomerLapse, DeliveryReturn, LapseMonth, SecondOrderWindow
from segments.retention.pages import retention_page
from segments.retention.people import behind
from segments.retention.people_addresses import cohort_url, delivery_url, lapse_url, second_url
from segments.retention.people_queries import times_happened
from segments.retention.queries import WEEKS_SHOWN, retention_state
from segments.retention.rhythm_pages import RhythmPage, rhythm_page
from segments.retention.tables import LAPSES_KEPT, WINDOWS, refresh_retention
from segments.scoring import refresh_store
from tests.factories.accounts import make_store, make_user
from tests.factories.orders import make_customer, make_order
from tests.segments.value.value_shop import drawn_purchases, record_purchases

pytestmark = pytest.mark.django_db

FIRST, AS_OF = date(2024, 9, 1), date(2025, 6, 15)
Facet = CohortMonth.Facet


@pytest.fixture
def store() -> Store:
    """A drawn shop, its orders spread over channels and first categories, some of them rare; guests among them."""
    store = make_store("shop", timezone="America/New_York")
    record_purchases(store, drawn_purchases(customers=70, first=FIRST, days=(AS_OF - FIRST).days))
    goods = [Product.objects.create(store=store, external_id=str(k), category=f"Kind {k}") for k in range(10)]
    for place, customer in enumerate(Customer.objects.filter(store=store).order_by("id")):
        customer.first_seen_as_guest = place % 3 == 0
        customer.save()
        for order in customer.orders.all():
            order.channel = f"channel {place % 11 if place % 2 else 1}"
            order.save()
            if place % 4:
                good = goods[place % 10]
                OrderLine.objects.create(order=order, position=1, product=good, quantity=1, unit_price=1)
    late = make_customer(store)
    make_order(late, "2025-03-01T03:30")  # 28 February there
    make_order(late, "2025-05-01T03:30")  # 30 April there
    make_order(late, "2025-06-16T12:00")  # after the day looked at
    make_order(make_customer(store), "2025-06-16T12:00")
    refused = make_customer(store)
    make_order(refused, "2025-02-10T12:00", status="cancelled")
    refresh_store(store=store, as_of=AS_OF)
    refresh_retention(store=store)
    return store


def people_of(store: Store, url: str) -> set[int]:
    state = retention_state(store)
    assert state is not None
    query = {
        name: values[0] for name, values in parse_qs(urlsplit(url).query, keep_blank_values=True).items()
    }
    figure = behind(store, state, query)
    assert figure is not None
    ids = list(figure.people().values_list("customer_id", flat=True))
    assert len(ids) == len(set(ids))
    return set(ids)


@pytest.mark.parametrize("facet", Facet)
def test_every_cell_opens_as_many_people_as_it_counts(store: Store, facet: Facet) -> None:
    cells = CohortMonth.objects.filter(store=store, facet=facet)
    assert cells.count() > 20
    assert facet in (Facet.ALL, Facet.BUYER) or cells.filter(value=None).exists()
    for cell in cells:
        url = cohort_url(store, cell.cohort, cell.age, facet, cell.value)
        assert len(people_of(store, url)) == cell.customers, (cell, cell.value)


def test_a_cell_s_people_are_those_who_ordered_in_its_month_by_the_store_s_clock(store: Store) -> None:
    late = Customer.objects.get(orders__placed_at="2025-03-01T03:30Z")
    feb, mar = date(2025, 2, 1), date(2025, 3, 1)
    assert late.pk in people_of(store, cohort_url(store, feb, 0, Facet.ALL, ""))
    assert late.pk not in people_of(store, cohort_url(store, mar, 0, Facet.ALL, ""))
    found = {
        age for age in range(5) if late.pk in people_of(store, cohort_url(store, feb, age, Facet.ALL, ""))
    }
    assert found == {0, 2}


def test_every_window_opens_those_who_came_back_and_those_who_didn_t(store: Store) -> None:
    windows = SecondOrderWindow.objects.filter(store=store)
    assert windows.count() > 10
    for window in windows:
        url = second_url(store, window.days, window.cohort)
        back, away = people_of(store, url), people_of(store, url.replace("back=yes", "back=no"))
        assert (len(back), len(back | away)) == (window.returned, window.elapsed)
    for days in WINDOWS:
        of_all = windows.filter(days=days)
        back = people_of(store, second_url(store, days))
        away = people_of(store, second_url(store, days).replace("back=yes", "back=no"))
        assert len(back) == sum(of_all.values_list("returned", flat=True))
        assert len(back | away) == sum(of_all.values_list("elapsed", flat=True))


def test_every_month_opens_those_who_lapsed_and_those_won_back(store: Store) -> None:
    months = LapseMonth.objects.filter(store=store)
    assert months.count() > 4
    assert any(month.won_back for month in months)
    for month in months:
        for won_back, figure in ((False, month.lapsed), (True, month.won_back)):
            url = lapse_url(store, month.month, won_back=won_back)
            times, customers = times_happened(store, month.month, won_back=won_back)
            assert (times, len(people_of(store, url))) == (figure, customers)


def test_people_who_lapsed_follow_the_tables_and_only_what_differs_is_written(store: Store) -> None:
    def written() -> list[tuple[object, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(
                "select customer_id, month, won_back, times, xmin::text from segments_customerlapse"
            )
            return sorted(cursor.fetchall(), key=str)

    before = written()
    other = make_store()
    make_order(make_customer(other), "2025-01-10")
    refresh_retention(store=other, as_of=AS_OF)
    refresh_retention(store=store)
    assert written() == before
    refresh_retention(store=store, as_of=add_months(AS_OF, 30))
    kept = CustomerLapse.objects.filter(store=store).values_list("month", flat=True)
    assert all(month >= add_months(AS_OF, 30 - LAPSES_KEPT) for month in kept)


def test_bars_of_lapses_open_their_people(client: Client, store: Store) -> None:
    state = retention_state(store)
    assert state is not None
    page = rhythm_page(store, state)
    assert isinstance(page, RhythmPage)
    lapsed, back = page.lapses.figure["data"]
    assert len(lapsed["customdata"]) == len(back["customdata"]) == LAPSES_KEPT
    for link in (*lapsed["customdata"], *back["customdata"]):
        body = client.get(link).content.decode()
        assert f"{body.count('<tr data-href=')} customer" in body


def waits_by_hand(store: Store) -> dict[int, set[int]]:
    """Who once waited how many whole weeks, counted order after counted order, by the store's days."""
    zone = ZoneInfo(store.timezone)
    waits: dict[int, set[int]] = {}
    for customer in Customer.objects.filter(store=store):
        placed = (
            customer.orders.filter(counted=True).order_by("placed_at").values_list("placed_at", flat=True)
        )
        days = [day for day in (at.astimezone(zone).date() for at in placed) if day <= AS_OF]
        for earlier, later in pairwise(days):
            waits.setdefault(min((later - earlier).days // 7, WEEKS_SHOWN), set()).add(customer.pk)
    return waits


def test_every_time_between_two_orders_opens_who_waited_so_long(client: Client, store: Store) -> None:
    waits, state = waits_by_hand(store), retention_state(store)
    assert state is not None
    page = rhythm_page(store, state)
    assert isinstance(page, RhythmPage)
    assert len(waits) > 5
    assert page.gaps.links == page.gaps.figure["data"][0]["customdata"]
    for weeks, link in enumerate(page.gaps.links):
        assert link is not None
        assert people_of(store, link) == waits.get(weeks, set())
    body = client.get(str(page.gaps.links[1])).content.decode()
    assert "between two orders took 7–13 days" in body
    assert body.count("<tr data-href=") == len(waits[1])


def test_every_outcome_of_a_delivery_opens_those_who_came_back_and_those_who_didn_t(store: Store) -> None:
    """Of three first orders in four it is known when they came; lateness runs over all three outcomes."""
    firsts = [one.orders.order_by("placed_at").first() for one in Customer.objects.filter(store=store)]
    for place, order in enumerate(one for one in firsts if one):
        if place % 4:
            order.promised_on = order.placed_at.date() + timedelta(days=3)
            order.delivered_at = order.placed_at + timedelta(days=2 + place % 9)
            order.save()
    refresh_retention(store=store)
    rows = {row.outcome: row for row in DeliveryReturn.objects.filter(store=store)}
    assert set(rows) == set(DeliveryReturn.Outcome.values)
    assert all(0 < row.returned < row.customers for row in rows.values())
    for outcome, row in rows.items():
        url = delivery_url(store, DeliveryReturn.Outcome(outcome))
        away, back = people_of(store, url), people_of(store, url.replace("back=no", "back=yes"))
        assert (len(back), len(back | away)) == (row.returned, row.customers)
    state = retention_state(store)
    assert state is not None
    page = rhythm_page(store, state)
    assert isinstance(page, RhythmPage)
    assert page.deliveries is not None
    assert page.deliveries.links == page.deliveries.figure["data"][0]["customdata"]


def test_the_page_says_the_figure_lists_and_exports_the_same_people(client: Client, store: Store) -> None:
    cell = CohortMonth.objects.filter(store=store, facet=Facet.ALL, age=1).order_by("-customers")[0]
    url = cohort_url(store, cell.cohort, cell.age, Facet.ALL, "")
    body = client.get(url).content.decode()
    assert f"{cell.customers} customers" in body
    assert f"ordered in {add_months(cell.cohort, 1):%b %Y}" in body
    assert body.count("<tr data-href=") == cell.customers
    exported = people_of_list(store, "retention", url.partition("?")[2])
    assert exported is not None
    ids = list(exported.rows.values_list("customer_id", flat=True))
    assert set(ids) == people_of(store, url)
    assert len(ids) == cell.customers
    assert "list=retention" in body


def test_cells_of_the_chart_and_rows_of_its_table_open_their_people(client: Client, store: Store) -> None:
    state = retention_state(store)
    assert state is not None
    page = retention_page(store, state, {"measure": "customers", "show": "amount", "facet": "buyer"})
    assert page.triangle is not None
    settled = page.triangle.figure["data"][0]
    for texts, links in zip(settled["text"], settled["customdata"], strict=True):
        for text, link in zip(texts, links, strict=True):
            if text:
                assert len(people_of(store, link)) == int(text)
    assert all(client.get(link).status_code == 200 for link in page.triangle.links)
    for chart in (page.second_orders, page.concentration):
        assert chart is not None
        assert chart.links
        assert all(client.get(link).status_code == 200 for link in chart.links)


@pytest.mark.parametrize(
    "query",
    [{}, {"of": "cohort"}, {"month": "2025-13"}, {"month": "9999-12"}, {"of": "x", "month": "x"}],
)
def test_an_address_of_no_figure_leads_to_all_of_them(
    client: Client, store: Store, query: dict[str, str]
) -> None:
    response = client.get(reverse("segments:retention_people", args=[store.slug]), query)
    assert response["Location"] == "/s/shop/segments/retention/"
    assert people_of_list(store, "retention", urlencode(query)) is None


@pytest.mark.parametrize(
    "query",
    [
        {"month": "2025-01", "age": "999"},
        {"month": "2025-01", "age": "-1"},
        {"month": "2025-01", "facet": "channel", "value": "nowhere"},
        {"of": "second", "days": "7"},
        {"of": "second", "month": "x"},
        {"month": "0001-01"},
        {"of": "lapsed", "month": "0001-01"},
        {"of": "delivery", "outcome": "x", "back": "x"},
        {"of": "won-back", "month": "2025-06", "page": "x"},
    ],
)
def test_what_an_address_says_wrong_is_left_out(client: Client, store: Store, query: dict[str, str]) -> None:
    assert client.get(reverse("segments:retention_people", args=[store.slug]), query).status_code == 200


def test_a_store_without_tables_has_no_people_to_list(client: Client) -> None:
    empty = make_store("empty")
    client.force_login(make_user(store=empty, role=Role.MANAGER))
    path = reverse("segments:retention_people", args=["empty"])
    assert client.get(path, {"month": "2025-01"})["Location"] == "/s/empty/segments/retention/"


def test_a_page_takes_the_same_queries_however_many_are_on_it(client: Client, store: Store) -> None:
    taken = []
    sizes = CohortMonth.objects.filter(store=store, facet=Facet.ALL, age=0).order_by("customers")
    for cell in (sizes[0], sizes.reverse()[0]):
        with CaptureQueriesContext(connection) as seen:
            client.get(cohort_url(store, cell.cohort, 0, Facet.ALL, ""))
        taken.append(len(seen))
    assert sizes[0].customers < sizes.reverse()[0].customers
    assert taken[0] == taken[1]
