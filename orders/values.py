"""From the text of a cell to a value: numbers, moments, days, yes and no, statuses. Pure; no database.

Each reader is a dictionary from text to value that fills itself: the same few thousand texts stand in a file
many times over, and a lookup costs a tenth of parsing. A text that isn't understood raises `NotUnderstoodError`
with words for a person.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from babel.numbers import list_currencies

Value = TypeVar("Value")
REMEMBERED = 100_000  # texts a reader; beyond it forgets all, so that memory stays bounded
LARGEST = Decimal(10) ** 12
BLANK = (
    "the cell is blank; write the number, even if it is 0, or save the workbook in Excel if it is a formula"
)


class NotUnderstoodError(ValueError):
    """The text of a cell isn't the value it should be; the message says so in plain words."""


class Remembering(dict[str, Value], Generic[Value]):
    """A function of a text that remembers: `reader[text]`."""

    def __init__(self, parse: Callable[[str], Value]) -> None:
        super().__init__()
        self.parse = parse

    def __missing__(self, text: str) -> Value:
        if len(self) >= REMEMBERED:
            self.clear()
        value = self[text] = self.parse(text)
        return value


_PLAIN_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,20})?(?:[eE][+-]?\d{1,2})?", re.ASCII)
# EUR, Ft, kr., £, R$. Of ASCII's signs $ alone is a currency's: «10%» and «~10» are no amounts.
_CURRENCY = r"(?:[^\W\d_]{1,3}\.?|[^\W\d_]{0,3}(?:\$|[^\x00-\x7f\w\s−]){1,3})"
_DECORATED_NUMBER = re.compile(
    rf"(\()?\s*([+−-])?\s*{_CURRENCY}?\s*([+−-])?\s*([.,]?\d[\d.,\s’']*)\s*{_CURRENCY}?\s*([−-])?\s*(\))?"
)
_GROUPED = re.compile(r"(?:\d+|\d{1,3}(?:g\d{3})+)?(?:d\d*)?", re.ASCII)


def number_reader(
    decimal_mark: str = ".", *, is_required: bool = False, currency: str = ""
) -> Callable[[str], Decimal]:
    """A parser of numbers: «1,234.50», «-£5.00», «(5.00)», or with a decimal comma «1 234,50».

    A blank is 0, and refused where the number `is_required`: it says nothing, least of all that it was free. With a
    `currency` the code of another is refused: «12.50 USD» where the books are in GBP.
    """
    shape = str.maketrans({"." if decimal_mark == "," else ",": "g", decimal_mark: "d"})

    def parse(text: str) -> Decimal:
        if decimal_mark == "." and _PLAIN_NUMBER.fullmatch(text):
            return _bounded(Decimal(text), text)
        kept = text.strip().removeprefix("'").strip()
        if not kept:
            if is_required:
                raise NotUnderstoodError(BLANK)
            return Decimal(0)
        match = _DECORATED_NUMBER.fullmatch(kept)
        shaped = re.sub(r"[\s’']", "", match[4]).translate(shape) if match else "?"
        if match is None or not (_GROUPED.fullmatch(shaped) and _is_signed_once(match)):
            raise NotUnderstoodError(f"“{text}” isn't a number")
        if currency:
            _require_currency(kept, currency)
        value = Decimal(shaped.replace("g", "").replace("d", "."))
        return _bounded(-value if _is_negative(match) else value, text)

    return parse


def _require_currency(text: str, currency: str) -> None:
    for code in re.findall("[A-Z]{3}", text.upper()):
        if code != currency and code in list_currencies():
            raise NotUnderstoodError(f"“{text}” is in {code} and the store keeps its books in {currency}")


def _is_signed_once(match: re.Match[str]) -> bool:
    signs = sum(match[place] is not None for place in (2, 3, 5))
    brackets = {match[1] is None, match[6] is None}
    return signs <= 1 and len(brackets) == 1


def _is_negative(match: re.Match[str]) -> bool:
    return match[1] is not None or bool({match[2], match[3], match[5]} & {"-", "−"})


def _bounded(value: Decimal, text: str) -> Decimal:
    if abs(value) >= LARGEST:
        raise NotUnderstoodError(f"“{text}” is too large a number")
    return value


_LOCAL = re.compile(
    r"(\d{1,4})(?:[./-]|\.\s)\s?(\d{1,2})(?:[./-]|\.\s)\s?(\d{1,4})\.?"
    r"(?:[ T,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*([AaPp])?\.?[Mm]?\.?)?"
    r"\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
# «Jan 5, 2025 10:00 am», «Sunday, 5 January 2025», «5-Jan-25»: nothing in them can be read in two ways.
_NAMED = re.compile(
    r"(?:[A-Za-z]{3,9},\s*)?(?:(\d{1,2})[ -]([A-Za-z]{3,9})\.?,?[ -]|([A-Za-z]{3,9})\.? (\d{1,2}),? )(\d{4}|\d{2})"
    r"(?![\d:])(.*)",
    re.ASCII,
)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?", re.ASCII)
_SPACED_OFFSET = re.compile(r"(?<=\d) (?=[+-]\d{2}:?\d{2}$)|(?<=\d) ?(?:UTC|GMT)$")


def moment_reader(zone: str, date_order: str = "") -> Callable[[str], datetime]:
    """A parser of moments, in UTC. Those without an offset are read as in `zone`.

    ISO 8601 in its usual forms is always understood. `date_order` («dmy», «mdy», «ymd») says how to read
    03/04/2025; without it such a date is refused. A local time that a change of the clocks skips is read by
    the offset before the change (so it moves on by the hour skipped); of one that occurs twice, the first.
    """
    local = ZoneInfo(zone)

    def parse(text: str) -> datetime:
        kept = text.strip()
        found = _iso_moment(kept) if len(kept) >= 8 else None
        if found is not None:
            return _in_utc(found if found.tzinfo else found.replace(tzinfo=local), text)
        return _in_utc(_local_moment(kept, text, date_order, local), text)

    return parse


def _iso_moment(text: str) -> datetime | None:
    with suppress(ValueError):
        return datetime.fromisoformat(text)
    with suppress(ValueError):
        return datetime.fromisoformat(_SPACED_OFFSET.sub(_iso_offset, text))
    return None


def _iso_offset(match: re.Match[str]) -> str:
    return "" if match.group() == " " else "+00:00"


def _local_moment(kept: str, text: str, date_order: str, local: ZoneInfo) -> datetime:
    match = _LOCAL.fullmatch(_in_numbers(kept))
    if match is None:
        hint = (
            "; if it is Excel's number of a day, show its column as dates there"
            if _SERIAL.fullmatch(kept)
            else ""
        )
        raise NotUnderstoodError(f"“{text}” isn't a date{hint}")
    year, month, day = _ordered(match, date_order, text)
    hour, minute, second = (int(part or 0) for part in match.group(4, 5, 6))
    if half := match.group(7):
        hour = hour % 12 + (12 if half in "pP" else 0)
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=_offset(match.group(8)) or local)
    except ValueError:
        raise NotUnderstoodError(f"“{text}” isn't a date in the calendar") from None


def _in_numbers(text: str) -> str:
    """A date whose month is an English word, or the beginning of one, as year-month-day; any other text as it is."""
    match = _NAMED.fullmatch(text)
    if match is None:
        return text
    word = (match[2] or match[3]).lower()
    month = next((number for number, name in enumerate(_MONTHS, 1) if name.startswith(word)), 0)
    year = match[5] if len(match[5]) == 4 else f"{_century(int(match[5])):04}"
    return f"{year}-{month:02}-{match[1] or match[4]}{match[6]}"


def _century(year: int) -> int:
    """A year of two figures is of this century up to 69."""
    return year + (2000 if year < 70 else 1900)


def _ordered(match: re.Match[str], date_order: str, text: str) -> tuple[int, int, int]:
    """Year, month and day of a match."""
    parts = match.group(1, 2, 3)
    order = "ymd" if len(parts[0]) == 4 else date_order
    if not order:
        raise NotUnderstoodError(f"“{text}” can be read as two different days; say which by date_order")
    named = {name: int(part) for name, part in zip(order, parts, strict=True)}
    year = named["y"] if named["y"] >= 100 else _century(named["y"])
    return year, named["m"], named["d"]


def _offset(text: str | None) -> tzinfo | None:
    if not text:
        return None
    if text[0] not in "+-":
        return UTC
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))


def _in_utc(moment: datetime, text: str) -> datetime:
    """In UTC, where a moment equals what the database gives back even when the clocks change."""
    if not 1970 <= moment.year <= 2200:
        raise NotUnderstoodError(f"“{text}” is a date outside the years 1970 to 2200")
    return moment.astimezone(UTC)


def day_reader(zone: str, date_order: str = "") -> Callable[[str], date]:
    """A parser of days; of a moment with another offset, its day in `zone`."""
    moments = moment_reader(zone, date_order)
    local = ZoneInfo(zone)
    return lambda text: moments(text).astimezone(local).date()


def possible_date_orders(text: str) -> frozenset[str]:
    """In which orders of day, month and year the text could be read; every order where it says it itself."""
    match = _LOCAL.fullmatch(text.strip())
    if match is None or len(match.group(1)) == 4:
        return frozenset({"dmy", "mdy", "ymd"})
    first, second, third = (int(part) for part in match.group(1, 2, 3))
    orders = set()
    if 1 <= first <= 31 and 1 <= second <= 12:
        orders.add("dmy")
    if 1 <= first <= 12 and 1 <= second <= 31:
        orders.add("mdy")
    if len(match.group(3)) <= 2 and len(match.group(1)) == 2 and 1 <= second <= 12 and 1 <= third <= 31:
        orders.add("ymd")
    return frozenset(orders)


def possible_decimal_marks(text: str, decimals: int = 2) -> frozenset[str]:
    """Which of «.» and «,» could be the decimal mark of the number; both where it shows neither.

    Three figures behind its only mark may be thousands, unless the currency has that many decimals.
    """
    marks = re.sub(r"[^\d.,]", "", text)
    dots, commas = marks.count("."), marks.count(",")
    if dots and commas:
        return frozenset("," if marks.rindex(",") > marks.rindex(".") else ".")
    if not dots and not commas:
        return frozenset(".,")
    mark = "." if dots else ","
    other = "," if dots else "."
    whole, _, part = marks.rpartition(mark)
    if dots + commas > 1:
        return frozenset(other)  # 1.234.567: the mark groups
    if decimals != 3 and len(part) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0"):
        return frozenset(".,")  # 1.234: a thousand and more, or one and a bit
    return frozenset(mark)


_YES = frozenset({"yes", "true", "1", "y", "t", "subscribed", "on"})
_NO = frozenset({"no", "false", "0", "n", "f", "unsubscribed", "not subscribed", "off"})


def yes_or_no(text: str) -> bool | None:
    """True, False, or None for a blank or a word that is neither."""
    word = text.strip().lower()
    return True if word in _YES else False if word in _NO else None


NO_STATUS = "isn't a status we know"  # how a row is rejected for its status, after the word

STATUSES: dict[str, str] = {
    **dict.fromkeys(["", "paid", "completed", "complete", "processing", "fulfilled", "shipped"], "paid"),
    **dict.fromkeys(["delivered", "closed", "refunded", "partially_refunded", "partially refunded"], "paid"),
    **dict.fromkeys(["pending", "on-hold", "on hold", "unpaid", "authorized", "partially_paid"], "pending"),
    **dict.fromkeys(["partially paid", "awaiting payment", "open", "new"], "pending"),
    **dict.fromkeys(["cancelled", "canceled", "trash"], "cancelled"),
    **dict.fromkeys(["voided", "void", "failed", "expired"], "voided"),
}


def clean_email(text: str) -> str:
    """The e-mail in lower case; empty where the text can't be one."""
    kept = text.strip().lstrip("'").strip().lower()
    return kept if 3 <= len(kept) <= 254 and "@" in kept[1:-1] and " " not in kept else ""


def clean_phone(text: str) -> str:
    """The phone's digits with a leading + where it had one; empty where there are fewer than five."""
    kept = text.strip().lstrip("'").strip()
    digits = "".join(figure for figure in kept if figure in "0123456789")
    return (("+" if kept.startswith("+") else "") + digits)[:40] if len(digits) >= 5 else ""


def clean_text(text: str, longest: int) -> str:
    """The text without the apostrophe that spreadsheets put before numbers, not longer than the field."""
    return text.strip().removeprefix("'").strip()[:longest].strip()


def decimal_of(text: str) -> Decimal:
    """The decimal number a machine wrote (JSON). Raises NotUnderstoodError for anything else; blank is 0."""
    try:
        value = Decimal(text or "0")
    except InvalidOperation:
        raise NotUnderstoodError(f"“{text}” isn't a number") from None
    if not value.is_finite():
        raise NotUnderstoodError(f"“{text}” isn't a number")
    return _bounded(value, text)
