"""The addresses of the people behind the figures of retention."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from accounts.models import Store
from lib.periods import month_start
from segments.addresses import page_url
from segments.models import CohortMonth, DeliveryReturn
from segments.retention.naming import value_key

Facet = CohortMonth.Facet
Outcome = DeliveryReturn.Outcome
LAPSED, WON_BACK = "lapsed", "won-back"


def cohort_url(store: Store, month: date, age: int, facet: Facet, value: str | None) -> str:
    """The people of a cell of the triangle."""
    of_facet = {} if facet == Facet.ALL else {"facet": facet.value, "value": value_key(value)}
    return _address(store, {"of": "cohort", "month": named(month), "age": age, **of_facet})


def second_url(store: Store, days: int, month: date | None = None) -> str:
    """The people who ordered again within this many days."""
    of_month = {"month": named(month)} if month else {}
    return _address(store, {"of": "second", "days": days, "back": "yes", **of_month})


def lapse_url(store: Store, month: date, *, won_back: bool) -> str:
    """The people who lapsed in a month, or were won back in it."""
    return _address(store, {"of": WON_BACK if won_back else LAPSED, "month": named(month)})


def gap_url(store: Store, weeks: int) -> str:
    """The people who once waited this many whole weeks from an order to the next."""
    return _address(store, {"of": "gap", "weeks": weeks})


def delivery_url(store: Store, outcome: Outcome) -> str:
    """The people whose first order was delivered so and who didn't come back."""
    return _address(store, {"of": "delivery", "outcome": outcome.value, "back": "no"})


def _address(store: Store, query: Mapping[str, str | int]) -> str:
    return page_url(store, "retention_people", query)


def named(month: date) -> str:
    """A month in an address: 2025-03."""
    return f"{month:%Y-%m}"


def month_named(text: str) -> date | None:
    """The month that an address names; None for anything else."""
    try:
        return month_start(date.fromisoformat(f"{text}-01"))
    except ValueError:
        return None
