"""The scheme page in Chromium: painting shows at once what would change, and another scheme brings its grid."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Page, Request, expect

from accounts.models import Role, Store
from segments.models import SchemeVersion
from segments.schemes.versions import current_scheme, set_preset
from segments.scoring import refresh_store
from tests.browser.conftest import LOOKS, PHONE, Look, Window, width_beyond_the_window
from tests.factories.accounts import make_store, make_user
from tests.factories.segments import make_buyers

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DAY = date(2025, 6, 30)
# Names in the grid that are larger than their cell.
CUT_OFF = """() => [...document.querySelectorAll(".score-grid__name")]
    .filter(name => name.scrollWidth > name.clientWidth || name.scrollHeight > name.clientHeight)
    .map(name => name.textContent)"""


@pytest.fixture
def store() -> Store:
    store = make_store("harbour", name="Harbour Coffee")
    make_buyers(store, [5] * 6 + [3] * 4 + [1] * 6, last_on=DAY)
    refresh_store(store=store, as_of=DAY)
    return store


def opened(window: Window, store: Store, look: Look = LOOKS[0]) -> Page:
    window.sign_in(make_user(store=store, role=Role.ADMIN))
    page = window.open(f"/s/{store.slug}/settings/scheme/", look)
    page.get_by_text("Make it your own").click()
    return page


def test_painting_shows_what_would_change_and_saves_nothing(
    window: Window, store: Store, look: Look, barriers: Callable[[Page], list[str]]
) -> None:
    page = opened(window, store, look)
    page.get_by_role("radio", name="Hibernating").check()
    for column in range(1, 6):
        page.get_by_label(f"Segment of scores 5, {column}").click()
    expect(page.locator("#scheme-preview")).to_contain_text("customers would move")
    expect(page.get_by_label("Segment of scores 5, 1")).to_have_value("hibernating")
    assert page.locator(".score-grid__name").nth(0).inner_text() == "Hibernating"
    assert page.evaluate(CUT_OFF) == []
    assert barriers(page) == []
    assert width_beyond_the_window(page) == 0
    assert SchemeVersion.objects.filter(store=store).count() == 1


def test_rapid_changes_are_looked_at_once_by_their_last_state(window: Window, store: Store) -> None:
    page = opened(window, store)
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request) if request.method == "POST" else None)
    page.get_by_role("radio", name="Hibernating").check()
    page.evaluate(
        """() => document.querySelectorAll("select[data-cell]").forEach(cell => {
            cell.value = "hibernating"; cell.dispatchEvent(new Event("change", {bubbles: true}));
        })"""
    )
    expect(page.locator("#scheme-preview")).to_contain_text("customers would move")
    assert len(asked) == 1
    assert (asked[0].post_data or "").count("=hibernating") >= 25


def test_the_keyboard_paints(window: Window, store: Store) -> None:
    page = opened(window, store)
    page.get_by_role("radio", name="Loyal", exact=True).focus()
    page.keyboard.press("Space")
    page.get_by_label("Segment of scores 5, 1").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Segment of scores 5, 1")).to_have_value("loyal")
    expect(page.locator("#scheme-preview")).not_to_contain_text("Choose another scheme")


def test_another_scheme_and_other_axes_bring_their_grids_and_are_saved(window: Window, store: Store) -> None:
    page = opened(window, store)
    page.get_by_role("radio", name="Thirds").check()
    expect(page.locator("select[data-cell]")).to_have_count(27)
    expect(page.locator("#scheme-preview")).to_contain_text("Who would move")
    page.get_by_label("Scores that decide").select_option("rf")
    expect(page.locator("select[data-cell]")).to_have_count(9)
    page.get_by_role("button", name="Save and refresh").click()
    expect(page.get_by_text("Thirds, version 2 is in force").first).to_be_visible()
    version = current_scheme(store)
    assert (version.preset, version.axes, version.bins) == ("thirds", "rf", 3)


def test_a_segment_is_made_named_and_painted(window: Window, store: Store) -> None:
    page = opened(window, store)
    page.get_by_role("link", name="New segment").click()
    page.get_by_label("Name").fill("Collectors")
    page.get_by_label("What to do about them").fill("Show them the archive.")
    page.get_by_role("button", name="Add the segment").click()
    expect(page.get_by_text("no cell: nobody is in it")).to_be_visible()
    page.get_by_text("Make it your own").click()
    page.get_by_label("Segment of scores 5, 5").select_option(label="Collectors")
    page.get_by_role("button", name="Save and refresh").click()
    expect(page.get_by_role("row", name="Collectors yours")).to_contain_text("1 cell")


def test_versions_to_restore_make_the_page_no_wider_on_a_phone(window: Window, store: Store) -> None:
    set_preset(store=store, preset="thirds")
    page = opened(window, store, Look("light", PHONE))
    expect(page.get_by_role("button", name="Restore version 1")).to_be_attached()
    assert width_beyond_the_window(page) == 0
