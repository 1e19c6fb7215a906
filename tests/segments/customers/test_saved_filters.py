"""Filters of the customer list kept under a name: whose they are, and what becomes of them."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role, Store, User
from segments.customers.saved_filters import (
    MOST_KEPT,
    FilterError,
    change_filter,
    delete_filter,
    essence,
    save_filter,
    saved_filters,
)
from segments.models import SavedFilter
from segments.scoring import refresh_store
from tests.factories.accounts import make_store, make_user
from tests.factories.segments import make_buyers

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(store: Store) -> User:
    return make_user(store=store, role=Role.MANAGER)


@pytest.fixture
def ben(store: Store) -> User:
    return make_user(store=store, role=Role.SUPPORT)


def save(
    store: Store, person: User, name: str = "Lapsed", query: str = "r=1", shared: bool = False
) -> SavedFilter:
    return save_filter(store=store, person=person, name=name, query=query, shared=shared)[0]


def names(store: Store, person: User) -> list[str]:
    return [kept.name for kept in saved_filters(store, person)]


def test_own_filters_are_ones_own_and_shared_ones_everybodys(store: Store, ann: User, ben: User) -> None:
    save(store, ann, "Mine")
    save(store, ann, "Ours", shared=True)
    assert names(store, ann) == ["Mine", "Ours"]
    assert names(store, ben) == ["Ours"]


def test_filters_of_another_store_are_not_there(store: Store, ann: User) -> None:
    save(make_store("other"), ann, shared=True)
    assert names(store, ann) == []


def test_saving_under_a_name_again_replaces_it(store: Store, ann: User, ben: User) -> None:
    save(store, ann, query="r=1")
    save(store, ann, query="r=2")
    save(store, ben, query="r=3")
    assert [kept.query for kept in saved_filters(store, ann)] == ["r=2"]


def test_person_keeps_so_many_filters_and_can_still_change_them(store: Store, ann: User, ben: User) -> None:
    for number in range(MOST_KEPT):
        save(store, ann, f"Filter {number}")
    with pytest.raises(FilterError, match="Delete one you don’t need first"):
        save(store, ann, "One more")
    save(store, ann, "Filter 0", query="r=2")
    save(store, ben, "Somebody else's")
    assert SavedFilter.objects.filter(saved_by=ann).count() == MOST_KEPT


def test_saving_over_a_filter_says_so(store: Store, ann: User, client: Client) -> None:
    client.force_login(ann)
    address = reverse("segments:filter_save", args=[store.slug])
    first = client.post(address, {"name": "Lapsed", "query": "r=1"}, follow=True)
    again = client.post(address, {"name": "Lapsed", "query": "r=2"}, follow=True)
    assert [str(message) for message in first.context["messages"]] == ["Saved as Lapsed."]
    assert "no longer for those before" in str(next(iter(again.context["messages"])))


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("q=&segment=loyal&page=abc&sort=-due", "segment=loyal&sort=-due"),
        ("page=x", ""),
        ("q=a%26b", "q=a%26b"),
    ],
)
def test_query_is_kept_without_its_page_and_what_is_empty(query: str, kept: str) -> None:
    assert essence(query) == kept


@pytest.mark.parametrize(
    ("name", "query", "sentence"),
    [
        ("  ", "r=1", "Give the filter a name."),
        ("a" * 61, "r=1", "60 letters"),
        ("Lapsed", "page=x", "no filter to save"),
        ("Lapsed", f"q={'a' * 2000}", "too long"),
    ],
)
def test_what_cannot_be_kept_says_why(store: Store, ann: User, name: str, query: str, sentence: str) -> None:
    with pytest.raises(FilterError, match=sentence):
        save(store, ann, name, query)
    assert names(store, ann) == []


def test_rename_to_a_taken_name_says_so_and_changes_nothing(store: Store, ann: User) -> None:
    save(store, ann, "First")
    second = save(store, ann, "Second")
    with pytest.raises(FilterError, match="another filter named First"):
        change_filter(kept=second, name="First", shared=False)
    assert names(store, ann) == ["First", "Second"]


def test_a_filter_that_somebody_just_deleted_stays_deleted(store: Store, ann: User) -> None:
    kept = save(store, ann, "At risk")
    delete_filter(kept=SavedFilter.objects.get(pk=kept.pk))
    change_filter(kept=kept, name="Slipping", shared=True)
    delete_filter(kept=kept)
    assert not SavedFilter.objects.exists()


def test_renamed_shared_and_deleted(store: Store, ann: User, ben: User) -> None:
    kept = save(store, ann)
    change_filter(kept=kept, name="  Long  gone ", shared=True)
    assert names(store, ben) == ["Long gone"]
    delete_filter(kept=kept)
    assert names(store, ann) == []


def test_list_offers_saved_filters_and_saves_what_it_shows(store: Store, ann: User) -> None:
    make_buyers(store, [3, 1])
    refresh_store(store=store, as_of=date(2025, 6, 30))
    client, path = Client(), reverse("segments:customer_list", args=["shop"])
    client.force_login(ann)
    assert "Save these filters" not in client.get(path).content.decode()
    assert "Save these filters" in client.get(path, {"f": "5"}).content.decode()
    response = client.post(
        reverse("segments:filter_save", args=["shop"]), {"name": "Often", "query": "f=5&sort=-due"}
    )
    assert response["Location"] == f"{path}?f=5&sort=-due"
    body = client.get(response["Location"]).content.decode()
    assert 'href="/s/shop/customers/?f=5&amp;sort=-due">Often</a>' in body


def test_somebody_elses_own_filter_is_not_there(store: Store, ann: User, ben: User) -> None:
    kept = save(store, ann)
    client = Client()
    client.force_login(ben)
    path = reverse("segments:filter_delete", args=["shop", kept.pk])
    assert client.post(path).status_code == 404
    assert names(store, ann) == ["Lapsed"]
