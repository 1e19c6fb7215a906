"""The value pages as a manager meets them: figures, sentences where there are none, and how old they are."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Store
from jobs.running import enqueue
from orders.models import Customer, Order
from segments.exports.lists import people_of_list
from segments.models import CustomerValue, ValueFit
from segments.scoring import refresh_store
from segments.value.calibrated_people import calibrated_people
from segments.value.calibration import KeptCalibration
from segments.value.fitting import fit_value
from segments.value.pages import calibration_page, value_page
from tests.segments.value.value_shop import drawn_purchases, record_purchases

pytestmark = pytest.mark.django_db

AS_OF = date(2025, 6, 30)


@pytest.fixture
def fit(store: Store) -> ValueFit:
    record_purchases(store, drawn_purchases(customers=450, first=date(2024, 1, 1), days=546))
    refresh_store(store=store, as_of=AS_OF)
    return fit_value(store=store, as_of=AS_OF)


@pytest.fixture
def on_the_day(time_machine: object) -> None:
    time_machine.move_to("2025-06-30T12:00:00+00:00", tick=False)  # type: ignore[attr-defined]


def page(client: Client, name: str, *arguments: object) -> str:
    response = client.get(reverse(name, args=["shop", *arguments]))
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def test_groups_of_the_test_open_the_people_they_count(client: Client, store: Store, fit: ValueFit) -> None:
    kept = KeptCalibration.kept(fit.calibration)
    assert kept is not None
    orders = Order.objects.filter(store=store, placed_at__date__lte=kept.calibration_end)
    days = Counter(name for name, _ in set(orders.values_list("customer_id", "placed_at__date")))
    for group in kept.groups:
        found = calibrated_people(store, QueryDict(f"repeats={group.x}"))
        assert found is not None
        listed = set(found.people.values_list("customer_id", flat=True))
        assert listed == {
            name
            for name, count in days.items()
            if count - 1 == group.x or (group.or_more and count > group.x)
        }
        assert len(listed) == group.customers
    chart = calibration_page(store, fit).charts[1]  # type: ignore[union-attr]
    shown = client.get(str(chart.links[1])).content.decode()
    assert f"{kept.groups[1].customers} customers had come back once by" in shown
    assert shown.count("<tr data-href=") == min(kept.groups[1].customers, 50)
    exported = people_of_list(store, "calibration", "repeats=1")
    assert exported is not None
    assert exported.rows.count() == kept.groups[1].customers


@pytest.mark.parametrize("repeats", ["", "x", "99", "-1"])
def test_address_of_no_group_leads_to_the_test(
    client: Client, store: Store, fit: ValueFit, repeats: str
) -> None:
    response = client.get(reverse("segments:calibrated_people", args=[store.slug]), {"repeats": repeats})
    assert response["Location"] == reverse("segments:calibration", args=[store.slug])
    assert people_of_list(store, "calibration", f"repeats={repeats}") is None


def test_value_page_says_what_is_expected_and_of_whom(
    client: Client, fit: ValueFit, on_the_day: None
) -> None:
    text = page(client, "segments:value")
    assert "Your customers should bring about £" in text
    best = CustomerValue.objects.order_by("-expected_value", "-customer_id").select_related("customer")[0]
    rows = re.findall(r'<tr data-href="([^"]+/customers/[0-9]+/)">', text)
    assert rows[0] == reverse("segments:customer_page", args=["shop", best.customer_id])
    assert len(rows) == 20
    for chart in ("segment-values", "value-bands", "alive"):
        assert f'data-chart="{chart}"' in text
    assert "days old" not in text
    assert reverse("segments:calibration", args=["shop"]) in text


def test_calibration_page_tells_what_was_foretold_and_what_came(client: Client, fit: ValueFit) -> None:
    text = page(client, "segments:calibration")
    expected, actual = fit.calibration["orders"]
    assert f"{round(expected):,} expected, {round(actual):,} came" in text
    assert 'data-chart="calibration-weeks"' in text
    assert 'data-chart="calibration-groups"' in text


def test_too_small_a_store_sees_a_sentence_and_no_figure(client: Client, store: Store) -> None:
    record_purchases(store, drawn_purchases(customers=60, first=date(2025, 1, 1), days=150))
    fit_value(store=store, as_of=AS_OF)
    for name in ("segments:value", "segments:calibration"):
        text = page(client, name)
        assert "There are 60 customers; it takes at least 200" in text
        assert "data-chart" not in text
        assert "P(alive)" not in text


def test_orders_without_spend_are_shown_with_the_reason(client: Client, store: Store) -> None:
    drawn = drawn_purchases(customers=450, first=date(2024, 1, 1), days=546)
    record_purchases(
        store, [(name, day, 2500) for name, day in sorted({(name, day) for name, day, _ in drawn})]
    )
    fit_value(store=store, as_of=AS_OF)
    text = page(client, "segments:value")
    assert "Your customers should order about" in text
    assert "Every customer who came back spends the same" in text
    assert 'data-chart="segment-values"' not in text
    assert "Of whom most is expected" not in text


def test_an_untested_forecast_says_why(client: Client, store: Store) -> None:
    record_purchases(store, drawn_purchases(customers=500, first=date(2025, 5, 1), days=60))
    fit_value(store=store, as_of=AS_OF)
    assert "less than 12 weeks" in page(client, "segments:calibration")
    assert "not tested yet" in page(client, "segments:value")


def test_before_the_first_fit_it_says_what_to_do(client: Client) -> None:
    assert "No forecast yet" in page(client, "segments:value")
    assert "No forecast to test yet" in page(client, "segments:calibration")


def test_a_fit_under_way_is_said(client: Client, store: Store) -> None:
    enqueue(store=store, kind="segments.value", key="newest")
    text = page(client, "segments:value")
    assert "A new forecast is being worked out" in text
    assert "No forecast yet" not in text


@pytest.mark.parametrize(("day", "said"), [("2025-07-02", False), ("2025-07-03", True)])
def test_old_figures_say_how_old(
    client: Client, fit: ValueFit, time_machine: object, day: str, said: bool
) -> None:
    ValueFit.objects.update(finished_at="2025-06-30T03:00Z", as_of="2024-12-31")  # asked of an earlier day
    time_machine.move_to(f"{day}T12:00:00+00:00", tick=False)  # type: ignore[attr-defined]
    assert ("These figures are 3 days old." in page(client, "segments:value")) is said


def test_customer_page_shows_what_is_expected_of_them(
    client: Client, fit: ValueFit, on_the_day: None
) -> None:
    repeat = CustomerValue.objects.filter(p_alive__isnull=False).order_by("-expected_value")[0]
    text = page(client, "segments:customer_page", repeat.customer_id)
    assert "Next 365 days" in text
    assert f"{round((repeat.p_alive or 0) * 100)}%" in text


def test_customer_page_never_calls_a_one_time_buyer_s_p_alive_known(client: Client, fit: ValueFit) -> None:
    once = CustomerValue.objects.filter(p_alive=None)[0]
    text = page(client, "segments:customer_page", once.customer_id)
    assert "not known" in text
    assert "They have bought on one day only" in text


def test_customer_page_without_a_fit_has_no_panel(client: Client, store: Store) -> None:
    record_purchases(store, [("ada", AS_OF, 1000)])
    text = page(client, "segments:customer_page", Customer.objects.get(store=store).pk)
    assert "Next 365 days" not in text


def test_pages_ask_the_database_a_fixed_number_of_times(client: Client, fit: ValueFit, store: Store) -> None:
    def queries(name: str) -> int:
        page(client, name)
        with CaptureQueriesContext(connection) as asked:
            page(client, name)
        return len(asked)

    many = {name: queries(name) for name in ("segments:value", "segments:calibration")}
    keep = CustomerValue.objects.order_by("-expected_value").values_list("customer_id", flat=True)[:1]
    CustomerValue.objects.exclude(customer_id__in=list(keep)).delete()
    assert {name: queries(name) for name in many} == many


def test_every_band_opens_the_customers_it_counts(client: Client, store: Store, fit: ValueFit) -> None:
    bands = value_page(store, fit).bands
    assert bands is not None
    assert bands.figure["data"][0]["customdata"] == bands.links
    known = [(row[1], link) for row, link in zip(bands.rows, bands.links, strict=True)]
    assert sum(count for count, _ in known) == 450
    for count, link in known:
        if link:
            listed = export_lines(client, link)
            assert len(listed) == count


def export_lines(client: Client, link: str) -> list[bytes]:
    asked = {"list": "customers", "query": link.partition("?")[2], "kind": "csv"}
    return list(client.post("/s/shop/customers/export/", asked).getvalue().splitlines())[1:]
