"""What spreadsheet programs do to a text they open."""

from __future__ import annotations

# A cell that begins with one of these is run as a formula, or is cut up, by the programs that open a CSV.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def neutral_text(text: str) -> str:
    """The text with a leading apostrophe where a spreadsheet would take it for a formula.

    For text from outside (names, e-mails, ids), not for numbers: -5 is a number.
    """
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
