"""The customer list: who fits a filter, page by page in the order of a sort.

Pages are keyset pages (lib.keyset) along an index of each sort, with and without a segment. Walking a sort's
index finds the first page at once where many fit; where few do it would walk to the end. So scores are
turned into the values they stand for, which bound the walk, and a filter that few fit is answered from a
list of those few.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from django.db.models import ExpressionWrapper, F, FloatField, Func, Q, QuerySet, Value
from django.db.models.functions import Cast
from django.db.models.lookups import GreaterThanOrEqual
from django.http import QueryDict

from accounts.models import Store
from lib.keyset import Page, Sort, page_of
from lib.periods import local_today, start_of_day, start_of_next_day
from orders.customer_search import matching, ways_to_match
from orders.models import Customer
from segments.models import (
    LAST_CONTACT,
    LAST_DAY,
    NEVER,
    NEVER_TOLD,
    CustomerStats,
    Refresh,
    Segment,
    SegmentSize,
)
from segments.rules import CutPoints
from segments.standing import Band, bands

PAGE_SIZE = 50
FEW = 2000  # so many can be sorted in a few milliseconds; where more fit, a walk soon meets a page of them

_COLUMNS = {
    "spent": (("monetary", int), ("customer_id", int)),
    "last": (("last_day", date), ("customer_id", int)),
    "orders": (("frequency", int), ("customer_id", int)),
    "value": (("expected_value", int), ("customer_id", int)),
    "alive": (("p_alive", float), ("customer_id", int)),
    "due": (("due_on", date), ("customer_id", int)),
    "contact": (("last_contact", datetime), ("customer_id", int)),
}
# What isn't known of everybody: a sort by it lists only those of whom it is.
PARTLY_KNOWN = {"value": "expected value", "alive": "P(alive)", "due": "cadence"}
DEFAULT_SORT = "-spent"
SORTS = {
    f"{sign}{name}": Sort(columns, descending=bool(sign))
    for name, columns in _COLUMNS.items()
    for sign in ("-", "")
}


def sort_named(query: QueryDict) -> str:
    """The sort of a list's address: one of SORTS."""
    sort = query.get("sort", "")
    return sort if sort in SORTS else DEFAULT_SORT


Consent = Literal["", "yes", "no", "unknown"]
Alive = Literal["", "likely", "doubtful", "unlikely", "unknown"]
ALIVE: dict[str, tuple[float, float]] = {
    "likely": (0.7, 1.01),
    "doubtful": (0.3, 0.7),
    "unlikely": (0.0, 0.3),
}
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
    value_from: int | None = None
    value_to: int | None = None
    alive: Alive = ""
    overdue: int | None = None  # by so many gaps of their own at least
    contact_from: date | None = None
    contact_to: date | None = None
    quiet_days: int | None = None  # last contacted so many days ago or earlier, or never
    never_told: bool = False

    @property
    def is_empty(self) -> bool:
        return self == CustomerFilter()

    @property
    def is_segment_alone(self) -> bool:
        """Whether it asks for one segment, or for everybody, and for nothing else."""
        return self == CustomerFilter(segment=self.segment)

    @property
    def may_fit_few(self) -> bool:
        """Whether it narrows by more than what many share: a segment, one score, an account, a consent."""
        scores = [score for score in (self.r, self.f, self.m) if score is not None]
        shared = CustomerFilter(segment=self.segment, registered=self.registered, consent=self.consent)
        return len(scores) > 1 or replace(self, r=None, f=None, m=None) != shared


def page_of_customers(
    store: Store, wanted: CustomerFilter, refresh: Refresh | None, sort: str, cursor: str = ""
) -> Page[CustomerStats]:
    """The page of fitting customers at the cursor, sorted by one of SORTS. At most four queries."""
    fitting = customers(store, wanted, refresh)
    if wanted.may_fit_few and (few := _few(store, wanted, fitting)) is not None:
        fitting = customers(store, CustomerFilter(), refresh).filter(customer__in=few)
    return page_of(listed(fitting, sort), SORTS[sort], cursor, size=PAGE_SIZE)


def listed(fitting: QuerySet[CustomerStats], sort: str) -> QuerySet[CustomerStats]:
    """Those of the fitting that a sort lists: for one of PARTLY_KNOWN, those of whom it is known."""
    if sort.lstrip("-") not in PARTLY_KNOWN:
        return fitting
    return fitting.filter(**{f"{SORTS[sort].names[0]}__isnull": False})


def counted_at(refresh: Refresh | None, segment: Segment | None) -> int | None:
    """How many customers the segment had at the refresh, or (None) how many were scored; from roll-ups."""
    if refresh is None:
        return None
    if segment is None:
        return refresh.customers
    size = SegmentSize.objects.filter(refresh=refresh, segment=segment).first()
    return size.customers if size else None


def customers(store: Store, wanted: CustomerFilter, refresh: Refresh | None) -> QuerySet[CustomerStats]:
    """The store's customers that fit, with their person, unsorted. `refresh`: the one the scores stand by."""
    everybody = CustomerStats.objects.filter(store=store).select_related("customer", "segment")
    found: QuerySet[CustomerStats] = everybody.annotate(last_day=LAST_DAY, last_contact=LAST_CONTACT)
    if wanted.segment:
        found = found.filter(segment=wanted.segment)
    if wanted.unsegmented:  # those without an order that counts, and nobody else
        found = found.filter(Q(segment=None, frequency=0, last_day=NEVER))
    found = _of_scores(found, wanted, refresh)
    bounds = {
        "last_day__gte": wanted.last_from,
        "last_day__lte": wanted.last_to,
        "monetary__gte": wanted.spent_from,
        "monetary__lte": wanted.spent_to,
        "expected_value__gte": wanted.value_from,
        "expected_value__lte": wanted.value_to,
    }
    found = found.filter(**{name: value for name, value in bounds.items() if value is not None})
    if wanted.last_to and not wanted.last_from:
        found = found.filter(Q(last_day__gt=NEVER))
    return found.filter(_of_contact(store, wanted), _of_person(store, wanted), _of_outlook(store, wanted))


def _few(store: Store, wanted: CustomerFilter, fitting: QuerySet[CustomerStats]) -> list[int] | None:
    """The ids of those who fit where they are FEW at most, else None. Found in whatever order is quickest."""
    if wanted.search.strip():
        named = _begin_with(store, wanted.search)
        if named is None:
            return None
        rest = customers(store, replace(wanted, search=""), None).filter(customer__in=named)
        return list(rest.values_list("customer_id", flat=True))
    ids = list(fitting.order_by().values_list("customer_id", flat=True)[: FEW + 1])
    return ids if len(ids) <= FEW else None


def _begin_with(store: Store, text: str) -> list[int] | None:
    """The ids of customers found by each way to match; None for more than FEW. One query."""
    people = Customer.objects.filter(store=store).order_by()
    ways = [people.filter(way).values_list("id", flat=True)[: FEW + 1] for way in ways_to_match(text)]
    ids = set(ways[0].union(*ways[1:]))
    return list(ids) if len(ids) <= FEW else None


def _of_outlook(store: Store, wanted: CustomerFilter) -> Q:
    """Narrowed by how likely they are still customers, and by how far beyond their own cadence they are."""
    fits = Q()
    if wanted.alive == "unknown":
        fits &= Q(p_alive=None)
    elif wanted.alive:
        low, high = ALIVE[wanted.alive]
        fits &= Q(p_alive__gte=low, p_alive__lt=high)
    if wanted.overdue is not None:
        today = local_today(store.timezone)
        fits &= Q(due_on__lt=today)
        if wanted.overdue:
            since_due = Func(Value(today), F("due_on"), arg_joiner=" - ", template="(%(expressions)s)")
            gaps = ExpressionWrapper(F("gap_days") * wanted.overdue, output_field=FloatField())
            fits &= Q(GreaterThanOrEqual(Cast(since_due, FloatField()), gaps))
    return fits


def _of_contact(store: Store, wanted: CustomerFilter) -> Q:
    """Narrowed to when they were last told something, in the store's days."""
    fits = Q(last_contact=NEVER_TOLD) if wanted.never_told else Q()
    if wanted.contact_from:
        fits &= Q(last_contact__gte=start_of_day(wanted.contact_from, store.timezone))
    if wanted.contact_to:
        fits &= Q(last_contact__gt=NEVER_TOLD)
        if wanted.contact_to < date.max:  # no day comes after that one
            fits &= Q(last_contact__lt=start_of_next_day(wanted.contact_to, store.timezone))
    if wanted.quiet_days is not None:
        last = local_today(store.timezone) - timedelta(days=wanted.quiet_days)
        fits &= Q(last_contact__lt=start_of_next_day(last, store.timezone))
    return fits


def _of_person(store: Store, wanted: CustomerFilter) -> Q:
    """Narrowed by what is known of the person rather than of their orders."""
    fits = Q()
    if wanted.search.strip():
        fits &= Q(customer__in=Customer.objects.filter(matching(wanted.search), store=store))
    if wanted.registered is not None:
        fits &= Q(customer__external_id__isnull=not wanted.registered)
    if wanted.consent:
        fits &= Q(customer__accepts_email=_CONSENT[wanted.consent])
    return fits


def _of_scores(
    found: QuerySet[CustomerStats], wanted: CustomerFilter, refresh: Refresh | None
) -> QuerySet[CustomerStats]:
    """Narrowed to the scores asked for, and to the values that such scores can have."""
    exact = {name: value for name in ("r", "f", "m") if (value := getattr(wanted, name)) is not None}
    if not exact:
        return found
    found = found.filter(Q(last_day__gt=NEVER), **exact)
    if refresh is None or not refresh.customers:
        return found
    recency, frequency, monetary = bands(CutPoints.from_json(refresh.cut_points))
    today = local_today(refresh.timezone)
    limits = {
        **_limits("frequency", frequency.get(wanted.f or 0)),
        **_limits("monetary", monetary.get(wanted.m or 0)),
        **_limits_of_days(recency.get(wanted.r or 0), (refresh.as_of, today)),
    }
    return found.filter(**limits)


def _limits(column: str, band: Band | None) -> dict[str, int]:
    """The values of a score, as a filter of the column that it is made from."""
    lowest, highest = (band.lowest, band.highest) if band else (None, None)
    limits = {f"{column}__gte": lowest, f"{column}__lte": highest}
    return {name: value for name, value in limits.items() if value is not None}


def _limits_of_days(band: Band | None, scored_on: tuple[date, date]) -> dict[str, date]:
    """The last orders that a recency score can have, given the first and the last day anybody was scored on."""
    limits = {}
    if band and band.highest is not None:
        limits["last_day__gte"] = min(scored_on) - timedelta(days=band.highest)
    if band and band.lowest is not None:
        limits["last_day__lte"] = max(scored_on) - timedelta(days=band.lowest)
    return limits
