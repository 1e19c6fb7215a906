"""Money is an integer number of minor units (pence, cents) in the store's currency; never a float."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache

from babel import Locale
from babel.numbers import format_currency

# ISO 4217 (2024-06): currencies whose minor unit is not a hundredth.
_MINOR_DIGITS = {
    **dict.fromkeys(
        [
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ],
        0,
    ),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
}
# Currencies whose hundredths are out of use: kept in the ledger's minor units, never shown.
_SHOWN_WHOLE = frozenset({"HUF"})


def minor_digits(currency: str) -> int:
    """Decimal places of the currency's minor unit (ISO 4217): GBP 2, JPY 0, KWD 3."""
    return _MINOR_DIGITS.get(currency, 2)


def to_minor(amount: Decimal, currency: str) -> int:
    """Minor units of a decimal amount; halves go to the even unit."""
    return int(amount.scaleb(minor_digits(currency)).to_integral_value(ROUND_HALF_EVEN))


def to_decimal(minor: int, currency: str) -> Decimal:
    """The decimal amount of minor units: 1999 GBP is 19.99."""
    return Decimal(minor).scaleb(-minor_digits(currency))


def format_money(minor: int, currency: str, locale: str = "en_GB", *, whole_from: int = 1000) -> str:
    """Money as people read it: £19.99, but £1,204 from a thousand (or from `whole_from`) up."""
    amount = to_decimal(minor, currency)
    digits = 0 if abs(amount) >= whole_from or currency in _SHOWN_WHOLE else minor_digits(currency)
    pattern = _pattern(locale, digits)
    return format_currency(amount, currency, pattern, locale=locale, currency_digits=False)


@lru_cache(maxsize=64)
def _pattern(locale: str, digits: int) -> str:
    """The locale's currency pattern with this many decimals: ¤#,##0.00 or ¤#,##0."""
    standard = str(Locale.parse(locale).currency_formats["standard"].pattern).split(";")[0]
    return standard.replace(".00", "." + "0" * digits if digits else "")
