"""The customer list: who fits a filter, page by page in the order of a sort.

Pages are keyset pages (lib.keyset) along an index of each sort, with and without a segment; what else is asked for
is looked at on the way, or first (segments.customers.reading).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypeVar

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import (
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
from lib.keyset import Page, page_of
from orders.customer_search import listed_email, listed_name, matching
from orders.models import Customer
from segments.customers.filtering import (
    SCORED,
    CustomerFilter,
    of_columns,
    of_person,
    of_scored_column,
    of_scores,
    with_known_scores,
)
from segments.customers.reading import (
    Walk,
    one_of,
    page_by_keys,
    page_of_few,
    page_of_many,
    planned,
    stretch_of,
)
from segments.customers.sorts import COLUMNS, DEFAULT_SORT, SORTS, ListSort
from segments.models import (
    LAST_CONTACT,
    LAST_DAY,
    NEVER,
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
_BY_SCORES = ("segment", "unsegmented", "r", "f", "m", "scores")  # what scores say of what may be asked
# What CustomerValue has of what may be asked, and what statistics don't have.
_OF_VALUES = (
    "segment", "unsegmented", "r", "f", "m", "scores", "last_from", "last_to", "value_from", "value_to", "alive",
)  # fmt: skip
_OF_OTHERS = ("registered", "consent", "search", "value_from", "value_to", "alive")
MOST_NAMED = 20_000  # a search that finds more customers is asked of one after another: 2% of a million


def page_of_customers(
    store: Store, wanted: CustomerFilter, refresh: Refresh | None, sort: str, cursor: str = ""
) -> Page[CustomerStats]:
    """The page of fitting customers at the cursor, sorted by one of SORTS. One query to three where an index of the
    sort answers the filter, else mostly three to six; more where a page fills slowly or a cursor leads nowhere.
    """
    known = with_known_scores(wanted, refresh)
    if known is None:
        return Page([])
    asked = CustomerList(store, known, refresh, SORTS[sort])
    if wanted.search.strip():
        return _page_of_search(asked, cursor)
    if wanted == wanted.only(*asked.answered) and len(asked.branches) == 1:
        if asked.is_by_day_and_value:  # a day may have thousands, who needn't all be looked up
            return page_by_keys(asked.track(), _shown(store), asked.sort.order, cursor, size=PAGE_SIZE)
        return page_of(_with_names(asked.fitting()), asked.sort.order, cursor, size=PAGE_SIZE)
    return _page_of_many(asked, cursor)


def _page_of_search(asked: CustomerList, cursor: str) -> Page[CustomerStats]:
    """Few that a search finds are sorted at once, and so are more in the order of names, by which they may stand
    together far down; in other orders each on the way is one of its ids, or is asked itself.
    """
    found = Customer.objects.filter(matching(asked.wanted.search), store=asked.store)
    if planned(found).rows > 2 * MOST_NAMED:  # the planner errs by half
        return _page_of_many(asked, cursor)
    count, ids = _named(found)
    if count > MOST_NAMED:
        return _page_of_many(asked, cursor)
    asked = replace(asked, wanted=replace(asked.wanted, search=""), ids=ids)
    if count <= asked.stretch or asked.sort.column.of == "person":
        return page_of_few(asked.fitting(), _shown(asked.store), asked.sort.order, cursor, size=PAGE_SIZE)
    return _page_of_many(asked, cursor)


def _page_of_many(asked: CustomerList, cursor: str) -> Page[CustomerStats]:
    by_index = asked.is_in_the_index
    walk = Walk(
        asked.track() if asked.is_of_values else asked.fitting(),
        replace(asked, wanted=asked.wanted.only(*asked.answered, "scores")).track(),
        asked.sort.order,
        asked.branches,
        looked_up=0 if by_index else PAGE_SIZE + 1 if asked.ids else TRIED,
        among=asked.among,
    )
    return page_of_many(walk, _shown(asked.store), cursor, size=PAGE_SIZE, stretch=asked.stretch)


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
    def skips_to_scores(self) -> bool:
        """Whether the index it is read from skips to the scores that are known; those of one triple are in the order
        of what they spent, too.
        """
        is_one = self.sort.column == COLUMNS["spent"] and len(self.wanted.scores) == 1
        return is_one or (self.sort.column.skips_to_scores and bool(self.wanted.scores))

    @property
    def answered(self) -> tuple[str, ...]:
        """The fields of the filter that the index it is read from answers."""
        of_value = ("value_from", "value_to") if self.is_by_day_and_value else ()
        by_scores = _BY_SCORES if self.skips_to_scores else ()
        by_segment = ("segment",) if self.sort.column == COLUMNS["spent"] else ()
        return (*self.sort.column.answers, *by_scores, *by_segment, *of_value)

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
    def is_by_day_and_value(self) -> bool:
        """Whether to read the index by day and value, which skips those of each day who aren't worth as much."""
        asks_of_value = self.wanted.only("value_from", "value_to") != CustomerFilter()
        return asks_of_value and self.sort.column == COLUMNS["last"] and self.wanted.segment is None

    @property
    def is_of_values(self) -> bool:
        """Whether it asks for nothing but what is known of CustomerValue alone, in the order of one of its columns."""
        return (
            self.sort.column.of == "value" and not self.ids and self.wanted == self.wanted.only(*_OF_VALUES)
        )

    @property
    def branches(self) -> list[Q]:
        """What each part of the list has that is in the sort's order in an index: one a segment, of the sort by spent."""
        if self.sort.column != COLUMNS["spent"] or self.skips_to_scores or not self.wanted.scores:
            return [Q()]
        if replace(self.wanted, scores=frozenset()) == self.wanted.only("segment", "spent_from", "spent_to"):
            return [Q()]
        return [Q(segment=one or None) for one in self._known_segments()]

    def fitting(self) -> QuerySet[CustomerStats]:
        """Those who fit and whom the sort lists, unsorted: where its column isn't known of everybody, those of whom it
        is. What the index of the sort has is asked of its columns.
        """
        rows = _statistics(self.store)
        if self.sort.column.of == "value" or self.is_by_day_and_value:
            rows = rows.filter(Q(valuation__store=self.store)).annotate(
                last_day=Coalesce("valuation__last_on", Value(NEVER), output_field=DateField()),
                listed_scores=F("valuation__scores"),
            )
        elif self.sort.column.of == "person":
            rows = _with_names(rows).filter(Q(customer__store=self.store))
        if self.ids:
            rows = rows.filter(one_of(self.ids, F("customer_id")))
        return self._asked(rows).filter(of_person(self.store, self.wanted))

    def track(self) -> QuerySet[Any]:
        """All whom the index of the sort has where those are who fit, in rows that have the sort's columns."""
        of = "value" if self.is_by_day_and_value else self.sort.column.of
        if of == "person":
            rows: QuerySet[Any] = self._known(_people(self.store))
        else:
            rows = self._asked(_values(self.store) if of == "value" else _statistics(self.store))
        # Of no index: PostgreSQL would look for each of thousands between each two of the rows before them.
        return rows.filter(one_of(self.ids, Coalesce("customer_id", "customer_id"))) if self.ids else rows

    def _asked(self, rows: QuerySet[Row]) -> QuerySet[Row]:
        """Narrowed by what is asked of their columns: by the scores that follow from it, where the index has these."""
        wanted = self.wanted
        if self.skips_to_scores:  # which say who has no order; said once more, it misleads the planner
            wanted = replace(wanted, unsegmented=False)
        else:
            wanted = replace(wanted, scores=frozenset())
            rows = self._of_segment(rows)
        for column in SCORED.keys() & set(self.sort.order.names):
            rows = rows.filter(of_scored_column(self.wanted, self.refresh, column))
        return self._known(rows).filter(of_columns(self.store, wanted), of_scores(wanted))

    def _of_segment(self, rows: QuerySet[Row]) -> QuerySet[Row]:
        """Narrowed to the segment that is asked for, by the column; in the order of segments to those that are known."""
        if rows.model is not CustomerStats:
            return rows
        if self.wanted.segment or self.wanted.unsegmented:
            return rows.filter(segment=self.wanted.segment)
        if self.sort.column == COLUMNS["segment"] and self.wanted.scores:
            return rows.filter(segment__in=self._known_segments())
        return rows

    def _known_segments(self) -> list[int]:
        """The ids of the segments that those with the known scores are in; 0 for none."""
        if self.refresh is None:
            return []
        segments = self.refresh.scheme_version.segments_by_scores()
        return sorted({segments[scores] for scores in self.wanted.scores})

    def _known(self, rows: QuerySet[Row]) -> QuerySet[Row]:
        """Narrowed to whom the sort knows."""
        column = self.sort.column
        return rows.filter(**{f"{column.name}__isnull": False}) if column.known else rows


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
        listed_scores=F("scores"),
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
        valued_id=F("customer_id"), last_day=LAST_DAY, listed_scores=F("scores")
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
