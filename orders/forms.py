"""The forms of the order pages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms

from lib.choices import offer
from lib.filter_forms import FilterForm, day_field
from lib.periods import FIRST_DAY, LAST_DAY
from orders.filtering import Buyers, Delivery, Documents, OrderFilters
from orders.models import Order
from orders.queries import UNSAID

NOTHING_SAID = "Not said"
ALL = ("", "All")


class OrderFilterForm(FilterForm):
    """Filters and search of the list of orders, read from the URL. A wrong value is told and filters nothing."""

    main = ("q", "delivery", "documents")

    q = forms.CharField(
        label="Search",
        required=False,
        max_length=120,
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": "Number, e-mail or name", "autocomplete": "off"}
        ),
    )
    since = day_field("From")
    until = day_field("To")
    delivery = forms.ChoiceField(label="Delivery", required=False)
    documents = forms.ChoiceField(label="Money back", required=False)
    buyers = forms.ChoiceField(label="Customer", required=False)
    status = forms.ChoiceField(label="Status", required=False)
    channel = forms.ChoiceField(label="Channel", required=False)
    payment = forms.ChoiceField(label="Payment", required=False)
    carrier = forms.ChoiceField(label="Carrier", required=False)

    def __init__(
        self,
        *args: Any,
        channels: Iterable[str],
        payments: Iterable[str],
        carriers: Iterable[str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "status", [ALL, *Order.Status.choices])
        offer(self, "delivery", [ALL, *Delivery.choices])
        offer(self, "documents", [ALL, *Documents.choices])
        offer(self, "buyers", [ALL, *Buyers.choices])
        for name, values in (("channel", channels), ("payment", payments), ("carrier", carriers)):
            offer(self, name, [ALL, *((value or UNSAID, value or NOTHING_SAID) for value in values)])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        since, until = given.get("since"), given.get("until")
        if since and until and since > until:
            self.add_error("until", "This day is before the first one. Choose a later day.")
        return given

    def filters(self) -> OrderFilters:
        """What the list shows; fields with an error filter nothing."""
        self.is_valid()
        given = self.cleaned_data
        return OrderFilters(
            search=given.get("q") or "",
            status=given.get("status") or "",
            channel=given.get("channel") or "",
            payment=given.get("payment") or "",
            carrier=given.get("carrier") or "",
            delivery=given.get("delivery") or "",
            documents=given.get("documents") or "",
            buyers=given.get("buyers") or "",
            since=_sensible(given.get("since")),
            until=_sensible(given.get("until")),
        )


def _sensible(day: date | None) -> date | None:
    """The day, kept within those that can be looked up."""
    return None if day is None else min(max(day, FIRST_DAY), LAST_DAY)
