"""What stands around every page of a store, for each role, in Chromium."""

from datetime import date

import pytest
from django.urls import NoReverseMatch, reverse
from playwright.sync_api import expect

from accounts.models import Role
from segments.models import Refresh
from segments.scoring import refresh_store
from tests.browser.conftest import PHONE, Look, Window, width_beyond_the_window
from tests.factories.accounts import make_store, make_user
from tests.factories.orders import make_customer, make_order

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

EVERYONE = frozenset(Role)
MANAGERS = frozenset({Role.MANAGER, Role.ADMIN})
PLACES = [
    ("Today", "today", EVERYONE),
    ("Customers", "segments:customer_list", EVERYONE),
    ("Segments", "segments:segment_list", MANAGERS),
    ("Orders", "orders:order_list", EVERYONE),
    ("Imports", "orders:import_list", MANAGERS),
    ("Settings", "settings:store", frozenset({Role.ADMIN})),
]


def is_routed(name: str) -> bool:
    """Whether the site has the page: the bar leaves out a place whose part isn't installed."""
    try:
        return bool(reverse(name, args=["any"]))
    except NoReverseMatch:
        return False


@pytest.mark.parametrize("role", Role)
def test_bar_holds_the_places_a_role_may_open(window: Window, role: Role) -> None:
    store = make_store()
    window.sign_in(make_user(store=store, role=role))
    page = window.open(f"/s/{store.slug}/orders/")
    links = page.get_by_role("navigation", name="Main").get_by_role("list").get_by_role("link")
    assert links.all_inner_texts() == [
        label for label, name, roles in PLACES if role in roles and is_routed(name)
    ]
    expect(links.filter(has_text="Orders")).to_have_attribute("aria-current", "page")


def test_phone_has_the_bar_at_its_foot_and_settings_in_the_menu(window: Window) -> None:
    store = make_store()
    window.sign_in(make_user(store=store, role=Role.ADMIN))
    page = window.open(f"/s/{store.slug}/orders/", Look("light", PHONE, touch=True))
    bar = page.get_by_role("navigation", name="Main")
    box = bar.bounding_box()
    assert box is not None
    assert round(box["y"] + box["height"]) == PHONE[1]
    expect(bar.get_by_role("link", name="Settings")).to_be_hidden()
    page.get_by_label("You:").click()
    expect(page.get_by_role("link", name="Settings")).to_be_visible()
    assert width_beyond_the_window(page) == 0


def test_slash_goes_to_the_search_but_is_typed_in_a_field(window: Window) -> None:
    store = make_store()
    window.sign_in(make_user(store=store))
    page = window.open(f"/s/{store.slug}/orders/")
    page.keyboard.press("/")
    search = page.get_by_role("search").get_by_label("Search customers")
    expect(search).to_be_focused()
    expect(search).to_have_value("")
    page.keyboard.type("a/b")
    expect(search).to_have_value("a/b")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/s/{store.slug}/customers/?q=a%2Fb")


def test_switcher_offers_only_the_persons_own_stores(window: Window) -> None:
    here, there, foreign = make_store(name="Here"), make_store(name="There"), make_store(name="Foreign")
    user = make_user(store=here, role=Role.ADMIN)
    user.roles.create(store=there, role=Role.SUPPORT)
    window.sign_in(user)
    page = window.open(f"/s/{here.slug}/orders/")
    page.get_by_text("Store:").locator("..").click()
    assert page.locator(".menu[open] a").all_inner_texts() == ["Here", "There"]
    expect(page.get_by_role("link", name="There")).to_have_attribute("href", f"/s/{there.slug}/")
    assert foreign.name not in page.content()


def test_form_that_comes_back_is_typed_into_where_it_is_wrong(window: Window) -> None:
    store = make_store()
    admin = make_user(store=store, role=Role.ADMIN)
    window.sign_in(admin)
    page = window.open(f"/s/{store.slug}/settings/team/")
    field = page.get_by_label("E-mail address")
    field.fill(admin.email)
    with page.expect_navigation():
        field.press("Enter")
    expect(field).to_be_focused()
    expect(field).to_be_in_viewport(ratio=1)
    expect(field).to_have_value(admin.email)
    expect(page.get_by_text("is in the team already")).to_be_visible()


def test_what_is_tabbed_to_on_a_phone_is_above_the_bar_at_the_bottom(window: Window) -> None:
    store = make_store()
    for number in range(12):
        make_order(make_customer(store), f"2025-04-{number + 1:02}T10:00")
    refresh_store(store=store, as_of=date(2025, 6, 15), reason=Refresh.Reason.DEMAND)
    window.sign_in(make_user(store=store, role=Role.ADMIN))
    page = window.open(f"/s/{store.slug}/customers/", Look("light", PHONE))
    last = page.locator("main tbody a").last
    bar = page.get_by_role("navigation", name="Main").bounding_box()
    assert bar is not None
    for _ in range(80):
        page.keyboard.press("Tab")
        focused = page.locator("main :focus")
        if not focused.count():
            continue
        box = focused.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= bar["y"], focused.inner_text()
        if last.evaluate("link => link === document.activeElement"):
            return
    raise AssertionError("the last customer was never reached")
