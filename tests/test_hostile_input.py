"""Whatever stands in an address, a form or a file, no page breaks: each answers, or says what is wrong."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import date

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils.http import urlencode

from accounts.models import Role, Store
from orders.models import Import
from segments.retention.tables import refresh_retention
from segments.scoring import refresh_store
from tests.factories.accounts import make_store, make_user, signed_in
from tests.factories.orders import make_customer, make_order
from tests.test_isolation import TABLE, Row, path_of

pytestmark = pytest.mark.django_db

CUSTOMER_FILTERS = (
    "q", "segment", "r", "f", "m", "kind", "consent", "last_from", "last_to", "spent_from", "spent_to",
    "value_from", "value_to", "alive", "overdue", "quiet", "contact_from", "contact_to", "sort", "page",
)  # fmt: skip
ORDER_FILTERS = (
    "q", "since", "until", "delivery", "documents", "buyers", "status", "channel", "payment", "carrier", "sort",
    "page",
)  # fmt: skip
VALUES = (
    "a\x00b", "'; drop table orders_order; --", "%", "%%s %(a)s", "\\", "{{ a }}{% debug %}",
    '"><img src=x onerror=alert(1)>', "=1+1", "\u202eRTL\u202c שלום", "👩‍👩‍👧", "\ud7ff\uffff", "ß" * 200, "-1", "0", "1.5",
    "1e400", "1e13", "99999999999999", "1e-300", "NaN", "-Infinity", "٣", "²", "9" * 25, "9" * 5000, "0001-01-01",
    "9999-12-31", "2025-02-30", "none", "-id", "store__slug", "//example.com", "- - - -", "a" * 3000, "\r\nA: b",
    "null", "[]",
)  # fmt: skip


def cursor(*parts: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


CURSORS = (
    "%", "====", "AAAA", "bnVsbA", "é", "[" * 2000,
    base64.urlsafe_b64encode(b"[" * 100_000).decode(),
    cursor(), cursor(0), cursor(2, 1, 1), cursor(0, None, None), cursor(0, [], {}), cursor(0, True, True),
    cursor(0, 2**63, 1), cursor(0, -(2**63), 2**63 - 1), cursor(1, 2**63 - 1, 1), cursor(0, 1e308, 1),
    cursor(0, float("nan"), 1), cursor(0, float("inf"), 1), cursor(0, "\x00", 1), cursor(0, "\ud800", 1),
    cursor(0, "2025-01-01", 1), cursor(0, "0001-01-01", 1), cursor(1, "9999-12-31", 1),
    cursor(0, "0001-01-01T00:00:00+00:00", 1), cursor(0, "0001-01-01T00:00:00+14:00", 1),
    cursor(1, "9999-12-31T23:59:59.999999-12:00", 1), cursor(0, "2025-01-01T00:00:00+23:59", 1),
    cursor(0, "2025-01-01T00:00:00+00:00:00.000001", 1), cursor(0, "2025-01-01T00:00:00+05:30:17", 1),
)  # fmt: skip

# The addresses that read something, what they read, and the orders of rows in which a cursor may lead somewhere else.
READ: dict[str, tuple[str, ...]] = {
    "segments:segment_list": ("measure", "period"),
    "segments:segment_page": ("sort", "page"),
    "segments:moves": ("since", "before", "after", "page", "period"),
    "segments:compare": ("from", "to", "before", "after", "page"),
    "segments:why": ("from", "to", "segment", "cause", "way", "page"),
    "segments:refresh_now": ("job",),
    "segments:calibrated_people": ("repeats", "page"),
    "segments:retention_people": ("of", "month", "age", "facet", "value", "days", "weeks", "back", "page"),
    "segments:customer_list": CUSTOMER_FILTERS,
    "segments:customer_export": (
        "list",
        "since",
        "from",
        "to",
        "before",
        "after",
        "cause",
        "of",
        "month",
        "age",
        "facet",
        "value",
        "days",
        "weeks",
        "repeats",
        "back",
        *CUSTOMER_FILTERS,
    ),
    "segments:scheme": ("preset", "axes", "bins", "shaped"),
    "orders:order_list": ORDER_FILTERS,
    "orders:delivery": ("months",),
    "orders:payments": ("months",),
    "orders:guests": ("months",),
    "orders:import_list": ("page",),
    "orders:import_progress": ("watched",),
    "jobs:task_list": ("page",),
}
PAGED: dict[str, tuple[dict[str, str], ...]] = {
    "segments:segment_page": ({"sort": "last"},),
    "segments:moves": ({"since": "2025-05-01", "before": "any", "after": "none"},),
    "segments:customer_list": ({}, {"sort": "last"}, {"sort": "contact"}),
    "segments:retention_people": ({"month": "2025-01"}, {"of": "second"}),
    "orders:order_list": ({}, {"sort": "total"}),
    "orders:import_list": ({},),
    "jobs:task_list": ({},),
}


@pytest.fixture
def store() -> Store:
    """A shop with orders, segments by two refreshes, and an admin besides whoever a test signs in."""
    store = make_store()
    make_user(store=store, role=Role.ADMIN)
    for number in range(8):
        customer = make_customer(store)
        for month in range(1, 2 + number % 4):
            make_order(customer, f"2025-{month:02}-1{number}", total=1000 * (number + 1))
    refresh_store(store=store, as_of=date(2025, 5, 1), reason="demand")
    make_order(customer, "2025-05-20", total=90_000)
    refresh_store(store=store, as_of=date(2025, 6, 1), reason="demand")
    refresh_retention(store=store)
    return store


def admin_of(store: Store) -> Client:
    return signed_in(store, Role.ADMIN)


def questions(name: str) -> Iterator[dict[str, str]]:
    """Each bad value in everything the address reads, then each bad cursor in some orders of rows."""
    for value in VALUES:
        yield dict.fromkeys(READ[name], value)
    for order in PAGED.get(name, ()):
        for page in CURSORS:
            yield order | {"page": page}


@pytest.mark.parametrize(
    "row", [row for row in TABLE if row.method == "get" and row.name in READ], ids=lambda row: row.name
)
def test_no_address_breaks_a_page(row: Row, store: Store) -> None:
    client = admin_of(store)
    client.raise_request_exception = False
    path = path_of(row, store).partition("?")[0]
    broken = []
    for number, asked in enumerate(questions(row.name)):
        before = transaction.savepoint()
        response = client.get(path, asked, headers={"HX-Request": "true"} if number % 2 else {})
        if response.streaming:
            response.getvalue()
        if response.status_code not in (200, 204, 302, 404):
            transaction.savepoint_rollback(before)  # so that the next one is judged by itself
            broken.append((asked, response.status_code, str(getattr(response, "exc_info", "-")[:2])))
    assert not broken


FIELDS = (
    "name", "timezone", "currency", "email", "role", "preset", "window_months", "recency", "frequency", "monetary",
    "axes", "bins", "shaped", "place", "meaning", "advice", "change",
    "format", "encoding", "separator", "date_order", "decimal_mark", "credit_note_prefix", "counted_ids", "file",
    "list", "query", "picked", "customer", "everybody", "kind", "with_refused",
)  # fmt: skip


@pytest.mark.parametrize(
    "row", [row for row in TABLE if row.method == "post"], ids=lambda row: f"{row.name}-post"
)
def test_no_form_breaks_a_page(row: Row) -> None:
    store = make_store()
    client = admin_of(store)
    path = path_of(row, store)
    broken = []
    for value in VALUES:
        before = transaction.savepoint()
        response = client.post(path, dict.fromkeys(FIELDS, value) | {"name-0": value, "field-0": "total"})
        broken += [value] * (response.status_code >= 500)
        transaction.savepoint_rollback(before)  # the object of the address is there for each of them
    assert not broken


@pytest.mark.parametrize("name", ["customers", "compare", "why", "moves", "nothing"])
@pytest.mark.parametrize("kind", ["xlsx", "mailchimp"])
def test_no_selection_breaks_an_export(name: str, kind: str, store: Store) -> None:
    client = admin_of(store)
    path = reverse("segments:customer_export", args=[store.slug])
    for value in VALUES:
        query = dict.fromkeys((*CUSTOMER_FILTERS, "since", "from", "to", "before", "after"), value)
        whole = urlencode(query | {"cause": "bought"})
        for asked in ({"query": whole}, {"query": value}, {"picked": value, "customer": value}):
            response = client.post(path, {"list": name, "kind": kind, **asked})
            assert response.status_code in (200, 302)
            if response.streaming:
                response.getvalue()


@pytest.mark.parametrize("name", ["import_page", "import_start"])
@pytest.mark.parametrize("value", ["a\x00b", "\ud7ff", "x" * 10_000])
def test_no_answer_about_a_file_breaks_its_page(name: str, value: str) -> None:
    store = make_store()
    client = admin_of(store)
    made = Import(store=store, filename="any.csv", size=20, format="", state=Import.State.UPLOADED)
    made.file.save("any", ContentFile(b"ref,who,when,sum\n1,ann,2025-01-02,3.00\n"))
    made.save()
    answers = dict.fromkeys(FIELDS, value) | {"name-0": value, "field-0": "total", "field-1": value}
    path = reverse(f"orders:{name}", args=[store.slug, made.pk])
    assert client.post(path, answers).status_code in (200, 302, 422)
    assert client.get(reverse("orders:import_page", args=[store.slug, made.pk])).status_code == 200


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\x00" * 2000, b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8, b"PK\x03\x04" + b"\xff" * 400,
        b"%PDF-1.7\n%\xe2\xe3", b"{", b"[" * 100_000, b'[{"id": ' + b"9" * 5000 + b"}]", b"[[]]", b'{"a": NaN}', b'[{"id": {"a": 1}, "line_items": 3}]',
        b"\xff\xfe\x00", b"\n" * 1000, b",".join([b"a"] * 30_000) + b"\n", b'"unclosed\n' * 50,
        b"order_id,customer_id,placed_at,total\n", b"order_id,customer_id,placed_at,total\n\x00,\x00,\x00,\x00\n",
        b"order_id,customer_id,placed_at,total\n=1+1,@a,0000-00-00,1e999\n", b"x" * 300_000,
        b"order_id,order_id,placed_at,total\n1,2,2025-01-01,3\n", b"<html><body>Sign in</body></html>",
    ],
    ids=lambda content: repr(content[:12]),
)  # fmt: skip
def test_no_upload_breaks_the_page(content: bytes) -> None:
    store = make_store()
    client = admin_of(store)
    file = SimpleUploadedFile("../../na\x00me\u202e.csv", content)
    response = client.post(reverse("orders:import_upload", args=[store.slug]), {"file": file})
    if response.status_code == 302:
        response = client.get(response["Location"])
        assert response.status_code == 200
        made = Import.objects.get(store=store)
        begun = client.post(reverse("orders:import_start", args=[store.slug, made.pk]))
        assert begun.status_code in (302, 422)
    else:
        assert response.status_code == 422
        assert not Import.objects.filter(store=store).exists()


ANYBODYS = (
    "/accounts/login/", "/accounts/password/reset/", "/accounts/password/reset/key/zzzzzzzzzzzz-abc/",
    "/accounts/invitation/a%00b/", "/accounts/invitation/zzz:1:2/", "/accounts/logout/", "/accounts/demo/",
    "/accounts/2fa/authenticate/", "/accounts/signup/", "/s/a%00b/", "/s/none/orders/%FF/", "/%00", "/healthz",
)  # fmt: skip


@pytest.mark.parametrize("path", ANYBODYS)
def test_no_stranger_breaks_a_page(path: str) -> None:
    client = Client()
    for value in (
        "a\x00b",
        "' or 1=1 --",
        "//example.com",
        "9" * 5000,
        "\ud7ff\uffff",
        "a" * 300 + "@example.com",
    ):
        asked = dict.fromkeys(
            ("login", "password", "email", "next", "code", "role", "password1", "name"), value
        )
        assert client.get(path, asked).status_code < 500
        assert client.post(path, asked).status_code < 500


@pytest.mark.parametrize("name", ["segments:customer_page", "orders:order_page", "orders:import_page"])
@pytest.mark.parametrize("number", ["0", str(2**31), str(2**63), "9" * 40])
def test_what_no_number_names_is_not_there(name: str, number: str) -> None:
    store = make_store()
    path = reverse(name, args=[store.slug, 7]).replace("/7/", f"/{number}/")
    assert admin_of(store).get(path).status_code == 404
