"""The customer list: who fits a filter, page by page in the order of a sort.

Pages are keyset pages (lib.keyset) along an index of each sort, with and without a segment; what else is asked for
is looked at on the way, or first (segments.customers.reading).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypeVar

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import (
    BigIntegerField,
    Count,
    DateField,
    F,
    FilteredRelation,
    Model,
    Q,
    QuerySet,
    TextField,
    Value,
)
from django.db.models.functions import Cast, Coalesce

from accounts.models import Store
from lib.keyset import Page, Sort, page_of
from orders.customer_search import listed_email, listed_name, matching
from orders.models import Customer
from segments.customers.filtering import (
    CustomerFilter,
    in_known_segments,
    of_columns,
    of_person,
    of_scores,
    of_scores_in_one,
)
from segments.customers.reading import (
    Walk,
    expected_count,
    one_of,
    page_of_few,
    page_of_many,
    stretch_of,
)
from segments.customers.sorts import COLUMNS, DEFAULT_SORT, SORTS, ListSort
from segments.models import (
    LAST_CONTACT,
    LAST_DAY,
    LISTED_SEGMENT,
    NEVER,
    SCORES,
    CustomerStats,
    CustomerValue,
    Refresh,
    Segment,
    SegmentSize,
)

Row = TypeVar("Row", bound=Model)

PAGE_SIZE = 50
FEWEST = 10_000  # a shop is taken to have so many customers at least, also before its first refresh
TRIED = 300  # rows looked up at first, whose share of those who fit tells how far the rest may be
# What CustomerValue has of what may be asked, and what statistics don't have.
_OF_VALUES = ("segment", "among", "r", "f", "m", "last_from", "last_to", "value_from", "value_to", "alive")
_OF_OTHERS = ("registered", "consent", "search", "value_from", "value_to", "alive")
MOST_NAMED = 20_000  # a search that finds more customers is asked of one after another: 2% of a million


def page_of_customers(
    store: Store, wanted: CustomerFilter, refresh: Refresh | None, sort: str, cursor: str = ""
) -> Page[CustomerStats]:
    """The page of fitting customers at the cursor, sorted by one of SORTS. One query where an index of the sort
    answers the filter, else mostly three or four; more where a page fills slowly or a cursor leads nowhere.
    """
    asked = CustomerList(store, wanted.in_its_segment(), refresh, SORTS[sort])
    if asked.wanted.search.strip():
        return _page_of_search(asked, cursor)
    if asked.skips_to_money and _are_few(asked):
        return page_of_few(asked.fitting(), _shown(store), asked.order, cursor, size=PAGE_SIZE)
    if asked.along == asked.wanted:
        return page_of(_with_names(asked.fitting()), asked.order, cursor, size=PAGE_SIZE)
    return _page_of_many(asked, cursor)


def _page_of_search(asked: CustomerList, cursor: str) -> Page[CustomerStats]:
    """Few that a search finds are sorted at once; of more, each on the way is one of its ids, or is asked itself."""
    found = Customer.objects.filter(matching(asked.wanted.search), store=asked.store)
    if expected_count(found) > 2 * MOST_NAMED:  # the planner errs by half
        return _page_of_many(asked, cursor)
    count, ids = _named(found)
    if count > MOST_NAMED:
        return _page_of_many(asked, cursor)
    asked = replace(asked, wanted=replace(asked.wanted, search=""), ids=ids)
    if count <= asked.stretch:
        return page_of_few(asked.fitting(), _shown(asked.store), asked.order, cursor, size=PAGE_SIZE)
    return _page_of_many(asked, cursor)


def _page_of_many(asked: CustomerList, cursor: str) -> Page[CustomerStats]:
    known = in_known_segments(asked.wanted, asked.refresh)
    if known is None:
        return Page([])
    narrowed = replace(asked, wanted=known)
    by_index = narrowed.is_in_the_index
    walk = Walk(
        # To look rows up, what is known of their segments helps nothing, and misleads the planner.
        narrowed.track() if narrowed.is_of_values else narrowed.fitting() if by_index else asked.fitting(),
        replace(narrowed, wanted=narrowed.along).track(),
        narrowed.order,
        narrowed.branches,
        looked_up=0 if by_index else PAGE_SIZE + 1 if asked.ids else TRIED,
        among=asked.among,
    )
    return page_of_many(walk, _shown(asked.store), cursor, size=PAGE_SIZE, stretch=narrowed.stretch)


@dataclass(frozen=True)
class CustomerList:
    """A list: whose customers, which of them, in which order, and by which refresh scores stand.

    `ids`: the customers that a search found, as the text of an array.
    """

    store: Store
    wanted: CustomerFilter
    refresh: Refresh | None
    sort: ListSort
    ids: str = ""

    @property
    def order(self) -> Sort:
        """The order of its pages. Where segments are known the index of the sort skips to them."""
        return self.sort.order(of_segment=len(self.wanted.among) == 1, skips=bool(self.wanted.among))

    @property
    def along(self) -> CustomerFilter:
        """What of the filter the index of the sort answers: the segment, and what it asks of the sort's column."""
        answered = self.sort.column.answers
        if self.sort.column.of != "person":
            answered += ("segment", "among")
        if self.is_by_day_and_value:
            answered += ("value_from", "value_to")
        return self.wanted.only(*answered)

    @property
    def among(self) -> int:
        """How many customers there are, about."""
        return max(self.refresh.customers if self.refresh else 0, FEWEST)

    @property
    def stretch(self) -> int:
        """How far to walk (segments.customers.reading): further, where the index of the sort has all that is asked."""
        return stretch_of(PAGE_SIZE, among=self.among, looks_up=not self.is_in_the_index)

    @property
    def is_in_the_index(self) -> bool:
        """Whether the index of the sort has all that is asked, of those on the way: of a search's they are few."""
        if self.ids:
            return False
        if self.sort.column.of == "value":
            return self.is_of_values
        return self.sort.column.of == "statistics" and self.wanted.only(*_OF_OTHERS) == CustomerFilter()

    @property
    def skips_to_money(self) -> bool:
        """Whether the index of the sort has the money asked for behind each day and segment."""
        return self._is_of_all_by_last_day and self.wanted.only("spent_from", "spent_to") != CustomerFilter()

    @property
    def is_by_day_and_value(self) -> bool:
        """Whether to read the index by day and value, which skips those of each day who aren't worth as much."""
        return self._is_of_all_by_last_day and self.wanted.only("value_from", "value_to") != CustomerFilter()

    @property
    def _is_of_all_by_last_day(self) -> bool:
        return self.sort.column == COLUMNS["last"] and self.wanted.segment is None

    @property
    def is_of_values(self) -> bool:
        """Whether it asks for nothing but what is known of CustomerValue alone, in the order of one of its columns."""
        return (
            self.sort.column.of == "value" and not self.ids and self.wanted == self.wanted.only(*_OF_VALUES)
        )

    @property
    def branches(self) -> list[Q]:
        """What each part of the list has that is in the sort's order in an index: one a segment, of the sort by spent."""
        if self.sort.column != COLUMNS["spent"] or not self.wanted.among:
            return [Q()]
        return [Q(segment=one or None) for one in sorted(self.wanted.among)]

    def fitting(self) -> QuerySet[CustomerStats]:
        """Those who fit and whom the sort lists, unsorted: where its column isn't known of everybody, those of whom it
        is. What the index of the sort has is asked of its columns: of values, or of the segment as it stands there.
        """
        rows = _statistics(self.store)
        if self.sort.column.of == "value" or self.is_by_day_and_value:
            rows = rows.filter(Q(valuation__store=self.store)).annotate(
                last_day=Coalesce("valuation__last_on", Value(NEVER), output_field=DateField()),
                listed_segment=Coalesce("valuation__segment_id", Value(0), output_field=BigIntegerField()),
                scores=F("valuation__scores"),
            )
        elif self.sort.column.of == "person":
            rows = _with_names(rows).filter(Q(customer__store=self.store))
        if self.ids:
            rows = rows.filter(one_of(self.ids, F("customer_id")))
        return self._asked(rows).filter(of_person(self.store, self.wanted))

    def track(self) -> QuerySet[Any]:
        """All whom the index of the sort has where those are who fit, in rows that have the sort's columns."""
        if self.is_by_day_and_value:
            return self.fitting()
        of = self.sort.column.of
        if of == "person":
            rows: QuerySet[Any] = self._known(_people(self.store))
        else:
            rows = self._asked(_values(self.store) if of == "value" else _statistics(self.store))
        # Of no index: PostgreSQL would look for each of thousands between each two of the rows before them.
        return rows.filter(one_of(self.ids, Coalesce("customer_id", "customer_id"))) if self.ids else rows

    def _asked(self, rows: QuerySet[Row]) -> QuerySet[Row]:
        """Narrowed by what is asked of their columns."""
        by_number = (
            self.sort.column.of == "value" or self.is_by_day_and_value or self.sort.column.name == "scores"
        )
        scored = of_scores_in_one(self.wanted) if by_number else of_scores(self.wanted, self.refresh)
        return self._known(rows).filter(of_columns(self.store, self.wanted), scored)

    def _known(self, rows: QuerySet[Row]) -> QuerySet[Row]:
        """Narrowed to whom the sort knows, and to the segment, or segments, as the index of the sort has them."""
        column, among = self.sort.column, sorted(self.wanted.among)
        if column.known:
            rows = rows.filter(**{f"{column.name}__isnull": False})
        if among and self.sort.has_segment:
            return rows.filter(listed_segment__in=among)
        if among and column.name == "segment_id":
            return rows.filter(segment__in=among)
        asks_segment = self.wanted.segment or self.wanted.unsegmented
        return (
            rows.filter(segment=self.wanted.segment) if asks_segment and rows.model is CustomerStats else rows
        )


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
    rows = CustomerList(store, wanted, refresh, SORTS[DEFAULT_SORT]).fitting()
    return _with_names(rows)


def _statistics(store: Store) -> QuerySet[CustomerStats]:
    rows: QuerySet[CustomerStats] = CustomerStats.objects.filter(store=store).annotate(
        last_day=LAST_DAY,
        last_contact=LAST_CONTACT,
        listed_segment=LISTED_SEGMENT,
        scores=SCORES,
        # A relation of its own, as of `value` the ORM takes the customer's column from the statistics: an index of
        # values can be walked from a cursor only by its own.
        valuation=FilteredRelation("value"),
        expected_value=F("valuation__expected_value"),
        p_alive=F("valuation__p_alive"),
        valued_id=F("valuation__customer_id"),
    )
    return rows


def _with_names(rows: QuerySet[CustomerStats]) -> QuerySet[CustomerStats]:
    """With their person; a statement that doesn't need them leaves out to join them."""
    named: QuerySet[CustomerStats] = rows.select_related("customer", "segment").annotate(
        listed_name=listed_name("customer__"), listed_email=listed_email("customer__")
    )
    return named


def _shown(store: Store) -> QuerySet[CustomerStats]:
    """All that a list shows of everybody."""
    return _with_names(_statistics(store))


def _values(store: Store) -> QuerySet[CustomerValue]:
    rows: QuerySet[CustomerValue] = CustomerValue.objects.filter(store=store).annotate(
        valued_id=F("customer_id"), last_day=LAST_DAY, listed_segment=LISTED_SEGMENT
    )
    return rows


def _people(store: Store) -> QuerySet[Customer]:
    rows: QuerySet[Customer] = Customer.objects.filter(store=store).annotate(
        listed_name=listed_name(), listed_email=listed_email(), customer_id=F("id")
    )
    return rows


def _named(found: QuerySet[Customer]) -> tuple[int, str]:
    """How many they are, MOST_NAMED + 1 at most, and their ids as the text of an array. One query."""
    ids = Coalesce(Cast(ArrayAgg("pk"), TextField()), Value("{}"), output_field=TextField())
    named = found.order_by().values("pk")[: MOST_NAMED + 1].aggregate(count=Count("pk"), ids=ids)
    return named["count"], named["ids"]


def _are_few(asked: CustomerList) -> bool:
    """Whether no more than a stretch have spent what is asked. One query, of an index alone."""
    bounds = asked.wanted.only("spent_from", "spent_to")
    rows = CustomerStats.objects.filter(of_columns(asked.store, bounds), store=asked.store)
    most = asked.stretch
    return not rows.order_by("-monetary", "-pk").values_list("pk", flat=True)[most : most + 1]
