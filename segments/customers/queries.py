"""The customer list: who fits a filter, page by page in the order of a sort.

Pages are keyset pages (lib.keyset) along an index of each sort, with and without a segment; what else is asked for
is looked at on the way, or first (segments.customers.reading). Scores are turned into the values they stand for,
so that a sort by one of these begins where the score does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Literal

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import (
    BigIntegerField,
    BooleanField,
    Count,
    DateField,
    ExpressionWrapper,
    F,
    FilteredRelation,
    FloatField,
    Func,
    Q,
    QuerySet,
    TextField,
    Value,
)
from django.db.models.functions import Cast, Coalesce
from django.db.models.lookups import GreaterThanOrEqual
from django.http import QueryDict

from accounts.models import Store
from lib.keyset import Page, Sort, page_of
from lib.periods import local_today
from orders.customer_search import listed_email, listed_name, matching
from orders.models import Customer
from segments.customers.reading import LOOK_UP, page_of_few, page_of_many, stretch_of
from segments.models import (
    LAST_CONTACT,
    LAST_DAY,
    LISTED_SEGMENT,
    NEVER,
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

# The segment stands where the index of the sort has it; of one segment it says nothing, and is left out.
_SEGMENT = ("listed_segment", int)
_COLUMNS = {
    "name": (("listed_name", str), ("customer_id", int)),
    "email": (("listed_email", str), ("customer_id", int)),
    "segment": (("segment_id", int), ("monetary", int), ("customer_id", int)),
    "spent": (("monetary", int), ("customer_id", int)),
    "last": (("last_day", date), _SEGMENT, ("monetary", int), ("customer_id", int)),
    "orders": (("frequency", int), _SEGMENT, ("customer_id", int)),
    "value": (("expected_value", int), _SEGMENT, ("valued_id", int)),
    "alive": (("p_alive", float), _SEGMENT, ("valued_id", int)),
    "due": (("due_on", date), _SEGMENT, ("customer_id", int)),
    "contact": (("last_contact", date), _SEGMENT, ("customer_id", int)),
}
# What isn't known of everybody: a sort by it lists only those of whom it is.
_OF_VALUE = ("value", "alive")  # known of CustomerValue, which has them for CustomerStats
_OF_PERSON = ("name", "email")  # known of Customer
PARTLY_KNOWN = {
    "email": "e-mail address",
    "segment": "segment",
    "value": "expected value",
    "alive": "P(alive)",
    "due": "cadence",
}
DEFAULT_SORT = "-spent"
MOST_NAMED = 20_000  # a search that finds more customers is asked of one after another: 2% of a million
# What the index of a sort answers of a filter. That of last orders has the money too, of each day.
_OWN: dict[str, tuple[str, ...]] = {
    "name": (),
    "email": (),
    "segment": (),
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
_OF_SEGMENT = {
    name: Sort(
        tuple(column for column in sort.columns if column != _SEGMENT),
        descending=sort.descending,
        skips=_SEGMENT in sort.columns,
    )
    for name, sort in SORTS.items()
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
    def is_of_values(self) -> bool:
        """Whether it asks for nothing but what is known of CustomerValue alone."""
        return self == self._only("segment", "last_from", "last_to", "value_from", "value_to", "alive")

    def _only(self, *names: str) -> CustomerFilter:
        return CustomerFilter(**{name: getattr(self, name) for name in names})

    def along(self, sort: str) -> CustomerFilter:
        """What of it an index of the sort answers: the segment, and what it asks of the column of the sort."""
        name = sort.lstrip("-")
        kept = _OWN[name] if name in _OF_PERSON else ("segment", *_OWN[name])
        if self.is_by_day_and_value(sort):
            kept += ("value_from", "value_to")
        return self._only(*kept)

    def skips_to_money(self, sort: str) -> bool:
        """Whether the index of the sort has the money asked for behind each day and segment."""
        bounded = (self.spent_from, self.spent_to) != (None, None)
        return bounded and self.segment is None and sort.lstrip("-") == "last"

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
    wanted = _in_one_segment(wanted, refresh)
    fitting, order = listed(store, wanted, refresh, sort), order_of(wanted, sort)
    everybody = customers(store, CustomerFilter(), refresh)
    stretch = stretch_of(PAGE_SIZE, among=max(refresh.customers if refresh else 0, FEWEST))
    if wanted.search.strip():
        count, ids = _named(store, wanted.search)
        if count <= MOST_NAMED:
            fitting = listed(store, replace(wanted, search=""), refresh, sort)
            fitting = fitting.filter(_one_of(ids, order.names[-1]))
            stretch *= LOOK_UP  # the index alone says who is one of them
            if count <= stretch:
                return page_of_few(fitting, everybody, order, cursor, size=PAGE_SIZE)
    if wanted.skips_to_money(sort) and _are_few(store, wanted, most=stretch):
        return page_of_few(fitting, everybody, order, cursor, size=PAGE_SIZE)
    if wanted.along(sort) == wanted:
        return page_of(fitting, order, cursor, size=PAGE_SIZE)
    if wanted.is_of_values and sort.lstrip("-") in _OF_VALUE:
        fitting = _track(store, wanted, refresh, sort)
    track = _track(store, wanted.along(sort), refresh, sort)
    return page_of_many(fitting, track, everybody, order, cursor, size=PAGE_SIZE, stretch=stretch)


def order_of(wanted: CustomerFilter, sort: str) -> Sort:
    """The order of a list by one of SORTS."""
    return (_OF_SEGMENT if wanted.segment else SORTS)[sort]


def listed(
    store: Store, wanted: CustomerFilter, refresh: Refresh | None, sort: str
) -> QuerySet[CustomerStats]:
    """Those who fit and whom a sort lists, unsorted: for one of PARTLY_KNOWN, those of whom it is known.

    What the index of the sort has is asked of its columns: of values, or of the segment as it stands there.
    """
    name, rows = sort.lstrip("-"), _everybody(store)
    if name in _OF_VALUE or wanted.is_by_day_and_value(sort):
        rows = rows.filter(Q(valuation__store=store)).annotate(
            last_day=Coalesce("valuation__last_on", Value(NEVER), output_field=DateField()),
            listed_segment=Coalesce("valuation__segment_id", Value(0), output_field=BigIntegerField()),
        )
    if name in _OF_PERSON:
        rows = rows.filter(Q(customer__store=store))
    if name in PARTLY_KNOWN:
        rows = rows.filter(**{f"{SORTS[sort].names[0]}__isnull": False})
    return _fitting(rows, store, wanted, refresh, sort)


def _track(store: Store, along: CustomerFilter, refresh: Refresh | None, sort: str) -> QuerySet[Any]:
    """All whom an index of the sort has where those of `along` are, in rows that have the sort's columns."""
    if along.is_by_day_and_value(sort):
        return listed(store, along, refresh, sort)
    if sort.lstrip("-") in _OF_VALUE:
        rows: QuerySet[Any] = CustomerValue.objects.filter(store=store).annotate(valued_id=F("customer_id"))
    elif sort.lstrip("-") in _OF_PERSON:
        rows = Customer.objects.filter(store=store).annotate(
            listed_name=listed_name(), listed_email=listed_email(), customer_id=F("id")
        )
    else:
        rows = CustomerStats.objects.filter(store=store).annotate(last_contact=LAST_CONTACT)
    if sort.lstrip("-") not in _OF_PERSON:
        rows = rows.annotate(last_day=LAST_DAY, listed_segment=LISTED_SEGMENT)
    if sort.lstrip("-") in PARTLY_KNOWN:
        rows = rows.filter(**{f"{SORTS[sort].names[0]}__isnull": False})
    rows = rows.filter(_of_segment(along, sort))
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
    return _fitting(_everybody(store), store, wanted, refresh)


def _everybody(store: Store) -> QuerySet[CustomerStats]:
    everybody = CustomerStats.objects.filter(store=store).select_related("customer", "segment")
    rows: QuerySet[CustomerStats] = everybody.annotate(
        last_day=LAST_DAY,
        last_contact=LAST_CONTACT,
        listed_segment=LISTED_SEGMENT,
        listed_name=listed_name("customer__"),
        listed_email=listed_email("customer__"),
        # A relation of its own, as of `value` the ORM takes the customer's column from the statistics: an index of
        # values can be walked from a cursor only by its own.
        valuation=FilteredRelation("value"),
        expected_value=F("valuation__expected_value"),
        p_alive=F("valuation__p_alive"),
        valued_id=F("valuation__customer_id"),
    )
    return rows


def _fitting(
    rows: QuerySet[CustomerStats],
    store: Store,
    wanted: CustomerFilter,
    refresh: Refresh | None,
    sort: str = DEFAULT_SORT,
) -> QuerySet[CustomerStats]:
    found = rows.filter(_of_segment(wanted, sort))
    if wanted.unsegmented:  # those without an order that counts, and nobody else
        found = found.filter(Q(segment=None, frequency=0, last_day=NEVER))
    exact = _scores(wanted)
    if exact:
        found = found.filter(Q(last_day__gt=NEVER), **exact, **_values_of_scores(wanted, refresh))
    return found.filter(_of_columns(store, wanted), _of_person(store, wanted))


def _of_segment(wanted: CustomerFilter, sort: str) -> Q:
    """Narrowed to the segment, asked as the index of the sort has it."""
    if wanted.segment is None:
        return Q()
    if _SEGMENT in SORTS[sort].columns:
        return Q(listed_segment=wanted.segment.pk)
    return Q(segment=wanted.segment)


def _scores(wanted: CustomerFilter) -> dict[str, int]:
    return {name: score for name in ("r", "f", "m") if (score := getattr(wanted, name)) is not None}


def _in_one_segment(wanted: CustomerFilter, refresh: Refresh | None) -> CustomerFilter:
    """The same filter; where all who have the scores it asks for are of one segment, with that."""
    if wanted.segment or refresh is None or not _scores(wanted):
        return wanted
    cells = refresh.scheme_version.segments_of(wanted.r, wanted.f, wanted.m)
    return replace(wanted, segment=Segment(pk=cells.pop())) if len(cells) == 1 else wanted


def _named(store: Store, text: str) -> tuple[int, str]:
    """How many customers a search finds, MOST_NAMED + 1 at most, and their ids as the text of an array. One query."""
    found = Customer.objects.filter(matching(text), store=store).order_by().values("pk")[: MOST_NAMED + 1]
    ids = Coalesce(Cast(ArrayAgg("pk"), TextField()), Value("{}"), output_field=TextField())
    named = found.aggregate(count=Count("pk"), ids=ids)
    return named["count"], named["ids"]


def _one_of(ids: str, column: str) -> ExpressionWrapper[Any]:
    """A condition, as one array in text: it goes back as it came, and is looked up by its hash."""
    one_of = Func(F(column), Value(ids), template="(%(expressions)s::bigint[]))", arg_joiner=" = any(")
    return ExpressionWrapper(one_of, output_field=BooleanField())


def _are_few(store: Store, wanted: CustomerFilter, *, most: int) -> bool:
    """Whether so many customers at most have spent what is asked. One query, of an index alone."""
    bounds = CustomerFilter(spent_from=wanted.spent_from, spent_to=wanted.spent_to)
    rows = CustomerStats.objects.filter(_of_columns(store, bounds), store=store).order_by("-monetary", "-pk")
    return not rows.values_list("pk", flat=True)[most : most + 1]


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
    fits = Q(last_contact=NEVER) if wanted.never_told else Q()
    if wanted.contact_from:
        fits &= Q(last_contact__gte=wanted.contact_from)
    if wanted.contact_to:
        fits &= Q(last_contact__gt=NEVER, last_contact__lte=wanted.contact_to)
    if wanted.quiet_days is not None:
        fits &= Q(last_contact__lte=local_today(store.timezone) - timedelta(days=wanted.quiet_days))
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
    if not _scores(wanted) or refresh is None or not refresh.customers:
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
