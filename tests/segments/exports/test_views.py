"""Pages of exports: choosing, having a small file at once, a large one made in the background."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse

from accounts.models import Role, Store
from jobs.models import Job
from jobs.progress import Progress
from orders.models import Customer
from segments.exports import making
from segments.exports.files import EXPORT, link_token, path_of
from segments.exports.forms import Asked
from segments.exports.making import make_export
from segments.scoring import refresh_store
from tests.factories.accounts import make_store, signed_in
from tests.factories.exports import make_export_job, make_finished_export
from tests.factories.orders import make_customer, make_order
from tests.factories.segments import make_scored_buyers

pytestmark = pytest.mark.django_db

DAY = date(2025, 6, 30)
EXPORT_PATH = "/s/shop/customers/export/"
LIST_PATH = "/s/shop/customers/exports/"


@pytest.fixture
def shop(store: Store) -> list[Customer]:
    """Six customers, the first the best, scored."""
    return make_scored_buyers(store, [6, 5, 4, 2, 1, 1], as_of=DAY)


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three people are many."""
    monkeypatch.setattr(making, "SMALL", 3)


def exported(client: Client, **asked: Any) -> list[dict[str, str]]:
    response = client.post(EXPORT_PATH, {"kind": "csv", **asked})
    return list(csv.DictReader(io.StringIO(response.getvalue().decode("utf-8-sig"))))


def page(client: Client, path: str, **query: object) -> str:
    response = client.get(path, query, follow=True)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


# Choosing


def test_export_asks_for_the_kind_of_file_and_says_how_many(client: Client, shop: list[Customer]) -> None:
    shown = page(client, EXPORT_PATH, segment="champions", sort="-last", page="x")
    assert "in Champions" in shown
    assert 'name="query" value="segment=champions&amp;sort=-last"' in shown
    assert all(f'value="{kind}"' in shown for kind in ("xlsx", "csv", "klaviyo", "mailchimp"))


def test_choice_alone_is_fetched_into_the_sheet(client: Client, shop: list[Customer]) -> None:
    part = client.get(EXPORT_PATH, headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith("<form")
    assert "6 customers" in part


def test_choice_counts_who_is_left_out_of_a_file_that_mails(client: Client, store: Store) -> None:
    make_customer(store, "silent", external_id=None, email="", phone="555")
    make_customer(store, "refuser", accepts_email=False)
    refresh_store(store=store, as_of=DAY)
    shown = page(client, EXPORT_PATH)
    assert "1 person without an e-mail address is left out" in shown
    assert "Include the 1 who refused marketing e-mail" in shown
    assert 'name="with_refused" id="with_refused" aria' in shown  # not ticked


@pytest.mark.parametrize("kind", ["", "pdf", "CSV"])
def test_kind_that_isn_t_there_is_asked_for_again(client: Client, shop: list[Customer], kind: str) -> None:
    response = client.post(EXPORT_PATH, {"kind": kind})
    assert response.status_code == 422
    assert "Choose" in response.content.decode()


def test_list_that_isn_t_there_leads_back_to_the_customers(client: Client, shop: list[Customer]) -> None:
    shown = page(client, EXPORT_PATH, list="compare", before="no", after="no")
    assert "There is no such list to export" in shown


# A small file


def test_small_list_is_a_file_at_once_in_its_order(
    client: Client, store: Store, shop: list[Customer]
) -> None:
    rows = exported(client, query="spent_from=20&sort=orders")
    assert [row["Customer number"] for row in rows] == [shop[place].external_id for place in (3, 2, 1, 0)]
    assert rows[0]["Orders"] == "2"
    assert rows[0][f"Spent ({store.currency})"] == "20.00"
    assert not Job.objects.filter(kind=EXPORT).exists()


@pytest.mark.parametrize(
    ("kind", "name", "content_type"),
    [
        ("csv", "shop-champions.csv", "text/csv; charset=utf-8"),
        ("mailchimp", "shop-champions-mailchimp.csv", "text/csv; charset=utf-8"),
        ("xlsx", "shop-champions.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ],
)
def test_file_is_named_for_what_is_in_it(
    client: Client, shop: list[Customer], kind: str, name: str, content_type: str
) -> None:
    response = client.post(EXPORT_PATH, {"kind": kind, "query": "segment=champions"})
    assert response.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert response.headers["Content-Type"] == content_type
    response.close()


def test_formulas_are_neutralised_in_both(client: Client, store: Store) -> None:
    customer = make_customer(store, "@sum(1)", external_id="=1+1", email="+a@example.com")
    make_order(customer, "2025-06-01T10:00")
    refresh_store(store=store, as_of=DAY)
    (row,) = exported(client)
    assert (row["Customer number"], row["E-mail"], row["Name"]) == ("'=1+1", "'+a@example.com", "'@sum(1)")
    book = client.post(EXPORT_PATH, {"kind": "xlsx"}).getvalue()
    cells = openpyxl.load_workbook(io.BytesIO(book))["Customers"][2]
    assert [(cell.value, cell.data_type) for cell in cells[:2]] == [("=1+1", "s"), ("+a@example.com", "s")]


def test_those_who_refused_are_in_a_file_that_mails_only_when_asked_for(client: Client, store: Store) -> None:
    make_order(make_customer(store, "refuser", accepts_email=False), "2025-06-01T10:00")
    refresh_store(store=store, as_of=DAY)
    assert exported(client, kind="klaviyo") == []
    (row,) = exported(client, kind="klaviyo", with_refused="on")
    assert row["Email Marketing Consent"] == "Unsubscribed"


# Those somebody picked


def test_picked_customers_alone_are_exported(client: Client, shop: list[Customer]) -> None:
    picked = f"{shop[4].pk},{shop[1].pk}"
    rows = exported(client, picked=picked, customer=[str(shop[0].pk)], query="segment=champions")
    assert [row["Customer number"] for row in rows] == [shop[place].external_id for place in (0, 1, 4)]


def test_picked_customers_are_carried_from_the_choice_to_the_file(
    client: Client, shop: list[Customer]
) -> None:
    shown = client.post(EXPORT_PATH, {"customer": [str(shop[1].pk), str(shop[0].pk)]}).content.decode()
    assert f'name="picked" value="{shop[0].pk},{shop[1].pk}"' in shown
    assert "2 customers" in shown
    assert "you selected" in shown


def test_picked_customers_of_another_store_are_not_exported(client: Client, shop: list[Customer]) -> None:
    other = make_store()
    stranger = make_customer(other, "stranger")
    refresh_store(store=other, as_of=DAY)
    rows = exported(client, picked=f"{stranger.pk},{shop[0].pk}")
    assert [row["Customer number"] for row in rows] == [shop[0].external_id]
    assert exported(client, picked=str(stranger.pk)) == []


def test_everybody_who_fits_beats_those_ticked(client: Client, shop: list[Customer]) -> None:
    assert len(exported(client, everybody="1", picked=str(shop[0].pk))) == 6


def test_more_than_can_be_picked_by_hand_is_refused(client: Client, shop: list[Customer]) -> None:
    picked = ",".join(map(str, range(1, 5_002)))
    response = client.post(EXPORT_PATH, {"kind": "csv", "picked": picked}, follow=True)
    assert "At most 5,000 customers can be selected by hand" in response.content.decode()


@pytest.mark.parametrize("picked", ["", "a,b", ",,", "-1", "²", "9" * 40, "1.5"])
def test_nothing_picked_is_the_list(picked: str) -> None:
    from django.http import QueryDict

    given = QueryDict(mutable=True)
    given["picked"] = picked
    assert Asked.from_form(given).picked == ()


# A large file


@pytest.mark.usefixtures("large")
def test_large_list_is_made_in_the_background(client: Client, store: Store, shop: list[Customer]) -> None:
    shown = page(client, EXPORT_PATH)
    assert "You can leave the page" in shown or "you can leave the page" in shown
    response = client.post(EXPORT_PATH, {"kind": "mailchimp", "query": "sort=orders", "with_refused": "on"})
    assert response.url == LIST_PATH
    job = Job.objects.get(store=store, kind=EXPORT)
    assert job.arguments == {
        "list": "customers",
        "query": "sort=orders",
        "kind": "mailchimp",
        "with_refused": True,
        "words": "of the shop",
        "name": "customers",
    }
    waiting = page(client, LIST_PATH)
    assert "Waiting to start" in waiting
    assert f"{LIST_PATH}{job.pk}/progress/" in waiting


@pytest.mark.usefixtures("large")
def test_finished_export_is_downloaded_by_its_link(
    client: Client, store: Store, shop: list[Customer]
) -> None:
    client.post(EXPORT_PATH, {"kind": "csv", "query": "sort=orders"})
    job = Job.objects.get(kind=EXPORT)
    result = make_export(job=job, progress=Progress())
    Job.objects.filter(pk=job.pk).update(state="succeeded", finished_at=job.created_at, result=result)
    shown = page(client, f"{LIST_PATH}{job.pk}/progress/")
    assert "6 people, " in shown
    assert "hx-trigger" not in shown
    link = shown.split('href="')[1].split('"')[0]
    response = client.get(link)
    assert response.headers["Content-Disposition"] == 'attachment; filename="shop-customers.csv"'
    assert len(response.getvalue().splitlines()) == 7


def test_finished_export_says_who_was_left_out(client: Client, store: Store) -> None:
    job = make_finished_export(store, kind="klaviyo")
    Job.objects.filter(pk=job.pk).update(
        result={"rows": 1204, "without_email": 312, "refused": 1, "bytes": 60_000_000}
    )
    shown = page(client, LIST_PATH)
    assert "1,204 people, 60 MB." in shown
    assert "Klaviyo takes files of 50 MB at most" in shown
    assert "312 people without an e-mail address are left out." in shown
    assert "1 person who refused marketing e-mail is left out." in shown


def test_link_of_a_file_that_is_gone_leads_to_the_exports(client: Client, store: Store) -> None:
    job = make_finished_export(store)
    path = reverse("segments:export_file", args=["shop", link_token(job)])
    path_of(job).unlink()
    assert "This link has run out" in page(client, path)
    assert "The file is no longer kept." in page(client, LIST_PATH)


def test_link_that_has_run_out_leads_to_the_exports(
    client: Client, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = reverse("segments:export_file", args=["shop", link_token(make_finished_export(store))])
    assert client.get(path).getvalue() == b"E-mail\n"
    late = signing.time.time() + 24 * 3600 + 5
    with monkeypatch.context() as patch:
        patch.setattr(signing.time, "time", lambda: late)
        response = client.get(path)
    assert response.status_code == 302
    assert response.url.endswith(LIST_PATH) or "login" in response.url


def test_changed_link_opens_nothing(client: Client, store: Store) -> None:
    token = link_token(make_finished_export(store))
    for changed in (token[1:], token + "a", token.replace(":", ";")):
        assert client.get(f"{LIST_PATH}file/{changed}/").status_code == 404


def test_link_is_nothing_without_a_role_that_may_export(store: Store) -> None:
    path = reverse("segments:export_file", args=["shop", link_token(make_finished_export(store))])
    support = signed_in(store, Role.SUPPORT)
    assert support.get(path).status_code == 403


def test_failed_export_says_why_and_can_be_chosen_again(client: Client, store: Store) -> None:
    job = make_export_job(store, list="compare", query="before=gone&after=gone")
    Job.objects.filter(pk=job.pk).update(
        state="failed", finished_at=job.created_at, error="The list is gone."
    )
    shown = page(client, LIST_PATH)
    assert "The list is gone." in shown
    assert "/customers/export/?list=compare&amp;before=gone&amp;after=gone" in shown


def test_export_is_stopped(client: Client, store: Store) -> None:
    job = make_export_job(store)
    client.post(f"{LIST_PATH}{job.pk}/stop/")
    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED
    assert "Stopped." in page(client, LIST_PATH)


def test_exports_of_weeks_ago_are_not_listed(client: Client, store: Store) -> None:
    job = make_finished_export(store)
    Job.objects.filter(pk=job.pk).update(created_at=job.created_at - timedelta(days=8))
    assert "No large exports" in page(client, LIST_PATH)


def test_list_of_exports_takes_the_same_queries_however_many(
    client: Client, store: Store, django_assert_num_queries: Callable[..., Any]
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counted = []
    for _ in range(2):
        make_finished_export(store)
        with CaptureQueriesContext(connection) as captured:
            page(client, LIST_PATH)
        counted.append(len(captured))
    assert counted[0] == counted[1]
