"""Every main page of a small store in each look: quiet console, content policy kept, nothing in anybody's way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Page

from accounts.models import Role
from segments.scoring import refresh_store
from tests.browser.conftest import Look, Window, settle, width_beyond_the_window
from tests.factories.accounts import make_store, make_user
from tests.factories.orders import make_customer, make_order

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = (
    "", "segments/", "segments/moves/", "segments/value/", "customers/", "orders/", "orders/delivery/",
    "orders/payments/", "orders/guests/", "imports/", "settings/", "settings/team/", "settings/scheme/",
    "settings/tasks/",
)  # fmt: skip


def test_every_main_page_is_sound(window: Window, look: Look, barriers: Callable[[Page], list[str]]) -> None:
    store = make_store(currency="EUR")
    window.sign_in(make_user(store=store, role=Role.ADMIN))
    for number in range(12):
        customer = make_customer(store)
        for month in range(1, 2 + number % 5):
            order = make_order(
                customer, f"2025-{month:02}-1{number % 10}", total=700 * (number + 1), payment_method="Card"
            )
    refresh_store(store=store, as_of=date(2025, 5, 1), reason="demand")
    make_order(customer, "2025-05-20", total=90_000)
    refresh_store(store=store, as_of=date(2025, 6, 1), reason="demand")
    page = window.open(f"/s/{store.slug}/", look)
    found = []
    for path in (*PAGES, f"customers/{customer.pk}/", f"orders/{order.pk}/"):
        page.goto(f"/s/{store.slug}/{path}")
        settle(page)
        found += [f"/{path}: {each}" for each in barriers(page)]
        if width_beyond_the_window(page):
            found.append(f"/{path}: wider than the window")
    assert found == []
