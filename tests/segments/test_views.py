"""Pages of segments: what they show, to whom, in how many queries."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import now

from accounts.models import Role, Store
from jobs.models import Job
from orders.models import Customer
from orders.rollups import refresh_rollups
from segments.models import Refresh, Segment
from segments.queries import OVERDUE_AFTER, latest_refresh
from segments.schemes.versions import set_preset
from segments.scoring import refresh_store
from tests.factories.accounts import make_store, signed_in
from tests.factories.orders import make_customer, make_order
from tests.factories.segments import make_buyers
from tests.pages import text_of

pytestmark = pytest.mark.django_db

DAY = date(2025, 6, 30)


@pytest.fixture
def moved(store: Store) -> Refresh:
    """Five customers on the first day; one of them bought again on the third."""
    ids = make_buyers(store, [5, 4, 3, 1, 1], last_on=DAY)
    refresh_store(store=store, as_of=DAY)
    make_order(Customer.objects.get(pk=ids[4]), f"{DAY + timedelta(days=2)}T10:00", total=4000)
    return refresh_store(store=store, as_of=DAY + timedelta(days=2))


def queries_of(client: Client, path: str) -> int:
    """Queries of a page once the session and content types are known."""
    client.get(path)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


# The overview


def test_overview_names_every_segment_with_its_figures_and_what_to_do(client: Client, moved: Refresh) -> None:
    text = text_of(client, "segments:segment_list")
    for segment in Segment.objects.filter(store__slug="shop"):
        assert segment.name in text
        assert segment.advice.split(";")[0] in text
    assert "1 customer slipped from Champions to Loyal since 30 Jun 2025." in text  # the other bought again


def test_overview_of_a_store_without_orders_says_what_to_do(client: Client, store: Store) -> None:
    text = text_of(client, "segments:segment_list")
    assert "No segments yet" in text
    assert "Bring your orders in" in text


def test_overview_of_orders_that_nobody_is_known_of_says_so(client: Client, store: Store) -> None:
    make_order(None, f"{DAY}T12:00", store=store)
    make_order(make_customer(store), f"{DAY}T12:00", total=500, refunded=500)
    refresh_rollups(store=store)
    assert "The next refresh puts everybody who bought into a segment." in text_of(
        client, "segments:segment_list"
    )
    refresh_store(store=store, as_of=DAY)
    text = text_of(client, "segments:segment_list")
    assert "none that counts says whose it is" in text
    assert "Bring your orders in" not in text
    assert text_of(client, "segments:customer_list").count("No customer has an order that counts.") == 1


def test_first_day_has_nothing_to_compare(client: Client, store: Store) -> None:
    make_buyers(store, [2, 1], last_on=DAY)
    refresh_store(store=store, as_of=DAY)
    assert "Moves come with the second day" in text_of(client, "segments:segment_list")


def test_people_whom_nothing_tells_apart_are_no_finding_about_them(client: Client, store: Store) -> None:
    make_order(make_customer(store), f"{DAY}T12:00")
    refresh_store(store=store, as_of=DAY)
    assert "The only customer is in Hibernating" in text_of(client, "segments:segment_list")
    make_order(make_customer(store), f"{DAY}T12:00", total=900)
    make_order(make_customer(store), f"{DAY}T13:00")
    refresh_store(store=store, as_of=DAY)
    text = text_of(client, "segments:segment_list")
    assert "All 3 customers are in Hibernating: scores compare customers with each other" in text
    make_buyers(store, [2], last_on=DAY)
    refresh_store(store=store, as_of=DAY)
    assert "told apart" not in text_of(client, "segments:segment_list")


def test_overview_compares_with_the_period_asked_for(client: Client, store: Store, moved: Refresh) -> None:
    refresh_store(store=store, as_of=DAY + timedelta(days=9))
    assert "since 2 Jul" not in text_of(client, "segments:segment_list", period="12w")
    assert "Since 2 Jul" in text_of(client, "segments:segment_list", period="7d")


@pytest.mark.parametrize("query", [{"measure": "nonsense"}, {"period": "for ever"}, {"measure": "revenue"}])
def test_overview_takes_any_address(client: Client, moved: Refresh, query: dict[str, str]) -> None:
    assert "Champions" in text_of(client, "segments:segment_list", **query)


def test_moves_of_a_new_scheme_are_no_finding_about_customers(
    client: Client, store: Store, moved: Refresh
) -> None:
    set_preset(store=store, preset="eleven")
    refresh_store(store=store, as_of=DAY + timedelta(days=3))
    text = text_of(client, "segments:segment_list")
    assert "Eleven, version 2 came into force after 2 Jul 2025." in text
    assert "since 2 Jul 2025." not in text


# One segment


def test_segment_page_shows_its_people_and_who_came(client: Client, moved: Refresh) -> None:
    text = text_of(client, "segments:segment_page", "potential-loyalist")
    assert "1 came and 0 left since 30 Jun 2025: 1 customer more." in text
    newest = Customer.objects.order_by("-id")[0]
    assert newest.name in text
    assert "Hibernating" in text


def test_segment_of_no_orders_yet_shows_what_it_will_be(client: Client, store: Store) -> None:
    refresh = refresh_store(store=store, as_of=DAY)
    assert refresh.customers == 0
    text = text_of(client, "segments:segment_page", "champions")
    assert "No customer is in this segment now." in text
    assert "Selected customers" not in text  # there is nothing to select


def test_unknown_segment_isn_t_there(client: Client, store: Store) -> None:
    path = reverse("segments:segment_page", args=["shop", "no-such"])
    assert client.get(path).status_code == 404


# Moves


def test_moves_show_the_flows_and_open_the_people(client: Client, moved: Refresh) -> None:
    text = text_of(client, "segments:moves", since=DAY)
    assert "1 moved up" in text
    people = text_of(client, "segments:moves", since=DAY, before="hibernating", after="potential-loyalist")
    assert Customer.objects.order_by("-id")[0].name in people


def test_moves_from_anywhere_and_from_nowhere(client: Client, moved: Refresh) -> None:
    since = DAY - timedelta(days=5)
    arrived = text_of(client, "segments:moves", since=since, before="none", after="hibernating")
    assert "moved this way" in arrived
    came = text_of(client, "segments:moves", since=since, before="any", after="potential-loyalist")
    assert Customer.objects.order_by("-id")[0].name in came


@pytest.mark.parametrize(
    "query",
    [{"since": "yesterday"}, {"before": "x", "after": "y"}, {"since": "0001-01-01"}, {"page": "zzz"}],
)
def test_moves_take_any_address(client: Client, moved: Refresh, query: dict[str, str]) -> None:
    assert "moved" in text_of(client, "segments:moves", **query).lower()


def test_moves_before_the_second_day_say_when_they_come(client: Client, store: Store) -> None:
    assert "Nothing to compare yet" in text_of(client, "segments:moves")


# Refreshing


def test_asking_twice_for_a_refresh_queues_one(client: Client, store: Store) -> None:
    path = reverse("segments:refresh_now", args=["shop"])
    for _ in range(2):
        assert client.post(path).status_code == 302
    job = Job.objects.get(store=store)
    assert (job.kind, job.arguments) == ("segments.refresh", {"reason": "demand"})


def test_refresh_asked_for_by_htmx_answers_with_its_progress(client: Client, store: Store) -> None:
    path = reverse("segments:refresh_now", args=["shop"])
    response = client.post(path, headers={"HX-Request": "true"})
    job = Job.objects.get(store=store)
    assert response.status_code == 200
    assert f"{path}?job={job.pk}" in response.content.decode()
    assert "HX-Refresh" not in response.headers


def test_page_is_loaded_again_once_the_refresh_is_done(client: Client, store: Store) -> None:
    path = reverse("segments:refresh_now", args=["shop"])
    client.post(path)
    Job.objects.filter(store=store).update(state=Job.State.SUCCEEDED, finished_at=now())
    response = client.get(path, {"job": Job.objects.get(store=store).pk})
    assert response.headers["HX-Refresh"] == "true"


@pytest.mark.parametrize("job", ["", "0", "x", "9" * 40])
def test_progress_of_no_refresh_isn_t_there(client: Client, store: Store, job: str) -> None:
    path = reverse("segments:refresh_now", args=["shop"])
    assert client.get(path, {"job": job}).status_code == 404


def test_progress_of_another_stores_refresh_isn_t_there(client: Client, store: Store) -> None:
    other = Job.objects.create(store=make_store(), kind="segments.refresh", key="demand")
    path = reverse("segments:refresh_now", args=["shop"])
    assert client.get(path, {"job": other.pk}).status_code == 404


# Freshness


def test_freshness_says_the_age_and_shouts_when_overdue(client: Client, moved: Refresh) -> None:
    fresh = text_of(client, "segments:freshness")
    assert "Segments: just now" in fresh
    Refresh.objects.update(finished_at=now() - OVERDUE_AFTER - timedelta(minutes=1))
    assert "Segments overdue" in text_of(client, "segments:freshness")


def test_freshness_of_a_store_without_a_refresh(client: Client, store: Store) -> None:
    assert text_of(client, "segments:freshness") == "No segments yet"


def test_freshness_says_that_a_refresh_is_under_way(client: Client, moved: Refresh) -> None:
    client.post(reverse("segments:refresh_now", args=["shop"]))
    assert "Refreshing" in text_of(client, "segments:freshness")


def test_freshness_leads_support_nowhere_they_may_not_go(store: Store, moved: Refresh) -> None:
    response = signed_in(store, Role.SUPPORT).get(reverse("segments:freshness", args=["shop"]))
    assert "href" not in response.content.decode()


# Queries


def grow(store: Store, customers: int, refreshes: int) -> None:
    """More people, more orders of theirs, more refreshes that move them."""
    for number in range(customers):
        customer = make_customer(store)
        for back in range(3):
            make_order(customer, f"{DAY - timedelta(days=number + back)}T12:00")
    for later in range(refreshes):
        newest = Customer.objects.filter(store=store).order_by("id")[0]
        make_order(newest, f"{DAY + timedelta(days=10 + later)}T12:00", total=90_000)
        refresh_store(store=store, as_of=DAY + timedelta(days=10 + later))


@pytest.mark.parametrize(
    ("name", "arguments", "query"),
    [
        ("segments:segment_list", (), "?period=12w"),
        ("segments:segment_page", ("hibernating",), ""),
        ("segments:moves", (), "?period=12w"),
        ("segments:moves", (), "?since=2025-06-01&before=any&after=champions"),
        ("segments:customer_list", (), ""),
        ("segments:customer_list", (), "?q=customer"),
        ("segments:customer_list", (), "?r=5&spent_from=1"),
        ("segments:freshness", (), ""),
    ],
)
def test_page_takes_the_same_number_of_queries_whatever_the_size(
    client: Client, store: Store, moved: Refresh, name: str, arguments: tuple[str, ...], query: str
) -> None:
    path = reverse(name, args=["shop", *arguments]) + query
    cache.clear()
    small = queries_of(client, path)
    grow(store, customers=12, refreshes=3)
    assert latest_refresh(store) != moved
    assert queries_of(client, path) == small
