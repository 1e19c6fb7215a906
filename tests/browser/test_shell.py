"""What stands around every page of a store, for each role, in Chromium."""

import pytest
from django.urls import NoReverseMatch, reverse
from playwright.sync_api import expect

from accounts.models import Role
from tests.browser.conftest import PHONE, Look, Window, width_beyond_the_window
from tests.factories.accounts import make_store, make_user

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
