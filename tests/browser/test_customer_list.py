"""The customer list in Chromium: its columns fit, filters are saved, customers selected, lists exported."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.models import Role, Store
from jobs.models import Job
from jobs.running import run
from segments.customers.cadence import refresh_cadence
from segments.customers.queries import page_of_customers
from segments.exports import making
from segments.exports.files import EXPORT
from segments.scoring import refresh_store
from tests.browser.conftest import Look, Window, saved, width_beyond_the_window
from tests.factories.accounts import make_store, make_user
from tests.factories.segments import make_buyers

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DAY = date(2025, 6, 30)


@pytest.fixture
def store() -> Store:
    store = make_store("harbour", name="Harbour Coffee")
    make_buyers(store, [5] * 6 + [1] * 6, last_on=DAY)
    refresh_store(store=store, as_of=DAY)
    refresh_cadence(store=store, as_of=DAY)
    return store


def test_filters_are_saved_and_applied_again(
    window: Window, store: Store, look: Look, barriers: Callable[[Page], list[str]]
) -> None:
    window.sign_in(make_user(store=store, role=Role.MANAGER))
    page = window.open(f"/s/{store.slug}/customers/?overdue=0&sort=-due", look)
    expect(page.locator("tbody tr")).to_have_count(6)
    page.get_by_role("button", name="Save these filters").click()
    page.get_by_label("Name").fill("Overdue regulars of the harbour")
    assert barriers(page) == []
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    page.wait_for_url("**/customers/?overdue=0&sort=-due")
    page.get_by_text("Saved filters").click()
    sheet = page.get_by_role("link", name="Overdue regulars of the harbour").bounding_box()
    assert sheet is not None
    assert sheet["x"] >= 0
    page.goto(f"/s/{store.slug}/customers/")
    expect(page.locator("tbody tr")).to_have_count(12)
    page.get_by_text("Saved filters").click()
    assert barriers(page) == []
    assert width_beyond_the_window(page) == 0
    page.get_by_role("link", name="Overdue regulars of the harbour").click()
    expect(page.locator("tbody tr")).to_have_count(6)


def rows_of(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(file.read_text("utf-8-sig").splitlines()))


def test_customers_are_selected_over_pages_and_exported(
    window: Window,
    store: Store,
    look: Look,
    barriers: Callable[[Page], list[str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(page_of_customers.__kwdefaults__, "size", 5)
    window.sign_in(make_user(store=store, role=Role.MANAGER))
    page = window.open(f"/s/{store.slug}/customers/", look)
    page.locator("tbody").get_by_role("checkbox").first.focus()
    page.keyboard.press("Space")  # as without a mouse
    page.locator("tbody").get_by_role("checkbox").nth(2).click(modifiers=["Shift"])  # and those in between
    bar = page.locator(".bulk")
    expect(bar.get_by_role("status")).to_have_text("3 selected")
    page.get_by_role("link", name="Next", exact=True).click()
    expect(bar.get_by_role("status")).to_have_text("3 selected")
    page.locator("tbody").get_by_role("checkbox").first.check()
    expect(bar.get_by_role("status")).to_have_text("4 selected")
    assert barriers(page) == []
    assert width_beyond_the_window(page) == 0
    bar.get_by_role("button", name="Export").click()
    sheet = page.get_by_role("dialog", name="Export 4 customers you selected")
    sheet.get_by_text("Klaviyo").click()
    assert barriers(page) == []
    with page.expect_download() as downloaded:
        sheet.get_by_role("button", name="Export").click()
    expect(sheet).to_be_hidden()
    file = saved(downloaded.value, tmp_path)
    assert file.name == "harbour-selected-klaviyo.csv"
    assert len(rows_of(file)) == 4


def test_everybody_who_fits_is_exported_and_the_selection_cleared(
    window: Window, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(page_of_customers.__kwdefaults__, "size", 5)
    window.sign_in(make_user(store=store, role=Role.MANAGER))
    page = window.open(f"/s/{store.slug}/customers/?spent_from=20")
    page.get_by_role("checkbox", name="Select everybody on this page").check()
    bar = page.locator(".bulk")
    expect(bar.get_by_role("status")).to_have_text("5 selected")
    bar.get_by_role("button", name="All who fit").click()
    expect(bar.get_by_role("status")).to_have_text("Everybody who fits is selected")
    bar.get_by_role("button", name="Export").click()
    sheet = page.get_by_role("dialog", name="Export 6 customers who fit these filters")
    with page.expect_download() as downloaded:
        sheet.get_by_role("button", name="Export").click()
    assert downloaded.value.suggested_filename == "harbour-customers.xlsx"
    sheet_of_file = openpyxl.load_workbook(saved(downloaded.value, tmp_path)).active
    assert sheet_of_file is not None
    assert sheet_of_file.max_row == 7
    bar.get_by_role("button", name="Clear").click()
    expect(bar).to_be_hidden()
    page.reload()
    expect(bar).to_be_hidden()


def test_large_export_is_made_while_the_page_is_left(
    window: Window,
    store: Store,
    look: Look,
    barriers: Callable[[Page], list[str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(making, "SMALL", 10)
    window.sign_in(make_user(store=store, role=Role.MANAGER))
    page = window.open(f"/s/{store.slug}/customers/", look)
    page.get_by_role("link", name="Export").click()
    page.get_by_role("dialog").get_by_role("button", name="Make the file").click()
    page.wait_for_url("**/customers/exports/")
    expect(page.get_by_text("Waiting to start")).to_be_visible()
    assert barriers(page) == []
    run(Job.objects.get(store=store, kind=EXPORT).pk)  # as the task cluster would
    with page.expect_download() as downloaded:
        page.get_by_role("link", name="Download").click()
    assert barriers(page) == []
    assert width_beyond_the_window(page) == 0
    book = openpyxl.load_workbook(saved(downloaded.value, tmp_path))
    assert book["Customers"].max_row == 13


def test_selection_works_without_scripts(window: Window, store: Store, chromium: Browser) -> None:
    window.sign_in(make_user(store=store, role=Role.MANAGER))
    context = chromium.new_context(base_url=window.base_url, java_script_enabled=False)
    context.add_cookies(window.cookies)
    page = context.new_page()
    page.goto(f"/s/{store.slug}/customers/")
    expect(page.locator(".bulk")).to_be_hidden()
    page.locator("tbody").get_by_role("checkbox").nth(1).check()
    page.locator("tbody").get_by_role("checkbox").nth(4).check()
    page.locator(".bulk").get_by_role("button", name="Export").click()
    expect(page.get_by_role("heading", name="Export 2 customers you selected")).to_be_visible()
