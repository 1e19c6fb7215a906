"""The customer list: who fits a filter, page by page in the order of a sort.

Pages are keyset pages (lib.keyset) along an index of each sort, with and without a segment; what else is asked for
is looked at on the way, or first (segments.customers.reading). Scores are turned into the values they stand for,
so that a sort by one of these begins where the score does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal

from django.db.models import (
    BooleanField,
    DateField,
    ExpressionWrapper,
    F,
    FilteredRelation,
    FloatField,
    Func,
    Q,
    QuerySet,
    Value,
)
from django.db.models.functions import Cast, Coalesce
from django.db.models.lookups import GreaterThanOrEqual
from django.http import QueryDict

from accounts.models import Store
from lib.keyset import Page, Sort, page_of
from lib.periods import local_today, start_of_day, start_of_next_day
from lib.sql import array_text
from orders.customer_search import matching, ways_to_match
from orders.models import Customer
from segments.customers.reading import page_of_few, page_of_many, stretch_of
from segments.models import (
    LAST_CONTACT,
    LAST_DAY,
    NEVER,
    NEVER_TOLD,
    CustomerStats,
    CustomerValue,
    Refresh,
    Segment,
    SegmentSize,
)
from segments.rules import CutPoints
from segments.standing import Band, bands

PAGE_SIZE = 50
FEWEST = 10_000  # a shop is taken to have so many customers at least, also before its first refresh

_COLUMNS = {
    "spent": (("monetary", int), ("customer_id", int)),
    "last": (("last_day", date), ("monetary", int), ("customer_id", int)),
    "orders": (("frequency", int), ("customer_id", int)),
    "value": (("expected_value", int), ("valued_id", int)),
    "alive": (("p_alive", float), ("valued_id", int)),
    "due": (("due_on", date), ("customer_id", int)),
    "contact": (("last_contact", datetime), ("customer_id", int)),
}
# What isn't known of everybody: a sort by it lists only those of whom it is.
_OF_VALUE = ("value", "alive")  # known of CustomerValue, which has them for CustomerStats
PARTLY_KNOWN = {"value": "expected value", "alive": "P(alive)", "due": "cadence"}
DEFAULT_SORT = "-spent"
# What the index of a sort answers of a filter. That of last orders has the money too, of each day.
_OWN: dict[str, tuple[str, ...]] = {
    "spent": ("m", "spent_from", "spent_to"),
    "last": ("r", "last_from", "last_to", "m", "spent_from", "spent_to"),
    "orders": ("f",),
    "value": ("value_from", "value_to"),
    "alive": ("alive",),
    "due": ("overdue",),
    "contact": ("contact_from", "contact_to", "quiet_days", "never_told"),
}
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

    def along(self, sort: str) -> CustomerFilter:
        """What of it an index of the sort answers: the segment, and what it asks of the column of the sort."""
        kept = ("segment", *_OWN[sort.lstrip("-")])
        if self.is_by_day_and_value(sort):
            kept += ("value_from", "value_to")
        return CustomerFilter(**{name: getattr(self, name) for name in kept})

    def is_by_day_and_value(self, sort: str) -> bool:
        """Whether to read the index by day and value, which skips those of each day who aren't worth as much."""
        bounded = (self.value_from, self.value_to) != (None, None)
        return bounded and self.segment is None and sort.lstrip("-") == "last"


def page_of_customers(
    store: Store, wanted: CustomerFilter, refresh: Refresh | None, sort: str, cursor: str = ""
) -> Page[CustomerStats]:
    """The page of fitting customers at the cursor, sorted by one of SORTS. One query where an index of the sort
    answers the filter, else four at most; twice as many for a cursor that leads nowhere.
    """
    fitting = listed(store, wanted, refresh, sort)
    if wanted.along(sort) == wanted:
        return page_of(fitting, SORTS[sort], cursor, size=PAGE_SIZE)
    everybody = customers(store, CustomerFilter(), refresh)
    stretch = stretch_of(PAGE_SIZE, among=max(refresh.customers if refresh else 0, FEWEST))
    if wanted.search.strip() and (found := _begin_with(store, wanted.search, most=stretch)) is not None:
        # As one array: hundreds of parameters would take longer to hand over than to look up.
        ids = Value(array_text(found))
        one_of = Func(F("customer_id"), ids, template="(%(expressions)s::bigint[]))", arg_joiner=" = any(")
        named = listed(store, replace(wanted, search=""), refresh, sort)
        named = named.filter(ExpressionWrapper(one_of, output_field=BooleanField()))
        return page_of_few(named, everybody, SORTS[sort], cursor, size=PAGE_SIZE)
    track = _track(store, wanted.along(sort), refresh, sort)
    return page_of_many(fitting, track, everybody, SORTS[sort], cursor, size=PAGE_SIZE, stretch=stretch)


def listed(
    store: Store, wanted: CustomerFilter, refresh: Refresh | None, sort: str
) -> QuerySet[CustomerStats]:
    """Those who fit and whom a sort lists, unsorted: for one of PARTLY_KNOWN, those of whom it is known."""
    fitting, name = customers(store, wanted, refresh), sort.lstrip("-")
    if name in PARTLY_KNOWN:
        fitting = fitting.filter(**{f"{SORTS[sort].names[0]}__isnull": False})
    # Where the index of the sort is one of values, their table is asked for the store and the segment as well.
    if name in _OF_VALUE:
        fitting = fitting.filter(Q(valuation__store=store))
        fitting = fitting.filter(Q(valuation__segment=wanted.segment)) if wanted.segment else fitting
    elif wanted.is_by_day_and_value(sort):
        last_day = Coalesce("valuation__last_on", Value(NEVER), output_field=DateField())
        fitting = fitting.filter(Q(valuation__store=store)).annotate(last_day=last_day)
    return fitting


def _track(store: Store, along: CustomerFilter, refresh: Refresh | None, sort: str) -> QuerySet[Any]:
    """All whom an index of the sort has where those of `along` are, in rows that have the sort's columns."""
    if along.is_by_day_and_value(sort):
        return listed(store, along, refresh, sort)
    if sort.lstrip("-") in _OF_VALUE:
        rows: QuerySet[Any] = CustomerValue.objects.filter(store=store).annotate(valued_id=F("customer_id"))
    else:
        rows = CustomerStats.objects.filter(store=store)
        rows = rows.annotate(last_day=LAST_DAY, last_contact=LAST_CONTACT)
    if sort.lstrip("-") in PARTLY_KNOWN:
        rows = rows.filter(**{f"{SORTS[sort].names[0]}__isnull": False})
    if along.segment:
        rows = rows.filter(segment=along.segment)
    return rows.filter(_of_columns(store, along), **_values_of_scores(along, refresh))


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
    found: QuerySet[CustomerStats] = everybody.annotate(
        last_day=LAST_DAY,
        last_contact=LAST_CONTACT,
        # A relation of its own, as of `value` the ORM takes the customer's column from the statistics: an index of
        # values can be walked from a cursor only by its own.
        valuation=FilteredRelation("value"),
        expected_value=F("valuation__expected_value"),
        p_alive=F("valuation__p_alive"),
        valued_id=F("valuation__customer_id"),
    )
    if wanted.segment:
        found = found.filter(segment=wanted.segment)
    if wanted.unsegmented:  # those without an order that counts, and nobody else
        found = found.filter(Q(segment=None, frequency=0, last_day=NEVER))
    exact = {name: value for name in ("r", "f", "m") if (value := getattr(wanted, name)) is not None}
    if exact:
        found = found.filter(Q(last_day__gt=NEVER), **exact, **_values_of_scores(wanted, refresh))
    return found.filter(_of_columns(store, wanted), _of_person(store, wanted))


def _begin_with(store: Store, text: str, *, most: int) -> list[int] | None:
    """The ids of customers found by each way to match; None for more than so many. One query."""
    people = Customer.objects.filter(store=store).order_by()
    ways = [people.filter(way).values_list("id", flat=True)[: most + 1] for way in ways_to_match(text)]
    ids = set(ways[0].union(*ways[1:]))
    return list(ids) if len(ids) <= most else None


def _of_columns(store: Store, wanted: CustomerFilter) -> Q:
    """What is asked of columns that a sort may go by, but for scores."""
    bounds = {
        "last_day__gte": wanted.last_from,
        "last_day__lte": wanted.last_to,
        "monetary__gte": wanted.spent_from,
        "monetary__lte": wanted.spent_to,
        "expected_value__gte": wanted.value_from,
        "expected_value__lte": wanted.value_to,
    }
    fits = Q(**{name: value for name, value in bounds.items() if value is not None})
    if wanted.last_to and not wanted.last_from:
        fits &= Q(last_day__gt=NEVER)
    return fits & _of_contact(store, wanted) & _of_outlook(store, wanted)


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


def _values_of_scores(wanted: CustomerFilter, refresh: Refresh | None) -> dict[str, int | date]:
    """The values that customers of the scores asked for can have, as filters of the columns they are made from."""
    if (wanted.r, wanted.f, wanted.m) == (None, None, None) or refresh is None or not refresh.customers:
        return {}
    recency, frequency, monetary = bands(CutPoints.from_json(refresh.cut_points))
    today = local_today(refresh.timezone)
    return {
        **_limits("frequency", frequency.get(wanted.f or 0)),
        **_limits("monetary", monetary.get(wanted.m or 0)),
        **_limits_of_days(recency.get(wanted.r or 0), (refresh.as_of, today)),
    }


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
