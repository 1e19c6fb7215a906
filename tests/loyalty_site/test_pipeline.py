"""What follows from an import, and when a night is over."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Store
from accounts.people import change_store
from jobs.models import Job
from loyalty_site.pipeline import (
    after_import,
    clear_expired_sessions,
    enqueue_nightly_refreshes,
    night_over,
)
from orders.models import Import
from segments.models import CustomerStats, Refresh
from segments.scoring import refresh_store
from tests.factories.accounts import make_store, make_user
from tests.factories.imports import import_text
from tests.factories.orders import make_customer, make_order


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "before", "after", "day"),
    [
        ("UTC", "2025-03-04 02:59:59", "2025-03-04 03:00", date(2025, 3, 4)),
        ("Europe/Budapest", "2025-01-15 01:59", "2025-01-15 02:00", date(2025, 1, 15)),
        ("Europe/Budapest", "2025-07-15 00:59", "2025-07-15 01:00", date(2025, 7, 15)),
        ("Asia/Kolkata", "2025-03-03 21:29", "2025-03-03 21:30", date(2025, 3, 4)),  # 5:30 ahead
        ("Asia/Kathmandu", "2025-03-03 21:14", "2025-03-03 21:15", date(2025, 3, 4)),  # 5:45 ahead
        ("Pacific/Kiritimati", "2025-03-03 12:59", "2025-03-03 13:00", date(2025, 3, 4)),  # 14 ahead
        ("Pacific/Pago_Pago", "2025-03-04 13:59", "2025-03-04 14:00", date(2025, 3, 4)),  # 11 behind
        # Clocks go forward: in Helsinki from 03:00 to 04:00, so the night ends with the jump.
        ("Europe/Helsinki", "2025-03-30 00:59", "2025-03-30 01:00", date(2025, 3, 30)),
        # In Berlin from 02:00 to 03:00.
        ("Europe/Berlin", "2025-03-30 00:59", "2025-03-30 01:00", date(2025, 3, 30)),
        # Clocks go back: in Berlin from 03:00 to 02:00, so 03:00 is an hour later than the day before.
        ("Europe/Berlin", "2025-10-26 01:59", "2025-10-26 02:00", date(2025, 10, 26)),
        # In Helsinki from 04:00 to 03:00; the first 03:00 ends the night.
        ("Europe/Helsinki", "2025-10-25 23:59", "2025-10-26 00:00", date(2025, 10, 26)),
        # Lord Howe's clocks go by half an hour.
        ("Australia/Lord_Howe", "2025-10-04 15:59", "2025-10-04 16:00", date(2025, 10, 5)),
    ],
)
def test_night_is_over_at_three_by_the_stores_clock(zone: str, before: str, after: str, day: date) -> None:
    assert night_over(zone, at(before)) is None
    assert night_over(zone, at(after)) == day


@given(
    zone=st.sampled_from(sorted(available_timezones())),
    day=st.dates(date(2024, 1, 1), date(2030, 12, 31)),
)
def test_every_day_of_every_zone_has_its_night_by_four(zone: str, day: date) -> None:
    four = datetime(day.year, day.month, day.day, 4, tzinfo=ZoneInfo(zone))
    assert night_over(zone, four) == day


@pytest.mark.django_db
class TestNightly:
    def test_asks_once_a_local_day(self) -> None:
        store = make_store(timezone="Europe/London")
        with time_machine.travel(at("2025-03-04 02:55"), tick=False) as clock:
            enqueue_nightly_refreshes()
            assert not Job.objects.exists()
            clock.shift(timedelta(minutes=10))
            for _ in range(3):
                enqueue_nightly_refreshes()
            job = Job.objects.get()
            assert (job.store, job.kind, job.key) == (store, "segments.refresh", "nightly:2025-03-04")
            assert job.arguments == {"reason": "nightly"}
            self.finish("succeeded")
            enqueue_nightly_refreshes()
            clock.shift(timedelta(hours=23))
            enqueue_nightly_refreshes()
            assert Job.objects.count() == 1
            clock.shift(timedelta(hours=1))
            enqueue_nightly_refreshes()
        assert set(Job.objects.values_list("key", flat=True)) == {"nightly:2025-03-04", "nightly:2025-03-05"}

    def test_goes_by_each_stores_own_clock(self) -> None:
        for zone in ("Asia/Kolkata", "Europe/London", "America/New_York"):
            make_store(zone.split("/")[1].lower(), timezone=zone)
        seen = []
        for moment in ("2025-03-03 21:00", "2025-03-03 21:30", "2025-03-04 03:00", "2025-03-04 08:00"):
            with time_machine.travel(at(moment), tick=False):
                enqueue_nightly_refreshes()
            fourth = Job.objects.filter(key="nightly:2025-03-04").order_by("id")
            seen.append(list(fourth.values_list("store__slug", flat=True)))
        assert seen == [
            [],
            ["kolkata"],
            ["kolkata", "london"],
            ["kolkata", "london", "new_york"],
        ]

    def test_a_machine_that_was_off_at_night_catches_up(self) -> None:
        make_store(timezone="Europe/London")
        with time_machine.travel(at("2025-03-04 22:40"), tick=False):
            enqueue_nightly_refreshes()
        assert Job.objects.get().key == "nightly:2025-03-04"

    def test_a_store_made_by_day_has_its_first_night_after_it(self) -> None:
        with time_machine.travel(at("2025-03-04 03:00"), tick=False) as clock:
            make_store("by-day", timezone="Europe/London")
            make_store("before-its-night", timezone="America/New_York")
            clock.shift(timedelta(hours=20))
            enqueue_nightly_refreshes()
            assert [job.store.slug for job in Job.objects.all()] == ["before-its-night"]
            clock.shift(timedelta(hours=4))
            enqueue_nightly_refreshes()
        by_day = Job.objects.filter(store__slug="by-day")
        assert list(by_day.values_list("key", flat=True)) == ["nightly:2025-03-05"]

    def test_a_failed_night_is_tried_again_an_hour_later(self) -> None:
        make_store(timezone="Europe/London")
        with time_machine.travel(at("2025-03-04 03:00"), tick=False) as clock:
            enqueue_nightly_refreshes()
            self.finish("failed")
            clock.shift(timedelta(minutes=50))
            enqueue_nightly_refreshes()
            assert Job.objects.count() == 1
            clock.shift(timedelta(minutes=20))
            enqueue_nightly_refreshes()
        assert list(Job.objects.order_by("id").values_list("state", flat=True)) == ["failed", "queued"]

    def test_a_cancelled_night_stays_cancelled(self) -> None:
        make_store(timezone="Europe/London")
        with time_machine.travel(at("2025-03-04 03:00"), tick=False) as clock:
            enqueue_nightly_refreshes()
            self.finish("cancelled")
            clock.shift(timedelta(hours=5))
            enqueue_nightly_refreshes()
        assert Job.objects.count() == 1

    def test_one_stores_night_is_not_anothers(self) -> None:
        make_store("abbey", timezone="Europe/London")
        with time_machine.travel(at("2025-03-04 03:00"), tick=False):
            enqueue_nightly_refreshes()
            make_store("bay", timezone="Europe/London", created_at=at("2025-03-03 12:00"))
            enqueue_nightly_refreshes()
        assert list(Job.objects.order_by("id").values_list("store__slug", flat=True)) == ["abbey", "bay"]

    def finish(self, state: str) -> None:
        job = Job.objects.get(finished_at=None)
        Job.objects.filter(id=job.id).update(state=state, finished_at=datetime.now(UTC))


@pytest.mark.django_db
def test_an_import_is_followed_by_a_refresh() -> None:
    store = make_store()
    person = make_user(store=store)
    import_ = Import.objects.create(
        store=store, file="orders.csv", filename="orders.csv", size=1, imported_by=person
    )
    after_import(import_)
    after_import(import_)  # the import's last step may run twice
    job = Job.objects.get()
    assert (job.store, job.kind) == (store, "segments.refresh")
    assert job.arguments == {"reason": "import", "import": import_.pk}
    assert job.requested_by == person


@pytest.mark.django_db
def test_an_imported_order_scores_its_customer_at_once(tmp_path: Path) -> None:
    header, day = "order_id,customer_id,placed_at,total\n", "2025-07-01"
    once = "".join(f"{number},c{number},2025-06-01,10.00\n" for number in range(1, 6))
    again = "".join(f"{10 + number},c1,{day},10.00\n" for number in range(4))
    store = make_store()
    with time_machine.travel(at(f"{day} 12:00"), tick=False):
        import_text(store, tmp_path, header + once)
        refresh_store(store=store)
        assert set(segments_of(store).values()) == {"Hibernating"}
        import_text(store, tmp_path, header + again)
        assert segments_of(store) == {
            "c1": "Champions", "c2": "Hibernating", "c3": "Hibernating", "c4": "Hibernating",
            "c5": "Hibernating",
        }  # fmt: skip
    assert Refresh.objects.count() == 1
    assert Job.objects.filter(kind="segments.refresh").count() == 2


def segments_of(store: Store) -> dict[str, str]:
    people = CustomerStats.objects.filter(store=store)
    return dict(people.values_list("customer__external_id", "segment__name"))


@pytest.mark.django_db
def test_orders_hold_their_stores_currency() -> None:
    empty, store = make_store(), make_store()
    make_order(make_customer(store), "2025-03-04")
    change_store(store=empty, name="Empty", currency="EUR", timezone="UTC")
    with pytest.raises(ValidationError, match="The currency can't change any more"):
        change_store(store=store, name="Full", currency="EUR", timezone="UTC")
    assert Store.objects.get(id=empty.id).currency == "EUR"


@pytest.mark.django_db
def test_an_import_that_is_under_way_holds_its_stores_currency() -> None:
    store = make_store(currency="GBP")
    import_ = Import.objects.create(store=store, filename="orders.csv", size=1, state=Import.State.RUNNING)
    with pytest.raises(ValidationError, match="while a file is being imported"):
        change_store(store=store, name="Tea", currency="EUR", timezone="UTC")
    import_.state = Import.State.FAILED
    import_.save()
    assert change_store(store=store, name="Tea", currency="EUR", timezone="UTC").currency == "EUR"


@pytest.mark.django_db
def test_expired_sessions_are_cleared() -> None:
    for key, expires in (("old", at("2025-03-04 02:00")), ("new", at("2025-03-04 04:00"))):
        Session.objects.create(session_key=key, session_data="", expire_date=expires)
    with time_machine.travel(at("2025-03-04 03:00"), tick=False):
        clear_expired_sessions()
    assert Session.objects.get().session_key == "new"
