from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from lib.wording import (
    ago_text,
    count_text,
    day_text,
    duration_text,
    exact_text,
    number_text,
    percent_text,
    signed_text,
    size_text,
    times_text,
)

NOW = datetime(2024, 11, 12, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "text"),
    [(1204, "1,204"), (0, "0"), (-3, "−3"), (2.25, "2.2"), (Decimal("1234.56"), "1,234.6"), (None, "–")],
)
def test_number_parts_thousands(value: float | None, text: str) -> None:
    assert number_text(value) == text


def test_number_that_rounds_to_nothing_has_no_sign() -> None:
    assert number_text(-0.01) == "0.0"


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.123, "12.3%"), (1, "100.0%"), (0, "0.0%"), (0.0001, "<0.1%"), (-0.0001, ">−0.1%"), (None, "–")],
)
def test_percent_never_shows_something_as_nothing(share: float | None, text: str) -> None:
    assert percent_text(share) == text


@pytest.mark.parametrize(
    ("before", "now", "text"),
    [
        (100, 199, ""),
        (100, 200, "2 times"),
        (100, 328, "3.3 times"),
        (100, 996, "10 times"),
        (100, 1249, "12 times"),
        (1, 12_000, "12,000 times"),
        (0, 12, ""),
        (100, 20, ""),
    ],
)
def test_growth_from_a_doubling_on_is_said_in_times(before: int, now: int, text: str) -> None:
    assert times_text(before, now) == text


@pytest.mark.parametrize(("value", "text"), [(12, "+12"), (-3, "−3"), (0, "0"), (1204, "+1,204")])
def test_signed_says_which_way(value: int, text: str) -> None:
    assert signed_text(value) == text


def test_day_names_the_year_only_where_it_is_another() -> None:
    assert day_text(date(2024, 11, 2), today=date(2024, 11, 12)) == "2 Nov"
    assert day_text(date(2023, 11, 2), today=date(2024, 11, 12)) == "2 Nov 2023"


def test_moment_belongs_to_the_day_of_the_active_zone() -> None:
    moment = datetime(2024, 11, 12, 23, 30, tzinfo=UTC)
    with timezone.override(ZoneInfo("Asia/Tokyo")):
        assert day_text(moment, today=date(2024, 11, 13)) == "13 Nov"
        assert exact_text(moment) == "13 Nov 2024, 08:30"
    assert exact_text(date(2024, 11, 12)) == "12 Nov 2024"


@pytest.mark.parametrize(
    ("elapsed", "text"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59, seconds=55), "1 hour ago"),
        (timedelta(hours=3), "3 hours ago"),
        (timedelta(hours=23), "yesterday"),
        (timedelta(days=3), "3 days ago"),
        (timedelta(days=60), "13 Sep"),
        (timedelta(hours=-2), "in 2 hours"),
        (timedelta(days=-1), "tomorrow"),
        (timedelta(days=-5), "in 5 days"),
    ],
)
def test_ago_says_it_as_people_do(elapsed: timedelta, text: str) -> None:
    assert ago_text(NOW - elapsed, now=NOW) == text


def test_ago_of_a_date_counts_days() -> None:
    assert ago_text(date(2024, 11, 12), now=NOW) == "today"
    assert ago_text(date(2024, 11, 11), now=NOW) == "yesterday"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "less than a second"), (1, "1 second"), (59, "59 seconds"), (90, "2 minutes"), (7300, "2 hours")],
)
def test_duration_is_about(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


@given(st.floats(min_value=0, max_value=10**7))
def test_duration_never_counts_sixty_of_the_smaller_unit(seconds: float) -> None:
    text = duration_text(seconds)
    assert not text.startswith(("60 seconds", "60 minutes"))


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1_000, "1 kB"),
        (47_109_517, "47 MB"),
        (1_000_000_000, "1 GB"),
        (1_250_000_000, "1.25 GB"),
    ],
)
def test_size_of_a_file(size: int, text: str) -> None:
    assert size_text(size) == text


@pytest.mark.parametrize(
    ("count", "words", "text"),
    [
        (0, ("order",), "0 orders"),
        (1, ("order",), "1 order"),
        (1204, ("order",), "1,204 orders"),
        (1, ("person", "people"), "1 person"),
        (2, ("person", "people"), "2 people"),
    ],
)
def test_what_is_counted_agrees_with_how_many(count: int, words: tuple[str, ...], text: str) -> None:
    assert count_text(count, *words) == text
