"""Every page of a store, full and empty, in both themes and sizes: quiet console, content policy kept, nothing in the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page

from accounts.models import Role, Store
from orders.models import Customer, Order
from segments.grading.grades import grade_store
from segments.models import Refresh
from segments.retention.tables import refresh_retention
from segments.scoring import refresh_store
from segments.value.fitting import fit_value
from tests.browser.conftest import Look, Window, settle, width_beyond_the_window
from tests.factories.accounts import make_store, make_user
from tests.factories.orders import make_customer, make_order
from tests.segments.value.value_shop import drawn_purchases, record_purchases

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = (
    "", "segments/", "segments/moves/", "segments/why/", "segments/compare/", "segments/value/",
    "segments/value/calibration/", "segments/retention/", "segments/retention/rhythm/", "segments/grading/",
    "customers/", "orders/", "orders/delivery/?months=all", "orders/payments/?months=all",
    "segments/retention/people/?of=second&days=30", "segments/retention/people/?of=delivery",
    "orders/guests/?months=all", "imports/", "settings/", "settings/team/", "settings/scheme/",
    "settings/scheme/segments/", "settings/scheme/segments/loyal/", "settings/tasks/",
    "segments/at-risk/", "customers/export/", "customers/exports/",
)  # fmt: skip
FIRST, AS_OF = date(2024, 1, 1), date(2025, 6, 15)
# Words along an axis that stand on one another, by the chart they are in.
COLLISIONS = """() => [...document.querySelectorAll("[data-chart]")].flatMap(chart =>
    ["xtick", "ytick"].flatMap(axis => {
        const boxes = [...chart.querySelectorAll(`.${axis} text`)].map(label => label.getBoundingClientRect());
        return boxes.flatMap((one, place) => boxes.slice(place + 1)
            .filter(other => one.left < other.right - 1 && other.left < one.right - 1
                && one.top < other.bottom - 1 && other.top < one.bottom - 1)
            .map(() => `${chart.dataset.chart}: labels of its ${axis[0]} axis collide`));
    }))"""

# Figures that reach over the edge of their place.
CUT_FIGURES = """() => [...document.querySelectorAll(".stat")].filter(stat => stat.scrollWidth > stat.clientWidth)
    .map(stat => stat.innerText)"""

# Headers that lie over the rows below them, and opened menus that begin or end beyond the page's own place.
COVERED = """() => [
    ...[...document.querySelectorAll("table")].filter(table => {
        const header = table.tHead?.rows[table.tHead.rows.length - 1]?.cells[0].getBoundingClientRect();
        const row = table.tBodies[0]?.rows[0]?.getBoundingClientRect();
        return header?.height && row?.height && header.bottom > row.top + 2;
    }).map(table => `header covers a row of ${table.className}`),
    ...[...document.querySelectorAll("main details[data-menu]")].filter(menu => {
        menu.open = true;
        const sheet = menu.querySelector(".menu__sheet").getBoundingClientRect();
        menu.open = false;
        return sheet.left < document.querySelector("main").getBoundingClientRect().left || sheet.right > innerWidth;
    }).map(menu => `menu beyond the page: ${menu.className}`),
]"""


def filled_store() -> tuple[Store, Customer, Order]:
    """A store with something in every chart; one of its customers, and an order of theirs that came late."""
    store = make_store(currency="EUR")
    record_purchases(store, drawn_purchases(customers=220, first=FIRST, days=(AS_OF - FIRST).days))
    known = list(Customer.objects.filter(store=store)[:40])
    for number, customer in enumerate(known):
        day = AS_OF - timedelta(days=5 * number + 6)
        order = make_order(
            customer,
            f"{day}T10:00",
            total=700 * (number + 1),
            payment_method=("Card", "PayPal", "Bank transfer")[number % 3],
            promised_on=day + timedelta(days=3),
            delivered_at=f"{day + timedelta(days=2 + number % 4)}T12:00Z",
        )
        make_order(
            make_customer(store, external_id=None, email=f"guest{number}@example.com"),
            f"{day}T11:00",
            total=900,
        )
    for days in (35, 0):
        refresh_store(store=store, as_of=AS_OF - timedelta(days=days), reason=Refresh.Reason.DEMAND)
    refresh_retention(store=store)
    fit_value(store=store, as_of=AS_OF)
    grade_store(store=store)
    return store, customer, order


def flaws(page: Page, paths: list[str], barriers: Callable[[Page], list[str]]) -> Iterator[str]:
    for path in paths:
        page.goto(path)
        settle(page)
        yield from (f"{path}: {each}" for each in [*barriers(page), *page.evaluate(COLLISIONS)])
        if width_beyond_the_window(page):
            yield f"{path}: wider than the window"


def test_every_page_of_a_full_store_is_sound(
    window: Window, look: Look, barriers: Callable[[Page], list[str]]
) -> None:
    store, customer, order = filled_store()
    window.sign_in(make_user(store=store, role=Role.ADMIN))
    places = [*PAGES, f"customers/{customer.pk}/", f"orders/{order.pk}/"]
    paths = [f"/s/{store.slug}/{place}" for place in places]
    assert list(flaws(window.open("/", look), paths, barriers)) == []


def test_every_page_of_a_new_store_is_sound(
    window: Window, look: Look, barriers: Callable[[Page], list[str]]
) -> None:
    store = make_store()
    window.sign_in(make_user(store=store, role=Role.ADMIN))
    paths = [f"/s/{store.slug}/{place}" for place in PAGES]
    assert list(flaws(window.open("/", look), paths, barriers)) == []


@pytest.mark.parametrize("width", [768, 1100])
def test_between_a_phone_and_a_desk_nothing_covers_anything(window: Window, width: int) -> None:
    store, customer, order = filled_store()
    window.sign_in(make_user(store=store, role=Role.ADMIN))
    page = window.open("/", Look("light", (width, 800)))
    for place in [*PAGES, f"customers/{customer.pk}/", f"orders/{order.pk}/"]:
        page.goto(f"/s/{store.slug}/{place}")
        settle(page)
        assert page.evaluate(COVERED) == [], place
        assert width_beyond_the_window(page) == 0, place


def test_long_names_and_large_sums_are_whole(window: Window, look: Look) -> None:
    store = make_store(name="Kék Nefelejcs Kézműves Csokoládé és Pörkölt Kávé Bt. Szeged", currency="HUF")
    customer = make_customer(
        store, "Tükörfúró " * 20, external_id="long", email=f"{'a' * 64}@{'long-name.' * 5}example.com"
    )
    order = make_order(customer, "2025-04-13T10:00", total=987_654_321_00, number="1234567890" * 4)
    make_order(customer, "2025-05-13T10:00", total=987_654_321_00)
    refresh_store(store=store, as_of=AS_OF, reason=Refresh.Reason.DEMAND)
    window.sign_in(make_user(store=store, role=Role.ADMIN))
    page = window.open("/", look)
    for path in (f"customers/{customer.pk}/", f"orders/{order.pk}/", "customers/", "orders/"):
        page.goto(f"/s/{store.slug}/{path}")
        settle(page)
        assert width_beyond_the_window(page) == 0, path
        assert page.evaluate(CUT_FIGURES) == [], path


def test_pages_outside_of_a_store_are_sound(
    window: Window, look: Look, barriers: Callable[[Page], list[str]]
) -> None:
    paths = ["/accounts/login/", "/accounts/password/reset/", "/accounts/invitation/gone/"]
    found = list(flaws(window.open("/", look), paths, barriers))
    window.problems = [problem for problem in window.problems if "/accounts/invitation/" not in problem]
    assert found == []
