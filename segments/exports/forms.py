"""What people ask of an export: which people, as which file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from django import forms
from django.http import QueryDict

from accounts.models import Store
from lib.numbers import whole_number
from segments.addresses import CUSTOMERS
from segments.customers.saved_filters import essence
from segments.exports.kinds import KINDS, FileKind
from segments.exports.lists import People, people_of_list, picked_people
from segments.exports.making import SMALL

TOO_MANY = (
    f"At most {SMALL:,} customers can be selected by hand. Filter the list instead, and export all who fit."
)


@dataclass(frozen=True)
class Asked:
    """Whom somebody wants exported: all of a list (its name and its page's query string), or those they picked."""

    list: str
    query: str
    picked: tuple[int, ...] = ()

    @classmethod
    def from_address(cls, given: QueryDict) -> Self:
        """A link: the list's own query string, with `list` where it isn't the customer list."""
        query = given.copy()
        name = query.pop("list", [CUSTOMERS])[-1]
        return cls(str(name), essence(query.urlencode()))

    @classmethod
    def from_form(cls, given: QueryDict) -> Self:
        """A form: `list` and `query`, and the picked as `customer` (one each) or `picked` (separated by commas).

        With `everybody` nobody is picked: the whole list is meant.
        """
        ids = (
            []
            if given.get("everybody")
            else [*given.getlist("customer"), *given.get("picked", "").split(",")]
        )
        picked = {number for text in ids if (number := whole_number(text)) is not None}
        return cls(given.get("list", CUSTOMERS), essence(given.get("query", "")), tuple(sorted(picked)))

    def people(self, store: Store) -> People | None:
        """The customers meant; None where the list names none."""
        if self.picked:
            return picked_people(store, self.picked[: SMALL + 1])
        return people_of_list(store, self.list, self.query)

    @property
    def picked_text(self) -> str:
        return ",".join(map(str, self.picked))


class ExportForm(forms.Form):
    """As which file. Those who refused e-mail are only in a file that mails when somebody says so."""

    kind = forms.ChoiceField(
        choices=[(kind.key, kind.label) for kind in KINDS.values()],
        error_messages={
            "required": "Choose a kind of file.",
            "invalid_choice": "Choose one of these kinds of file.",
        },
    )
    with_refused = forms.BooleanField(required=False)

    def chosen(self) -> tuple[FileKind, bool]:
        """The kind of file, and whether those who refused are in it; of a valid form."""
        return KINDS[self.cleaned_data["kind"]], self.cleaned_data["with_refused"]
