"""The pages on how segments changed: every figure opens the people it counts."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
from django.http import QueryDict
from django.test import Client
from plotly.graph_objects import Figure
from pytest_django import DjangoAssertNumQueries

from accounts.models import Role, Store
from orders.models import Customer
from segments.chain import chain, pictures, span_between
from segments.history import pages
from segments.history.cause_queries import GROUPS, causes_of_change, people_of_part
from segments.history.decomposition import explain_outstanding
from segments.history.past import reconstruct_history
from segments.scoring import refresh_store
from tests.factories.accounts import make_store, make_user
from tests.factories.orders import make_order
from tests.factories.segments import make_buyers

pytestmark = pytest.mark.django_db

DAY = date(2025, 6, 30)


@pytest.fixture
def store() -> Store:
    """A store with a reconstructed past and three refreshes."""
    store = make_store("shop")
    ids = make_buyers(store, [5, 4, 3, 1, 1, 2, 2, 6], last_on=DAY)
    make_buyers(store, [1, 2, 1], last_on=DAY - timedelta(days=70))
    refresh_store(store=store, as_of=DAY)
    reconstruct_history(store=store)
    for days, who in ((3, 3), (9, 4)):
        make_order(Customer.objects.get(pk=ids[who]), f"{DAY + timedelta(days=days)}T10:00", total=4000)
        make_buyers(store, [1], last_on=DAY + timedelta(days=days))
        refresh_store(store=store, as_of=DAY + timedelta(days=days))
    explain_outstanding(store)
    return store


def text(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def opened(page: str, name: str) -> list[tuple[str, int]]:
    """The links of a page to lists of people, with the figures they stand under."""
    found = re.findall(rf'<a href="(/s/shop/segments/{name}/[^"]*(?:cause|before)=[^"]*)">([\d,]+)', page)
    return [(unescape(url), int(figure.replace(",", ""))) for url, figure in found]


def listed(page: str) -> int:
    return page.count("<tr data-href=")


@pytest.mark.parametrize("name", ["compare", "why"])
@pytest.mark.parametrize("query", ["", "?from=2025-06-30&to=2025-07-09", "?from=2025-05-31&to=2025-07-03"])
def test_every_figure_opens_the_people_it_counts(client: Client, name: str, query: str) -> None:
    page = text(client, f"/s/shop/segments/{name}/{query}")
    links = opened(page, name)
    assert links
    for url, figure in links:
        assert listed(text(client, url)) == figure
        asked = {"list": name, "query": url.partition("?")[2], "kind": "csv"}
        lines = client.post("/s/shop/customers/export/", asked).getvalue().splitlines()
        assert 1 < len(lines) <= figure + 1


@pytest.mark.parametrize("name", ["compare", "why"])
def test_people_of_a_figure_can_be_selected(client: Client, name: str) -> None:
    url, figure = opened(text(client, f"/s/shop/segments/{name}/"), name)[0]
    page = text(client, url)
    assert page.count('name="customer"') == figure
    assert f'name="list" value="{name}"' in page


@pytest.mark.parametrize("name", ["compare", "why"])
def test_what_an_address_says_wrong_gives_the_default_page(client: Client, name: str) -> None:
    page = text(client, f"/s/shop/segments/{name}/")
    for query in ("?from=yesterday", "?to=&from=", "?segment=no&cause=bought&way=in", "?before=x&after=y"):
        assert listed(text(client, f"/s/shop/segments/{name}/{query}")) == listed(page)
    assert text(client, f"/s/shop/segments/{name}/?from=2025-07-09&to=2025-07-09")
    assert client.get("/s/shop/customers/export/", {"list": name}).url == "/s/shop/customers/"


@pytest.mark.parametrize("name", ["compare", "why"])
def test_a_store_with_one_refresh_says_what_will_be_here(client: Client, name: str) -> None:
    empty = make_store("empty")
    client.force_login(make_user(store=empty, role=Role.MANAGER))
    assert "Nothing to compare yet" in text(client, f"/s/empty/segments/{name}/")


def test_parts_of_every_span_add_up_and_count_their_people(store: Store) -> None:
    shown = pictures(chain(store))
    for earlier in shown:
        for later in shown:
            if earlier.pk == later.pk:
                continue
            span = span_between(store, earlier, later)
            for change in causes_of_change(span):
                assert change.change == sum(part.net for part in change.parts.values())
                for group in GROUPS:
                    part = change.parts[group]
                    assert people_of_part(span, change.segment, group, "in").count() == part.came
                    assert people_of_part(span, change.segment, group, "out").count() == part.left


def test_moves_that_are_not_explained_yet_are_a_part_of_their_own(store: Store) -> None:
    ids = make_buyers(store, [3], last_on=DAY + timedelta(days=10))
    make_order(Customer.objects.get(pk=ids[0]), f"{DAY + timedelta(days=12)}T10:00", total=9000)
    later = refresh_store(store=store, as_of=DAY + timedelta(days=12))
    span = span_between(store, pictures(chain(store))[-2], later)
    changes = causes_of_change(span)
    assert sum(change.parts[group].came for change in changes for group in GROUPS) == later.moved
    for change in changes:
        assert change.change == sum(part.net for part in change.parts.values())
        assert {group.key for group in GROUPS if change.parts[group].came} <= {"unexplained"}


def test_a_merged_guest_is_a_part_of_the_change(store: Store) -> None:
    links = pictures(chain(store))
    gone = Customer.objects.filter(store=store, moves__refresh=links[0]).first()
    gone.orders.all().delete()
    gone.delete()
    for change in causes_of_change(span_between(store, links[0], links[-1])):
        assert change.change == sum(part.net for part in change.parts.values())


@pytest.mark.parametrize(("name", "most"), [("compare", 10), ("why", 11)])
def test_pages_take_the_same_queries_for_any_two_days(
    store: Store, name: str, most: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    made = {"compare": pages.compare_page, "why": lambda *given: pages.why_page(*given, "")}
    for query in ("from=2025-07-03&to=2025-07-09", "from=2025-04-30&to=2025-07-09"):
        made[name](store, pages.chosen_span(store, QueryDict(query)))  # the first look keeps the net flows
        with django_assert_max_num_queries(most):
            chosen = pages.chosen_span(store, QueryDict(query))
            made[name](store, chosen)


def test_days_between_which_nothing_changed_say_so(client: Client, store: Store) -> None:
    refresh_store(store=store, as_of=DAY + timedelta(days=9, weeks=1))
    refresh_store(store=store, as_of=DAY + timedelta(days=10, weeks=1))
    explain_outstanding(store)
    nothing = "?from=2025-07-16&to=2025-07-17"
    page = text(client, f"/s/shop/segments/why/{nothing}")
    assert "Nobody came into a segment or left one since 16 Jul 2025." in page
    assert "There is nothing to draw yet" not in page
    assert "is as large as on" in text(client, f"/s/shop/segments/why/{nothing}&segment=champions")


def test_finding_names_the_parts_with_their_signs(store: Store) -> None:
    chosen = pages.chosen_span(store, QueryDict("from=2025-06-30&to=2025-07-09"))
    page = pages.why_page(store, chosen, "new")
    parts = [int(found.replace("−", "-").replace("+", "")) for found in re.findall(r"[+−]\d+", page.finding)]
    assert page.change.segment.key == "new"
    assert sum(parts) == page.change.change
    assert page.chart.figure["data"][0]["y"][-1] == page.change.change
    assert sum(page.chart.figure["data"][0]["y"][:-1]) == page.change.change
    Figure(page.chart.figure)
