"""Pages left open hear of newer figures."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import Role, Store
from segments.figures_version import figures_version, newer_than
from segments.models import Refresh
from segments.scoring import refresh_store
from segments.value.fitting import fit_value
from tests.factories.accounts import make_store, make_user, signed_in
from tests.factories.segments import make_buyers

pytestmark = pytest.mark.django_db

DAY = date(2025, 6, 30)


@pytest.fixture
def store() -> Store:
    store = make_store("shop")
    make_buyers(store, [2, 1])
    return store


def test_same_figures_are_no_news(store: Store, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    refresh_store(store=store, as_of=DAY)
    with django_assert_num_queries(1):
        seen = figures_version(store)
    assert newer_than(store, seen) is None


def test_first_and_every_further_refresh_is_news(store: Store) -> None:
    before = figures_version(store)
    first = refresh_store(store=store, as_of=DAY)
    assert newer_than(store, before) == first.finished_at
    between = figures_version(store)
    second = refresh_store(store=store, as_of=DAY)
    assert newer_than(store, between) == second.finished_at


def test_value_fit_is_news(store: Store) -> None:
    refresh_store(store=store, as_of=DAY)
    seen = figures_version(store)
    fit = fit_value(store=store, as_of=DAY)
    assert newer_than(store, seen) == fit.finished_at


def test_reconstructed_past_is_no_news(store: Store) -> None:
    seen = figures_version(store)
    refresh_store(store=store, as_of=DAY - timedelta(days=60), reason=Refresh.Reason.RECONSTRUCTED)
    assert newer_than(store, seen) is None


def test_figures_of_another_store_are_no_news(store: Store) -> None:
    seen = figures_version(store)
    refresh_store(store=make_store("other"), as_of=DAY)
    assert newer_than(store, seen) is None


@pytest.mark.parametrize("seen", ["", "-", "1", "a-b", "1-", "½-2", "1-2-3"])
def test_what_is_no_version_has_seen_everything(store: Store, seen: str) -> None:
    refresh_store(store=store, as_of=DAY)
    assert newer_than(store, seen) is None


def test_bar_leads_back_to_the_page_with_its_filters(store: Store) -> None:
    client, path = Client(), reverse("segments:version", args=["shop"])
    client.force_login(make_user(store=store, role=Role.SUPPORT))
    seen = {"seen": figures_version(store)}
    page = "http://testserver/s/shop/customers/?consent=yes&sort=last"
    headers = {"HX-Request": "true", "HX-Current-URL": page}
    assert client.get(path, seen, headers=headers).status_code == 204
    refresh_store(store=store, as_of=DAY)
    body = client.get(path, seen, headers=headers).content.decode()
    assert 'href="/s/shop/customers/?consent=yes&amp;sort=last"' in body


@pytest.mark.parametrize(
    "page", ["http://elsewhere.example/s/shop/", "http://testserver//elsewhere.example/", ""]
)
def test_bar_leads_nowhere_else(store: Store, page: str) -> None:
    client = signed_in(store, Role.MANAGER)
    seen = figures_version(store)
    refresh_store(store=store, as_of=DAY)
    path = reverse("segments:version", args=["shop"])
    body = client.get(
        path, {"seen": seen}, headers={"HX-Request": "true", "HX-Current-URL": page}
    ).content.decode()
    assert 'href="/s/shop/"' in body
