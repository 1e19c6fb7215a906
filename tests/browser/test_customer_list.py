"""The customer list in Chromium: its columns fit, and filters are saved and applied again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Role, Store
from segments.customers.cadence import refresh_cadence
from segments.scoring import refresh_store
from tests.browser.conftest import Look, Window, width_beyond_the_window
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
    page.get_by_label("Name").fill("Overdue regulars")
    assert barriers(page) == []
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    page.wait_for_url("**/customers/?overdue=0&sort=-due")
    page.goto(f"/s/{store.slug}/customers/")
    expect(page.locator("tbody tr")).to_have_count(12)
    page.get_by_text("Saved filters").click()
    assert barriers(page) == []
    assert width_beyond_the_window(page) == 0
    page.get_by_role("link", name="Overdue regulars").click()
    expect(page.locator("tbody tr")).to_have_count(6)
