"""What people may ask of the customer list; checked, in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict

from accounts.models import Store
from lib.choices import offer
from lib.filter_forms import FilterForm, day_field
from lib.keyset import PARAMETER
from lib.money import to_minor
from lib.numbers import whole_number
from lib.wording import day_text
from segments.customers.filtering import CustomerFilter
from segments.customers.sorts import SORTS
from segments.models import Refresh, Segment

ANY = ("", "Any")


@dataclass(frozen=True)
class ActiveFilter:
    """A filter that is set: what it asks, and the query string of the list without it."""

    label: str
    value: str
    query_without: str


def _choice(label: str, *choices: tuple[str, str]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=[ANY, *choices])


def _number_of(label: str, *choices: tuple[str, str]) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label, required=False, coerce=int, empty_value=None, choices=[ANY, *choices]
    )


def _amount(label: str) -> forms.DecimalField:
    return forms.DecimalField(label=label, required=False, max_digits=14)


class CustomerFilterForm(FilterForm):
    """The customer list's filters, from its address. A field in error filters nothing and says what is wrong."""

    main = ("q", "segment", "last_from", "last_to")

    q = forms.CharField(
        label="Search",
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "E-mail, name or customer number"}),
    )
    segment = _choice("Segment")
    last_from = day_field("Last order from")
    last_to = day_field("Last order to")
    r = _number_of("Recency score")
    f = _number_of("Frequency score")
    m = _number_of("Monetary score")
    kind = _choice("Account", ("registered", "Registered"), ("guest", "Guest"))
    consent = _choice("E-mail consent", ("yes", "Given"), ("no", "Refused"), ("unknown", "Not known"))
    alive = _choice(
        "P(alive)",
        ("likely", "70% or more"),
        ("doubtful", "30% to 69%"),
        ("unlikely", "Under 30%"),
        ("unknown", "Not known"),
    )
    overdue = _number_of(
        "Overdue by their cadence",
        ("0", "Overdue"),
        ("1", "By one gap or more"),
        ("2", "By two gaps or more"),
    )
    quiet = _choice(
        "Last contact",
        ("7", "Not in the last 7 days"),
        ("30", "Not in the last 30 days"),
        ("90", "Not in the last 90 days"),
        ("365", "Not in the last year"),
        ("never", "Never"),
    )
    contact_from = day_field("Last contact from")
    contact_to = day_field("Last contact to")
    spent_from = _amount("Spent from")
    spent_to = _amount("Spent up to")
    value_from = _amount("Expected value from")
    value_to = _amount("Expected value up to")
    sort = forms.ChoiceField(
        label="Sort", required=False, choices=[(sort, sort) for sort in SORTS], widget=forms.HiddenInput
    )

    def __init__(self, data: QueryDict, *, store: Store, segments: list[Segment], bins: int) -> None:
        super().__init__(data)
        self._query = data
        self._currency = store.currency
        self._segments = {segment.key: segment for segment in segments}
        offer(self, "segment", [ANY, *((one.key, one.name) for one in segments), ("none", "None")])
        for name in ("r", "f", "m"):
            offer(self, name, [ANY, *((score, str(score)) for score in range(bins, 0, -1))])

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for low, high, what in (
            ("last_from", "last_to", "The first day lies after the last one."),
            ("contact_from", "contact_to", "The first day lies after the last one."),
            ("spent_from", "spent_to", "The lower amount is above the upper one."),
            ("value_from", "value_to", "The lower amount is above the upper one."),
        ):
            first, last = cleaned.get(low), cleaned.get(high)
            if first is not None and last is not None and first > last:
                self.add_error(low, f"{what} Swap them.")
                cleaned.pop(high)
        return cleaned

    @property
    def active(self) -> list[ActiveFilter]:
        """The filters that are set and make sense, in the order of the form."""
        self.is_valid()
        given = [
            field for field in self.visible_fields() if self.cleaned_data.get(field.name) not in (None, "")
        ]
        return [
            ActiveFilter(str(field.label), self._shown(field), self._without(field.name)) for field in given
        ]

    def _shown(self, field: forms.BoundField) -> str:
        value = self.cleaned_data[field.name]
        if isinstance(field.field, forms.ChoiceField):
            return str(dict(field.field.choices).get(field.data, value))  # type: ignore[arg-type]
        return day_text(value) if isinstance(value, date) else str(value)

    def _without(self, name: str) -> str:
        query = self._query.copy()
        for each in (name, PARAMETER):
            query.pop(each, None)
        return query.urlencode()

    def filter(self) -> CustomerFilter:
        """What to look for: every field that was filled in and makes sense."""
        self.is_valid()
        given = self.cleaned_data
        chosen, quiet = given.get("segment") or "", given.get("quiet") or ""
        return CustomerFilter(
            search=given.get("q") or "",
            segment=self._segments.get(chosen),
            unsegmented=chosen == "none",
            r=given.get("r"),
            f=given.get("f"),
            m=given.get("m"),
            registered={"registered": True, "guest": False}.get(given.get("kind") or ""),
            consent=given.get("consent") or "",
            last_from=given.get("last_from"),
            last_to=given.get("last_to"),
            spent_from=self._minor(given.get("spent_from")),
            spent_to=self._minor(given.get("spent_to")),
            value_from=self._minor(given.get("value_from")),
            value_to=self._minor(given.get("value_to")),
            alive=given.get("alive") or "",
            overdue=given.get("overdue"),
            contact_from=given.get("contact_from"),
            contact_to=given.get("contact_to"),
            quiet_days=whole_number(quiet),
            never_told=quiet == "never",
        )

    def _minor(self, amount: Decimal | None) -> int | None:
        return None if amount is None else to_minor(amount, self._currency)


def filter_form(query: QueryDict, store: Store, refresh: Refresh | None) -> CustomerFilterForm:
    """The form as an address fills it in; scores are those of the refresh's scheme."""
    segments = list(Segment.objects.filter(store=store))
    bins = refresh.scheme_version.bins if refresh else 5
    return CustomerFilterForm(query, store=store, segments=segments, bins=bins)
