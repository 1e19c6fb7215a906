"""An order's story: facts, promises kept and broken, and what the customer was told."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from orders.models import Order, OrderEvent, Refund
from orders.timeline import Entry, lateness, timeline

NOW = datetime(2025, 7, 20, 12, tzinfo=UTC)


def at(day: int, hour: int = 12) -> datetime:
    return datetime(2025, 7, day, hour, tzinfo=UTC)


def story(
    events: list[OrderEvent] | None = None, refunds: list[Refund] | None = None, **fields: Any
) -> list[Entry]:
    order = Order(**({"placed_at": at(1), "total": 1000, "status": "paid"} | fields))
    return timeline(order, events or [], refunds or [], timezone="Europe/London", currency="GBP", now=NOW)


def titles(entries: list[Entry]) -> list[str]:
    return [entry.title for entry in entries]


def test_placed_shipped_and_delivered_late_in_order() -> None:
    entries = story(
        channel="web",
        carrier="Northway",
        promised_on=date(2025, 7, 5),
        shipped_at=at(2),
        delivered_at=at(7),
        days_late=2,
    )
    assert titles(entries) == ["Order placed (web)", "Shipped with Northway", "Delivered, 2 days late"]
    assert entries[-1].tone == "bad"
    assert entries[-1].details == ["Promised by 5 Jul 2025"]


def test_kept_promise_is_good_and_no_promise_is_neither() -> None:
    kept = story(promised_on=date(2025, 7, 5), delivered_at=at(5), days_late=0)[-1]
    assert (kept.title, kept.tone) == ("Delivered, on the promised day", "good")
    free = story(delivered_at=at(5))[-1]
    assert (free.title, free.tone, free.details) == ("Delivered", "", ["No day was promised"])


def test_what_lies_ahead_comes_last() -> None:
    entries = story(promised_on=date(2025, 7, 25), shipped_at=at(19))
    assert titles(entries)[-1] == "To be delivered by 25 Jul 2025"
    assert entries[-1].ahead


def test_promise_that_has_passed_is_said_to_be_broken() -> None:
    entry = story(promised_on=date(2025, 7, 17))[-1]
    assert entry.title == "Promised for 17 Jul 2025"
    assert entry.details == ["No delivery recorded, 3 days late"]
    assert entry.tone == "bad"
    assert not entry.ahead


@pytest.mark.parametrize("status", ["cancelled", "voided"])
def test_nothing_is_awaited_of_an_order_that_does_not_stand(status: str) -> None:
    assert titles(story(status=status, promised_on=date(2025, 7, 17))) == ["Order placed"]


def test_message_near_a_fact_stands_with_it() -> None:
    events = [
        OrderEvent(kind="confirmed", at=at(1, 13), channel="email"),
        OrderEvent(kind="shipped", at=at(2, 13), channel="sms"),
    ]
    entries = story(events, shipped_at=at(2))
    assert titles(entries) == ["Order placed", "Shipped"]
    assert entries[0].details == ["Customer told by e-mail"]
    assert entries[1].details == ["Customer told by text message"]


def test_message_far_from_the_fact_stands_alone() -> None:
    events = [OrderEvent(kind="shipped", at=at(6), channel="email", text="On its way at last")]
    entries = story(events, shipped_at=at(2))
    assert titles(entries) == ["Order placed", "Shipped", "On its way"]
    assert entries[2].details == ["On its way at last", "Customer told by e-mail"]


def test_delay_told_stands_between_the_facts() -> None:
    events = [OrderEvent(kind="delayed", at=at(4), channel="email", text="Held up")]
    entries = story(events, shipped_at=at(2), delivered_at=at(7))
    assert titles(entries) == ["Order placed", "Shipped", "Delayed", "Delivered"]
    assert entries[2].tone == "warning"


def test_refunds_say_how_much_why_and_that_the_day_is_unknown() -> None:
    refunds = [
        Refund(amount=250, refunded_at=at(8), reason="Arrived damaged"),
        Refund(amount=1000, refunded_at=None),
    ]
    entries = story(refunds=refunds)
    assert titles(entries)[1:] == ["Refunded £2.50", "Refunded in full, £10.00"]
    assert entries[1].details == ["Arrived damaged"]
    assert entries[2].details == ["The source doesn't say when"]


def test_credit_note_is_written_not_placed() -> None:
    assert titles(story(total=-500)) == ["Credit note written"]


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (None, ""),
        (0, "on the promised day"),
        (1, "1 day late"),
        (3, "3 days late"),
        (-1, "1 day early"),
        (-2, "2 days early"),
    ],
)
def test_lateness_in_words(days: int | None, words: str) -> None:
    assert lateness(days) == words
