"""Filters of a list, as a form in its address."""

from __future__ import annotations

from typing import ClassVar

from django import forms


class FilterForm(forms.Form):
    """What is asked most is always in sight, the rest folded away; components/filters.html shows it.

    `main` names the fields in sight. A value that makes no sense filters nothing, and is told at its field.
    """

    main: ClassVar[tuple[str, ...]] = ()

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
        """Whether one of those folded away is wrong, so that it has to be seen."""
        return any(field.errors for field in self.more_fields)


def day_field(label: str) -> forms.DateField:
    """A day that may be left open, chosen with the browser's calendar."""
    return forms.DateField(label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}))
