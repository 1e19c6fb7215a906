"""A page left open, in Chromium: it says that there are newer figures and shows them where the person is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, Request, expect

from accounts.models import Role, Store
from segments.scoring import refresh_store
from tests.browser.conftest import Look, Window, width_beyond_the_window
from tests.factories.accounts import make_store, make_user
from tests.factories.segments import make_buyers

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DAY = date(2025, 6, 30)
HIDE = """hidden => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture
def store() -> Store:
    store = make_store("harbour", name="Harbour Coffee")
    make_buyers(store, [3] * 20 + [1] * 20, last_on=DAY)
    refresh_store(store=store, as_of=DAY)
    return store


def opened(window: Window, store: Store, path: str, look: Look | None = None) -> Page:
    """The page, with a clock that the test moves on."""
    window.sign_in(make_user(store=store, role=Role.MANAGER))
    page = window.open(path, look) if look else window.open(path)
    page.clock.install()
    page.reload()
    page.wait_for_load_state("networkidle")
    return page


def asks_for_newer(request: Request) -> bool:
    return "/version/" in request.url


def test_newer_figures_come_without_losing_place_filters_or_words(window: Window, store: Store) -> None:
    path = f"/s/{store.slug}/customers/?kind=registered&sort=last"
    page = opened(window, store, path)
    show = page.locator("#newer").get_by_role("link", name="Show")
    expect(show).to_have_count(0)
    page.evaluate("scrollTo(0, 400)")
    make_buyers(store, [4], last_on=DAY - timedelta(days=300))
    refresh_store(store=store, as_of=DAY)
    page.clock.run_for(31_000)
    expect(show).to_be_in_viewport()
    expect(page.get_by_role("row")).to_have_count(41)
    show.click()
    expect(page.get_by_role("row")).to_have_count(42)
    assert abs(page.evaluate("scrollY") - 400) <= 1
    assert page.url.endswith(path)
    expect(page.locator("#main")).to_be_focused()
    expect(show).to_have_count(0)
    with page.expect_request(asks_for_newer):  # the new page looks out for the next ones
        page.clock.run_for(31_000)
    expect(show).to_have_count(0)


def test_charts_are_drawn_again(window: Window, store: Store) -> None:
    page = opened(window, store, f"/s/{store.slug}/segments/")
    refresh_store(store=store, as_of=DAY + timedelta(days=1))
    page.clock.run_for(31_000)
    page.locator("#newer").get_by_role("link", name="Show").click()
    expect(page.locator("#newer .newer__bar")).to_have_count(0)
    chart = page.locator("[data-chart]:visible").first
    chart.scroll_into_view_if_needed()
    expect(chart.locator(".chart__drawing svg").first).to_be_visible()


def test_page_that_nobody_sees_does_not_ask(window: Window, store: Store) -> None:
    page = opened(window, store, f"/s/{store.slug}/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate(HIDE, True)
    page.clock.run_for(120_000)
    assert asked == []
    with page.expect_request(asks_for_newer):
        page.evaluate(HIDE, False)


def test_bar_can_be_read_and_reached(
    window: Window, store: Store, look: Look, barriers: Callable[[Page], list[str]]
) -> None:
    page = opened(window, store, f"/s/{store.slug}/customers/", look)
    refresh_store(store=store, as_of=DAY)
    page.clock.run_for(31_000)
    expect(page.locator("#newer").get_by_role("link", name="Show")).to_be_in_viewport()
    assert width_beyond_the_window(page) == 0
    assert barriers(page) == []
