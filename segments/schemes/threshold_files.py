"""Cut points fixed by hand, from a TOML file."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from lib.money import minor_digits, to_decimal
from segments.schemes.versions import SchemeError, minor_cut_point


def read_thresholds(path: Path, currency: str) -> dict[str, list[int]]:
    """The cut points in the file by dimension; a scheme checks that they fit it.

    The file holds any of `recency` (days), `frequency` (orders) and `monetary` (major units: 49.90), each a
    list of numbers, or a table with one list in it. Raises SchemeError with a sentence for what it can't be.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"), parse_float=Decimal)
    except OSError as error:
        raise SchemeError(f"{path.name} could not be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SchemeError(f"{path.name} is not a TOML file: {error}.") from error
    readers: dict[str, Callable[[object], int]] = {"monetary": lambda value: _minor(value, currency)}
    return {
        dimension: [readers.get(dimension, _whole)(value) for value in _list(dimension, given)]
        for dimension, given in content.items()
    }


def _list(dimension: str, given: object) -> list[object]:
    if isinstance(given, dict) and len(given) == 1:
        (given,) = given.values()
    if not isinstance(given, list):
        raise SchemeError(f"“{dimension}” should be a list of cut points, such as [30, 90, 180, 365].")
    return given


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise SchemeError(f"“{value}” is not a whole number of days or orders.")
    return value


def _minor(value: object, currency: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not Decimal(value).is_finite():
        raise SchemeError(f"“{value}” is not an amount of money.")
    minor = minor_cut_point(Decimal(value), currency)
    if minor is None:
        raise SchemeError(f"{value} is too large for a cut point.")
    if to_decimal(minor, currency) != value:
        raise SchemeError(f"{value} has more than the {minor_digits(currency)} decimals of {currency}.")
    return minor
