"""Filters of a list, as a form in its address."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

_CHOICE = {"invalid_choice": "“%(value)s” can’t be chosen here. Choose one of the list."}
_DAY = {"invalid": "This is no day. Choose one, or write it as 2026-03-31."}
_AMOUNT = {
    "invalid": "This is no amount. Write a number, such as 25 or 99.50.",
    "max_digits": "This amount is too large to look for. Write a smaller one.",
    "max_whole_digits": "This amount is too large to look for. Write a smaller one.",
}
_TEXT = {
    "max_length": "This is too long to search for. Write %(limit_value)d letters at most.",
    "null_characters_not_allowed": "This holds a sign that can’t be searched for. Type it anew.",
}


class FilterForm(forms.Form):
    """The fields used most are always in sight, the rest folded away; components/filters.html renders it.

    `main` names the fields in sight. An invalid value filters nothing, and the error is shown at its field.
    """

    main: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.error_messages |= _sentences(field)

    @property
    def first_fields(self) -> list[forms.BoundField]:
        """Those in sight."""
        return [field for field in self.visible_fields() if field.name in self.main]

    @property
    def more_fields(self) -> list[forms.BoundField]:
        """Those folded away."""
        return [field for field in self.visible_fields() if field.name not in self.main]

    @property
    def more_count(self) -> int:
        """How many of those folded away are set."""
        return sum(1 for field in self.more_fields if field.data)

    @property
    def more_errors(self) -> bool:
        """Whether one of those folded away has an error, so that it has to be shown."""
        return any(field.errors for field in self.more_fields)


def _sentences(field: forms.Field) -> dict[str, str]:
    """What is said of a wrong value, and what to do about it."""
    match field:
        case forms.ChoiceField():
            return _CHOICE
        case forms.DateField():
            return _DAY
        case forms.DecimalField():
            return _AMOUNT
    return _TEXT


def day_field(label: str) -> forms.DateField:
    """A day that may be left open, chosen with the browser's calendar."""
    return forms.DateField(label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}))
