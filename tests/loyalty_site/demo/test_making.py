"""The demo store in the database: the story as told, whole or not at all, once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.core.management import call_command

from accounts.models import Role, Store, StoreRole
from loyalty_site.demo import shop
from loyalty_site.demo.lives import sales_until
from loyalty_site.demo.making import make_demo_store, scored_days
from loyalty_site.pipeline import due_nights
from orders.models import Customer, Order, OrderDay, OrderEvent, OrderLine, Refund
from orders.rollups import refresh_rollups
from segments.models import CustomerStats, Refresh

pytestmark = pytest.mark.django_db
TODAY = date(2025, 7, 15)


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(datetime(2025, 7, 15, 9, tzinfo=UTC), tick=True):
        yield


class KilledError(Exception):
    """Stands for a process that was killed."""


def stop(step: str) -> None:
    if step.startswith("Scoring"):
        raise KilledError


@pytest.mark.slow
def test_store_holds_the_story_and_is_made_once(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KilledError):
        make_demo_store(say=stop)
    assert not Store.objects.exists()
    assert not Order.objects.exists()

    call_command("make_demo_store")
    store = Store.objects.get(slug=shop.SLUG)
    sales = sales_until(TODAY)
    assert store.is_demo
    assert Order.objects.filter(store=store).count() == len(sales)
    assert OrderLine.objects.count() == sum(len(sale.items) for sale in sales)
    assert Refund.objects.count() == sum(len(sale.repayments) for sale in sales)
    assert OrderEvent.objects.count() == sum(len(sale.notices) for sale in sales)
    assert sorted(Order.objects.values_list("placed_at", "total")) == sorted(
        (s.placed_at, s.total) for s in sales
    )

    shoppers = {sale.shopper.key for sale in sales if sale.shopper}
    guests = {s.shopper.key for s in sales if s.as_guest and s.shopper}
    assert Customer.objects.count() == len(shoppers)
    assert CustomerStats.objects.filter(gap_days__isnull=False, due_on__gte=TODAY).exists()
    assert Customer.objects.filter(first_seen_as_guest=True).count() == len(guests)
    assert set(StoreRole.objects.values_list("role", flat=True)) == set(Role.values)

    stand = sum(sale.status in ("paid", "pending") and sale.total >= 0 for sale in sales)
    assert sum(OrderDay.objects.values_list("orders", flat=True)) == stand
    assert refresh_rollups(store=store, rebuild=True).rows == 0
    buyers = Order.objects.filter(counted=True, customer__isnull=False).values("customer").distinct().count()
    assert CustomerStats.objects.filter(store=store, segment__isnull=False).count() == buyers
    newest = Refresh.objects.filter(store=store).latest("id")
    assert (newest.as_of, newest.reason) == (TODAY, Refresh.Reason.DEMAND)
    nights = due_nights([store], datetime.combine(TODAY, time(12), UTC))
    assert nights == [(store, TODAY)]  # as any shop of its age

    call_command("make_demo_store")
    assert "nothing was changed" in capsys.readouterr().out
    assert Store.objects.count() == 1
    assert Order.objects.count() == len(sales)


def test_past_is_scored_monthly_then_weekly_up_to_a_week_ago() -> None:
    days = scored_days(TODAY)
    assert days == sorted(set(days))
    assert days[0] == date(2023, 7, 1)
    assert days[-1] == TODAY - timedelta(weeks=1)
    assert all(day.day == 1 for day in days[:-13])
