"""What people fill in about stores, teams and themselves."""

from __future__ import annotations

from zoneinfo import available_timezones

from babel.numbers import get_currency_name
from django import forms

from accounts.models import Role, Store
from accounts.people import currency_held

# Those a shop is likely to want; a store with another one, set from the command line, keeps it in its list.
CURRENCIES = (
    "AED", "AUD", "BGN", "BRL", "CAD", "CHF", "CLP", "CNY", "COP", "CZK", "DKK", "EUR", "GBP",
    "GEL", "HKD", "HUF", "IDR", "ILS", "INR", "ISK", "JPY", "KRW", "KZT", "MXN", "MYR", "NOK",
    "NZD", "PEN", "PHP", "PLN", "QAR", "RON", "RSD", "RUB", "SAR", "SEK", "SGD", "THB", "TRY",
    "TWD", "UAH", "USD", "VND", "ZAR",
)  # fmt: skip


class StoreForm(forms.Form):
    """What the store is called and how its money and days are counted."""

    name = forms.CharField(max_length=120)
    timezone = forms.ChoiceField(
        label="Time zone",
        help_text="Decides where one day ends and the next begins: orders, scores, the nightly refresh.",
    )
    currency = forms.ChoiceField()

    def __init__(self, data: object = None, *, store: Store) -> None:
        initial = {"name": store.name, "timezone": store.timezone, "currency": store.currency}
        super().__init__(data, initial=initial)  # type: ignore[arg-type]
        choices = {"timezone": _timezones(store.timezone), "currency": _currencies(store.currency)}
        for field, options in choices.items():
            self.fields[field].choices = options  # type: ignore[attr-defined]
        held = currency_held(store=store)
        self.fields["currency"].disabled = held is not None
        self.fields["currency"].help_text = held or "All amounts of the store are in this currency."


class InviteForm(forms.Form):
    """Whom to invite, and as what."""

    email = forms.EmailField(label="E-mail address", max_length=254)
    role = forms.ChoiceField(
        choices=Role.choices,
        initial=Role.MANAGER,
        help_text="Managers see dashboards, customers and orders and bring in files. Support sees customers and "
        "orders. Admins see everything and change settings.",
    )


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=Role.choices)


class JoinForm(forms.Form):
    """A new person who was invited."""

    name = forms.CharField(
        label="Your name", max_length=120, widget=forms.TextInput({"autocomplete": "name"})
    )
    password = forms.CharField(
        label="Choose a password",
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text="At least 10 characters, and not one that is easily guessed.",
    )


def _timezones(own: str) -> list[tuple[str, str]]:
    """Places, as Continent/City; names kept for old systems are left out."""
    places = {
        name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/"))
    }
    return [(name, name.replace("_", " ")) for name in sorted(places | {own, "UTC"})]


def _currencies(own: str) -> list[tuple[str, str]]:
    codes = sorted({*CURRENCIES, own})
    return [(code, f"{code}: {get_currency_name(code, locale='en')}") for code in codes]
