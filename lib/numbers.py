"""Numbers that an address, a form or a setting gives as text."""

from __future__ import annotations

from collections.abc import Iterable

_MOST_DIGITS = 18  # whatever they are, the database's largest integer holds the number


def whole_number(text: str) -> int | None:
    """The number that plain digits write, 0 to 10**18 - 1; None for anything else.

    Only 0 to 9 are digits, without sign, space or separator: an address of ours holds no others.
    """
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS else None


def number_among(text: str | None, numbers: Iterable[int], otherwise: int) -> int:
    """The one of the numbers that the text writes, as an address of ours does; `otherwise` for anything else."""
    return next((number for number in numbers if str(number) == text), otherwise)
