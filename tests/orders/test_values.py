from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.money import to_minor
from orders.values import (
    NotUnderstoodError,
    clean_email,
    clean_phone,
    day_reader,
    moment_reader,
    number_reader,
    possible_date_orders,
    possible_decimal_marks,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1234.50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("1 234.50", "1234.50"),
        ("1\u00a0234.50", "1234.50"),
        ("-£5.00", "-5.00"),
        ("£-5.00", "-5.00"),
        ("(5.00)", "-5.00"),
        ("5.00-", "-5.00"),
        ("−0.95", "-0.95"),
        ("$1,240.00", "1240.00"),
        ("12.50 EUR", "12.50"),
        ("kr. 5", "5"),
        ("R$ 5", "5"),
        ("-A$5", "-5"),
        ("5 zł", "5"),
        ("'7", "7"),
        (".5", "0.5"),
        ("4.440892e-16", "0.0000000000000004440892"),
        ("1.5E+03", "1500"),
        ("", "0"),
        ("  ", "0"),
    ],
)
def test_number_with_a_decimal_point(text: str, value: str) -> None:
    assert number_reader(".")(text) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "value"), [("1.234,50", "1234.50"), ("1 234,50 €", "1234.50"), ("12,5", "12.5"), ("-3,00", "-3")]
)
def test_number_with_a_decimal_comma(text: str, value: str) -> None:
    assert number_reader(",")(text) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    [
        "abc",
        "1e5x",
        "12,3",
        "1,23,4",
        "--5",
        "NaN",
        "inf",
        "1.2.3",
        "9" * 20,
        "#REF!",
        "10%",
        "=10",
        "~10",
        "10*",
    ],
)
def test_number_that_is_none_is_refused_in_words(text: str) -> None:
    with pytest.raises(NotUnderstoodError, match="number"):
        number_reader(".")(text)


@pytest.mark.parametrize("text", ["12.50 EUR", "EUR12.50", "eur -12.50"])
def test_amount_in_another_currency_is_refused(text: str) -> None:
    with pytest.raises(NotUnderstoodError, match="is in EUR and the store keeps its books in GBP"):
        number_reader(currency="GBP")(text)
    assert abs(number_reader(currency="EUR")(text)) == Decimal("12.50")


@pytest.mark.parametrize("text", ["12.50 Lei", "Rs. 12.50", "Kčs 12.50", "$12.50"])
def test_sign_that_is_no_code_is_taken_for_the_store_s_currency(text: str) -> None:
    assert number_reader(currency="RON")(text) == Decimal("12.50")


@pytest.mark.parametrize("text", ["", "  ", "\t", "'", "\u00a0"])
@pytest.mark.parametrize("mark", [".", ","])
def test_blank_is_refused_where_a_number_is_required(text: str, mark: str) -> None:
    with pytest.raises(NotUnderstoodError, match="blank; write the number"):
        number_reader(mark, is_required=True)(text)


@pytest.mark.parametrize("text", ["0", "0.00", "'0", "-0", "€0.00"])
def test_zero_that_is_written_is_a_number(text: str) -> None:
    assert number_reader(".", is_required=True)(text) == 0


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2), st.sampled_from([".", ","]), st.booleans())
def test_number_reads_what_a_locale_writes(value: Decimal, mark: str, grouped: bool) -> None:
    written = f"{value:,.2f}" if grouped else f"{value:.2f}"
    if mark == ",":
        written = written.translate(str.maketrans(".,", ",."))
    assert number_reader(mark)(written) == value


def test_minor_units_round_half_to_even_once() -> None:
    assert to_minor(Decimal("0.125"), "GBP") == 12
    assert to_minor(Decimal("0.135"), "GBP") == 14
    assert to_minor(Decimal("1.5"), "JPY") == 2
    assert to_minor(Decimal("1.2345"), "KWD") == 1234


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-29 09:50:26 +0200", datetime(2026, 3, 29, 7, 50, 26, tzinfo=UTC)),
        ("2026-03-29T09:50:26Z", datetime(2026, 3, 29, 9, 50, 26, tzinfo=UTC)),
        ("2026-03-29 09:50:26 UTC", datetime(2026, 3, 29, 9, 50, 26, tzinfo=UTC)),
        ("2010-12-01 08:26:00", datetime(2010, 12, 1, 8, 26, tzinfo=UTC)),
        ("2026-07-01 08:26", datetime(2026, 7, 1, 7, 26, tzinfo=UTC)),
        ("19970101", datetime(1997, 1, 1, tzinfo=UTC)),
        ("29/03/2026 09:50", datetime(2026, 3, 29, 8, 50, tzinfo=UTC)),
        ("29.3.26 1:05 pm", datetime(2026, 3, 29, 12, 5, tzinfo=UTC)),
        ("1.1.2026 12:30 am", datetime(2026, 1, 1, 0, 30, tzinfo=UTC)),
        ("2026. 01. 29. 10:00", datetime(2026, 1, 29, 10, 0, tzinfo=UTC)),
        ("1/2/2026 10:00 +05:30", datetime(2026, 2, 1, 4, 30, tzinfo=UTC)),
        ("Jan 5, 2026", datetime(2026, 1, 5, tzinfo=UTC)),
        ("January 5, 2026 10:00 pm", datetime(2026, 1, 5, 22, tzinfo=UTC)),
        ("Sunday, July 5, 2026, 10:00:30", datetime(2026, 7, 5, 9, 0, 30, tzinfo=UTC)),
        ("5 Sept 2026", datetime(2026, 9, 4, 23, tzinfo=UTC)),
        ("5-Jan-26", datetime(2026, 1, 5, tzinfo=UTC)),
        ("Mon, 05 Jan 2026 10:00:00 +0100", datetime(2026, 1, 5, 9, tzinfo=UTC)),
    ],
)
def test_moment_in_london(text: str, expected: datetime) -> None:
    assert moment_reader("Europe/London", "dmy")(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "5 Foo 2026",
        "31 June 2026",
        "May 5",
        "45662",
        "1 or 2 March 2026",
        "yesterday",
        "31/02/2026",
        "2026-13-01",
        "12",
        "01/01/1890",
        "2026-01-01 25:00",
        "1/2",
    ],
)
def test_moment_that_is_none_is_refused_in_words(text: str) -> None:
    with pytest.raises(NotUnderstoodError, match="date"):
        moment_reader("Europe/London", "dmy")(text)


def test_number_of_a_day_that_excel_shows_undressed_is_refused_with_what_to_do() -> None:
    with pytest.raises(NotUnderstoodError, match="show its column as dates"):
        moment_reader("Europe/London", "dmy")("45659.416667")


def test_date_with_a_named_month_needs_no_order() -> None:
    assert moment_reader("UTC")("3 Apr 2025") == datetime(2025, 4, 3, tzinfo=UTC)
    assert possible_date_orders("3 Apr 2025") == {"dmy", "mdy", "ymd"}


def test_ambiguous_date_without_an_order_is_refused_not_guessed() -> None:
    with pytest.raises(NotUnderstoodError, match="date_order"):
        moment_reader("Europe/London")("03/04/2025")


def test_time_that_the_clocks_skip_moves_on_by_the_hour_skipped() -> None:
    read = moment_reader("Europe/London")
    assert read("2026-03-29 01:30") == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)  # 02:30 in summer time


def test_time_that_occurs_twice_is_the_first() -> None:
    read = moment_reader("Europe/London")
    assert read("2026-10-25 01:30") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_day_of_a_moment_with_an_offset_is_the_stores() -> None:
    assert day_reader("America/New_York")("2026-03-02T02:00:00Z") == date(2026, 3, 1)


@given(
    st.datetimes(datetime.fromisoformat("1971-01-01"), datetime.fromisoformat("2199-12-31")).map(
        lambda moment: moment.replace(microsecond=0)
    ),
    st.sampled_from(
        [("dmy", "%d/%m/%Y %H:%M:%S"), ("mdy", "%m/%d/%Y %H:%M:%S"), ("ymd", "%Y.%m.%d %H:%M:%S")]
    ),
)
def test_moment_reads_what_a_locale_writes(moment: datetime, written: tuple[str, str]) -> None:
    order, pattern = written
    local = moment.replace(tzinfo=ZoneInfo("Europe/Budapest")).astimezone(UTC)
    assert moment_reader("Europe/Budapest", order)(moment.strftime(pattern)) == local
    assert order in possible_date_orders(moment.strftime(pattern))


@pytest.mark.parametrize(
    ("text", "orders"),
    [
        ("03/04/2025", {"dmy", "mdy"}),
        ("13/04/2025", {"dmy"}),
        ("04/13/2025", {"mdy"}),
        ("2025-04-13", {"dmy", "mdy", "ymd"}),
        ("25/04/13", {"dmy", "ymd"}),
        ("not a date", {"dmy", "mdy", "ymd"}),
    ],
)
def test_possible_orders_of_a_date(text: str, orders: set[str]) -> None:
    assert possible_date_orders(text) == orders


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("12.50", {"."}),
        ("12,50", {","}),
        ("1,234.50", {"."}),
        ("1.234,50", {","}),
        ("1,234", {".", ","}),
        ("0.123", {"."}),
        ("1.234.567", {","}),
        ("1234", {".", ","}),
        ("1234.567", {"."}),
    ],
)
def test_possible_decimal_marks(text: str, marks: set[str]) -> None:
    assert possible_decimal_marks(text) == marks


@pytest.mark.parametrize(
    ("text", "marks"),
    [("10.500", "."), ("1,250", ","), ("1.234.567", ","), ("1,234.500", "."), ("10.5", ".")],
)
def test_three_figures_behind_a_mark_are_decimals_where_the_currency_has_three(text: str, marks: str) -> None:
    assert possible_decimal_marks(text, decimals=3) == set(marks)


def test_email_is_lower_case_or_nothing() -> None:
    assert clean_email(" 'Ana@Example.COM ") == "ana@example.com"
    assert clean_email("no e-mail") == clean_email("@x") == clean_email("x@") == ""


def test_phone_is_digits_or_nothing() -> None:
    assert clean_phone("'+49 170 123-4567") == "+491701234567"
    assert clean_phone("(555) 555-5555") == "5555555555"
    assert clean_phone("n/a") == clean_phone("123") == ""


def test_moment_equals_itself_whatever_the_offset() -> None:
    read = moment_reader("UTC")
    assert read("2026-01-01 00:30:00 +0100") == read("2025-12-31 23:30:00 UTC")
