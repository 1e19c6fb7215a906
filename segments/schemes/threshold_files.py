"""Cut points fixed by hand, from a TOML file."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from math import ceil
from pathlib import Path

from lib.money import minor_digits
from segments.schemes.versions import MOST_DIGITS, SchemeError


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
    places = {"monetary": minor_digits(currency)}
    return {
        dimension: [_cut_point(value, places.get(dimension, 0)) for value in _list(dimension, given)]
        for dimension, given in content.items()
    }


def _list(dimension: str, given: object) -> list[object]:
    if isinstance(given, dict) and len(given) == 1:
        (given,) = given.values()
    if not isinstance(given, list):
        raise SchemeError(f"“{dimension}” should be a list of cut points, such as [30, 90, 180, 365].")
    return given


def _cut_point(value: object, places: int) -> int:
    """The cut point in units of this many decimal places, rounded up: 1.5 orders or more means 2 or more."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not Decimal(value).is_finite():
        raise SchemeError(f"“{value}” is not a number.")
    if Decimal(value).adjusted() > MOST_DIGITS:
        raise SchemeError(f"{value} is too large for a cut point.")
    return ceil(Decimal(value).scaleb(places))
