"""Numbers as text: plain digits that the database can hold, or none at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.numbers import number_among, whole_number


@given(st.integers(0, 10**18 - 1))
def test_plain_digits_are_their_number(number: int) -> None:
    assert whole_number(str(number)) == number


@pytest.mark.parametrize("text", ["0", "00", "000000000000000000"])
def test_leading_noughts_say_nothing(text: str) -> None:
    assert whole_number(text) == 0


@pytest.mark.parametrize(
    "text",
    ["", " ", "7 ", "+7", "-7", "7.0", "1_000", "1e3", "0x7", "seven", "٧", "７", "²", "7\n", "7\x00"],
)
def test_anything_else_is_no_number(text: str) -> None:
    assert whole_number(text) is None


@pytest.mark.parametrize("digits", [19, 4301, 100_000])
def test_more_digits_than_the_database_holds_are_no_number(digits: int) -> None:
    assert whole_number("9" * digits) is None


def test_one_of_a_few_numbers_is_taken_as_it_is_written() -> None:
    assert number_among("60", (30, 60, 90), otherwise=30) == 60
    assert {number_among(text, (30, 60, 90), otherwise=30) for text in (None, "", "61", "060", "٦٠")} == {30}
