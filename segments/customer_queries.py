"""What the customer pages read: the list with its filters and sorts, and one customer with their history.

Every read takes a fixed number of queries. The list is read by keyset pages (lib.keyset) along an index of
each sort, with and without a segment (CustomerStats.Meta).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from django.db.models import DateField, QuerySet, Value
from django.db.models.functions import Coalesce

from accounts.models import Store
from lib.keyset import Sort
from orders.customer_search import matching
from orders.models import Customer
from segments.models import CustomerStats, Segment

NEVER = date(1, 1, 1)  # stands for the last order of those who have none, since a keyset knows no NULL
LAST_DAY = Coalesce("last_on", Value(NEVER), output_field=DateField())

_COLUMNS = {
    "spent": (("monetary", int), ("customer_id", int)),
    "last": (("last_day", date), ("customer_id", int)),
    "orders": (("frequency", int), ("customer_id", int)),
}
DEFAULT_SORT = "-spent"
SORTS = {
    f"{sign}{name}": Sort(columns, descending=bool(sign))
    for name, columns in _COLUMNS.items()
    for sign in ("-", "")
}

Consent = Literal["", "yes", "no", "unknown"]
_CONSENT: dict[str, bool | None] = {"yes": True, "no": False, "unknown": None}


@dataclass(frozen=True)
class CustomerFilter:
    """Which customers to show; what is left out doesn't matter. Money in minor units, days inclusive."""

    search: str = ""
    segment: Segment | None = None
    unsegmented: bool = False
    r: int | None = None
    f: int | None = None
    m: int | None = None
    registered: bool | None = None
    consent: Consent = ""
    last_from: date | None = None
    last_to: date | None = None
    spent_from: int | None = None
    spent_to: int | None = None

    @property
    def is_segment_alone(self) -> bool:
        """Whether it asks for one segment, or for everybody, and for nothing else."""
        return self == CustomerFilter(segment=self.segment)


def customers(store: Store, wanted: CustomerFilter) -> QuerySet[CustomerStats]:
    """The store's customers that fit, with their scores, unsorted; see SORTS for the order of a list."""
    found = CustomerStats.objects.filter(store=store).select_related("customer").annotate(last_day=LAST_DAY)
    if wanted.segment:
        found = found.filter(segment=wanted.segment)
    if wanted.unsegmented:
        found = found.filter(segment=None)
    exact = {"r": wanted.r, "f": wanted.f, "m": wanted.m}
    bounds = {
        "last_day__gte": wanted.last_from,
        "last_day__lte": wanted.last_to,
        "monetary__gte": wanted.spent_from,
        "monetary__lte": wanted.spent_to,
    }
    found = found.filter(**{name: value for name, value in {**exact, **bounds}.items() if value is not None})
    if wanted.last_to and not wanted.last_from:
        found = found.exclude(last_on=None)
    return _of_people(found, store, wanted)


def _of_people(
    found: QuerySet[CustomerStats], store: Store, wanted: CustomerFilter
) -> QuerySet[CustomerStats]:
    """Narrowed by what is known of the person rather than of their orders."""
    if wanted.search.strip():
        people = Customer.objects.filter(matching(wanted.search), store=store)
        found = found.filter(customer__in=people)
    if wanted.registered is not None:
        found = found.filter(customer__external_id__isnull=not wanted.registered)
    if wanted.consent:
        consent = _CONSENT[wanted.consent]
        found = found.filter(customer__accepts_email=consent)
    return found
