"""The sentences say what the figures say."""

from __future__ import annotations

from datetime import date

import pytest

from accounts.models import Store
from segments.models import Segment, ValueFit
from segments.value.findings import (
    alive_finding,
    bands_finding,
    calibration_finding,
    groups_finding,
    off_text,
    segments_finding,
    times_text,
    trust_sentence,
    value_finding,
    weeks_finding,
)
from segments.value.pictures import Row
from segments.value.queries import ValueOfSegment
from tests.segments.value.test_calibration import kept

POUNDS = Store(slug="shop", currency="GBP", timezone="UTC")
YEARS_AGO = date(2019, 6, 30)


def fit(**fields: object) -> ValueFit:
    defaults: dict[str, object] = {"as_of": YEARS_AGO, "horizon_days": 365, "expected_orders": 1971.4}
    return ValueFit(store=POUNDS, **(defaults | fields))


def step(group: int, start: int, p_alive: float) -> Row:
    return {"group": group, "from": start, "below": start + 30, "customers": 20, "p_alive": p_alive}


def test_value_is_said_to_three_figures() -> None:
    finding = value_finding(fit(expected_value=17_549_498, tenths=[0.562, 1.0]))
    assert finding == (
        "Your customers should bring about £175,000 in the 365 days after 30 Jun 2019, "
        "56% of it from one in ten of them."
    )


def test_without_spend_orders_are_said() -> None:
    assert value_finding(fit(expected_value=None)) == (
        "Your customers should order about 1,970 times in the 365 days after 30 Jun 2019."
    )


@pytest.mark.parametrize(
    ("tenths", "finding"),
    [
        ([0.63, 0.8, 1.0], "One customer in ten brings 63% of what is expected"),
        ([0.3, 0.45, 0.55, 1.0], "3 customers in ten bring 55% of what is expected"),
        ([], "Nothing is expected of anybody"),
    ],
)
def test_unevenness_is_told_by_who_brings_half(tenths: list[float], finding: str) -> None:
    assert bands_finding(tenths) == finding


def test_the_segment_that_brings_most_is_named() -> None:
    champions = Segment(key="champions", name="Champions", health=1)
    rows = [
        ValueOfSegment(champions, 20, 90.0, 7000, 0.2, 0.7),
        ValueOfSegment(None, 80, 30.0, 3000, 0.8, 0.3),
    ]
    assert segments_finding(rows) == "Champions, 20.0% of customers, should bring 70.0% of it"
    assert rows[0].mean_value == 350


def test_silence_is_told_for_the_most_and_the_least_frequent() -> None:
    rows = [
        step(0, 0, 0.8), step(0, 30, 0.6), step(0, 60, 0.45),
        step(3, 0, 0.9), step(3, 30, 0.3),
    ]  # fmt: skip
    assert alive_finding(rows) == (
        "People who bought 9 times or more are likelier gone than not after 30 days of silence; "
        "those who bought twice, after 60"
    )


def test_a_mean_that_rises_again_counts_from_where_it_stays_low() -> None:
    rows = [step(1, 0, 0.4), step(1, 30, 0.6), step(1, 60, 0.4), step(1, 90, 0.3)]
    assert alive_finding(rows) == (
        "People who bought 3 to 4 times are likelier gone than not after 60 days of silence"
    )


def test_nobody_silent_for_long_enough_is_said() -> None:
    assert alive_finding([step(0, 0, 0.9)]).startswith("Nobody's silence is long enough")


def test_everybody_silent_for_long_is_said() -> None:
    rows = [step(0, 5000, 0.02), step(3, 5000, 0.01)]
    assert alive_finding(rows).startswith("Everybody who came back once has been silent so long")


def test_groups_are_named_by_days_bought_on() -> None:
    assert [times_text(group) for group in range(4)] == [
        "twice",
        "3 to 4 times",
        "5 to 8 times",
        "9 times or more",
    ]


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (0.08, "8% too high"),
        (-0.031, "3% too low"),
        (0.004, "within half a per cent"),
        (0.0, "within half a per cent"),
    ],
)
def test_errors_are_said_in_words(error: float, text: str) -> None:
    assert off_text(error) == text


def test_the_test_is_told_by_revenue_where_there_is_one() -> None:
    finding = calibration_finding(kept(revenue=(920.0, 1000.0)))
    assert finding.startswith("A forecast of revenue until 22 Nov")
    assert finding.endswith("would have been 8% too low.")
    assert "of orders" in calibration_finding(kept(revenue=None))


def test_a_test_in_which_nobody_came_back_says_so() -> None:
    assert "nobody came back" in calibration_finding(kept(orders=(5.0, 0.0), revenue=None))


@pytest.mark.parametrize(
    ("orders", "correlation", "words"),
    [
        (
            (104, 100),
            0.6,
            "You can plan by the totals: they came within a tenth. Those of whom more was expected did",
        ),
        ((120, 100), 0.6, "Take the totals as a rough guide"),
        ((150, 100), 0.6, "Don't plan by the totals"),
        ((104, 100), 0.1, "They hardly told customers apart"),
    ],
)
def test_trust_says_what_to_do(orders: tuple[float, float], correlation: float, words: str) -> None:
    assert words in trust_sentence(kept(orders=orders, correlation=correlation))


def test_charts_are_named_by_how_they_ended() -> None:
    assert weeks_finding(kept()).endswith("the models expected 104 repeat orders; 100 came")
    assert groups_finding(kept()) == (
        "People who had come back 7 times or more ordered 3.5 times more; 4.0 was expected"
    )
