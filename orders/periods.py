"""The periods that order dashboards offer: a number of months up to and including the present one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from lib.periods import add_months, month_start

_CHOICES: tuple[tuple[str, int | None, str, str], ...] = (
    ("3", 3, "3 months", "in the last 3 months"),
    ("12", 12, "12 months", "in the last 12 months"),
    ("24", 24, "24 months", "in the last 24 months"),
    ("all", None, "All", "so far"),
)
_USUAL = _CHOICES[1]


@dataclass(frozen=True, slots=True)
class Period:
    """A chosen period. `since` is its first day, None for all time; `words` end a sentence: "in the last 3 months"."""

    key: str
    since: date | None
    words: str

    @property
    def choices(self) -> list[tuple[str, str, bool]]:
        """(key, label, whether it is this one) of every period there is."""
        return [(key, label, key == self.key) for key, _, label, _ in _CHOICES]


def chosen_period(key: str, today: date) -> Period:
    """The period with this key; twelve months for an unknown one."""
    name, months, _, words = next((choice for choice in _CHOICES if choice[0] == key), _USUAL)
    since = None if months is None else add_months(month_start(today), 1 - months)
    return Period(name, since, words)
