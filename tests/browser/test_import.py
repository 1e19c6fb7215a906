"""Imports in Chromium: from a file on a desk to a customer's page, with a real task cluster; every state's look."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from playwright.sync_api import Page, expect

from accounts.models import Role, Store, User
from jobs import running
from loyalty_site.paths import BASE_DIR
from orders.models import Import
from orders.starting import start_import
from orders.uploading import keep_upload
from tests.browser.conftest import Look, Window, settle, width_beyond_the_window
from tests.factories.accounts import PASSWORD, make_store, make_user
from tests.factories.files import csv_bytes, shopify_export

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


ORDERS, CUSTOMERS = 1_500, 200
SHOPIFY = shopify_export(ORDERS, customers=CUSTOMERS, newest=datetime(2024, 10, 30, 12, tzinfo=UTC))
HEADER = ("Order number", "Customer id", "Order date", "Paid in")
TABLE = csv_bytes(
    HEADER, [(str(number), f"c{number % 7}", f"0{1 + number % 9}/04/2025", "10.50") for number in range(40)]
)
STATUSES = csv_bytes(
    (*HEADER[:3], "Total", "Status"),
    [
        (str(number), f"c{number % 7}", "2025-04-13", "10.50", ("bezahlt", "storniert")[number % 2])
        for number in range(40)
    ],
)
PARTLY = csv_bytes(
    ("order_id", "customer_id", "placed_at", "total"),
    [(str(number), "c", "2025-04-13", "ten" if number % 5 == 0 else "10.00") for number in range(40)],
)
StartCluster = Callable[[], None]
Barriers = Callable[[Page], list[str]]


@pytest.fixture
def start_cluster(transactional_db: None) -> Iterator[StartCluster]:
    """Starts a task cluster on the test's database; it is gone before the tables are emptied."""
    begun: list[subprocess.Popen[bytes]] = []

    def start() -> None:
        arguments = [
            sys.executable, "-m", "tests.browser.cluster",
            str(connection.settings_dict["NAME"]), str(settings.MEDIA_ROOT),
        ]  # fmt: skip
        begun.append(subprocess.Popen(arguments, cwd=BASE_DIR, start_new_session=True))

    yield start
    for cluster in begun:
        cluster.terminate()
        try:
            cluster.wait(timeout=60)
        finally:
            if cluster.poll() is None:
                os.killpg(cluster.pid, signal.SIGKILL)
                cluster.wait()


@pytest.fixture
def store() -> Store:
    return make_store("harbour", name="Harbour Coffee")


@pytest.fixture
def manager(store: Store) -> User:
    return make_user("manager@example.com", store=store, role=Role.MANAGER)


def test_from_signing_in_to_a_customer(
    window: Window, manager: User, start_cluster: StartCluster, tmp_path: Path, barriers: Barriers
) -> None:
    export = tmp_path / "orders_export.csv"
    export.write_bytes(SHOPIFY)
    page = window.open("/accounts/login/?next=/s/harbour/imports/")
    page.get_by_role("textbox").first.fill(manager.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()

    page.get_by_label("A file of orders or customers").set_input_files(export)
    expect(page.get_by_role("heading", name="orders_export.csv")).to_be_visible()
    expect(page.get_by_role("heading", name="Shopify orders export")).to_be_visible()
    expect(page.get_by_text("30 October 2024, 12:00")).to_be_visible()
    assert barriers(page) == []
    page.get_by_role("button", name="Import", exact=True).click()

    expect(page.get_by_text("You can leave this page")).to_be_visible()
    page.get_by_role("link", name="Imports").click()
    expect(page.get_by_text("Waiting to start")).to_be_visible()
    page.get_by_role("link", name="orders_export.csv").click()
    expect(page.get_by_text("You can leave this page")).to_be_visible()
    start_cluster()
    expect(page.get_by_text("The segments are up to date.")).to_be_visible(timeout=90_000)
    expect(
        page.get_by_text(f"{ORDERS:,} orders created, 0 updated, 0 as they were, no row rejected.")
    ).to_be_visible()
    assert barriers(page) == []

    page.get_by_role("link", name="See the segments").first.click()
    expect(page.get_by_role("heading", name="Segments", level=1)).to_be_visible()
    settle(page)
    assert barriers(page) == []
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Customers").click()
    page.locator("tbody tr[data-href] a", has_text="Buyer").first.click()
    expect(page.get_by_role("heading", name="Buyer", level=1)).to_be_visible()
    settle(page)
    assert barriers(page) == []


def test_answering_what_is_asked_shows_the_orders_and_lets_the_import_begin(
    window: Window, store: Store, manager: User
) -> None:
    kept = keep_upload(store=store, file=SimpleUploadedFile("april.csv", TABLE), by=manager)
    window.sign_in(manager)
    page = window.open(f"/s/harbour/imports/{kept.id}/")
    expect(page.get_by_role("button", name="Import", exact=True)).to_be_disabled()
    page.get_by_label("Paid in").select_option(label="Total")
    page.get_by_label("1 April 2025").check()
    expect(page.get_by_text("6 April 2025, 00:00").first).to_be_visible()
    expect(page.get_by_role("button", name="Import", exact=True)).to_be_enabled()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("You can leave this page")).to_be_visible()
    assert Import.objects.get().mapping["date_order"] == "dmy"


def test_a_file_can_be_dropped(window: Window, store: Store, manager: User) -> None:
    window.sign_in(manager)
    page = window.open("/s/harbour/imports/")
    drop(page, "notes.pdf", "%PDF-1.7")
    expect(page.get_by_role("alert")).to_contain_text("This is a PDF document.")
    window.problems.clear()  # Chromium notes the answer 422 in its console
    drop(page, "april.csv", TABLE.decode())
    expect(page.get_by_role("heading", name="april.csv")).to_be_visible()


def drop(page: Page, name: str, text: str) -> None:
    """Lets go of a file over the drop zone."""
    files = page.evaluate_handle(
        """([name, text]) => {
          const carried = new DataTransfer();
          carried.items.add(new File([text], name));
          return carried;
        }""",
        [name, text],
    )
    page.dispatch_event("[data-drop]", "drop", {"dataTransfer": files})


def test_every_state_is_whole_in_each_look(
    window: Window, look: Look, store: Store, manager: User, barriers: Barriers
) -> None:
    window.sign_in(manager)
    paths = {"empty": "/s/harbour/imports/"}
    for state, import_ in states(store, manager).items():
        paths[state] = f"/s/harbour/imports/{import_.pk}/"
    for state, path in paths.items():
        page = window.open(path, look)
        page.wait_for_load_state("load")
        if state == "statuses":
            expect(page.get_by_label("storniert")).to_be_visible()
        assert width_beyond_the_window(page) == 0, state
        assert barriers(page) == [], state
        if folder := os.environ.get("SEEN"):
            page.screenshot(path=f"{folder}/{state}-{look.theme}-{look.size[0]}.png", full_page=True)
        page.close()


def states(store: Store, by: User) -> dict[str, Import]:
    """An import in each state that a page can show."""

    def brought(name: str, content: bytes) -> Import:
        return keep_upload(store=store, file=SimpleUploadedFile(name, content), by=by)

    def started(name: str, content: bytes, format_name: str, columns: dict[str, str] | None = None) -> Import:
        kept = brought(name, content)
        mapping = {"format": format_name} | ({"columns": columns} if columns else {})
        return start_import(store=store, import_id=kept.pk, format_name=format_name, mapping=mapping, by=by)

    made = {
        "asked": brought("april.csv", TABLE),
        "statuses": brought("statuses of our own.csv", STATUSES),
        "recognised": brought("orders_export.csv", SHOPIFY),
        "waiting": started("may.csv", SHOPIFY, "shopify_orders"),
        "done": started("some rows are wrong.csv", PARTLY, "plain"),
        "nothing": started("not shopify.csv", TABLE, "shopify_customers"),
        "failed": started(
            "other columns.csv",
            TABLE,
            "mapped",
            {"order_id": "Invoice", "placed_at": "Order date", "total": "Paid in"},
        ),
    }
    Import.objects.filter(pk=made["done"].pk).update(mapping={})
    for state in ("done", "nothing", "failed"):
        job = made[state].job
        assert job is not None
        running.run(job.id)
    return made
