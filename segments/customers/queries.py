"""The customer list, page by page: those who fit a filter, in the order of a sort.

Pages are keyset pages (lib.keyset) along an index of the sort (segments.customers.listing); what the index doesn't
answer of the filter is checked on the way, or found first (segments.customers.reading).
"""

from __future__ import annotations

from dataclasses import replace

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce

from accounts.models import Store
from lib.keyset import Page, page_of
from orders.customer_search import matching
from orders.models import Customer
from segments.customers.filtering import CustomerFilter, with_possible_scores
from segments.customers.listing import PAGE_SIZE, CustomerList
from segments.customers.reading import Walk, page_by_keys, page_by_sorting, page_by_walking, planned
from segments.customers.rows import shown, with_people
from segments.customers.sorts import DEFAULT_SORT, SORTS
from segments.models import CustomerStats, Refresh, Segment, SegmentSize

FIRST_LOOKUPS = 300  # rows looked up at first: the share of them that fits tells how far the rest may be
MOST_FOUND = 20_000  # a search that finds more customers is checked row by row: 2% of a million


def page_of_customers(
    store: Store,
    wanted: CustomerFilter,
    refresh: Refresh | None,
    sort: str,
    cursor: str = "",
    *,
    size: int = PAGE_SIZE,
) -> Page[CustomerStats]:
    """The page at the cursor of the customers who fit, sorted by one of SORTS. One to three queries where an index of
    the sort answers the filter, else mostly three to six; more where a page fills slowly or a cursor leads nowhere.
    """
    possible = with_possible_scores(wanted, refresh)
    if possible is None:
        return Page([])
    asked = CustomerList(store, possible, refresh, SORTS[sort], size)
    if wanted.search.strip():
        return _page_of_search(asked, cursor)
    if not asked.is_answered:
        return _page_by_walking(asked, cursor)
    if asked.is_by_day_and_value:  # one day may have thousands, who needn't all be looked up
        return page_by_keys(asked.covered(), shown(store), asked.sort.order, cursor, size=size)
    return page_of(with_people(asked.fitting()), asked.sort.order, cursor, size=size)


def _page_of_search(asked: CustomerList, cursor: str) -> Page[CustomerStats]:
    """If a search finds few, they are sorted at once; so are more in the order of names, by which they may stand
    together far down the list. In other orders each row on the way is checked: by its id, or if the search finds too
    many, by the search itself.
    """
    found = Customer.objects.filter(matching(asked.wanted.search), store=asked.store)
    if planned(found).rows > 2 * MOST_FOUND:  # the estimate is often half as much again
        return _page_by_walking(asked, cursor)
    count, ids = _ids(found)
    if count > MOST_FOUND:
        return _page_by_walking(asked, cursor)
    asked = replace(asked, wanted=replace(asked.wanted, search=""), found_ids=ids)
    if count <= asked.stretch or asked.sort.column.of == "person":
        return page_by_sorting(
            asked.fitting(), shown(asked.store), asked.sort.order, cursor, size=asked.page_size
        )
    return _page_by_walking(asked, cursor)


def _page_by_walking(asked: CustomerList, cursor: str) -> Page[CustomerStats]:
    lookups = asked.page_size + 1 if asked.found_ids else FIRST_LOOKUPS
    walk = Walk(
        asked.covered() if asked.is_of_values else asked.fitting(),
        asked.candidates(),
        asked.sort.order,
        asked.branches,
        lookups=0 if asked.is_covered else lookups,
        rows=asked.size_estimate,
    )
    return page_by_walking(walk, shown(asked.store), cursor, size=asked.page_size, stretch=asked.stretch)


def _ids(found: QuerySet[Customer]) -> tuple[int, str]:
    """How many customers these are, MOST_FOUND + 1 at most, and their ids as the text of an array. One query."""
    ids = Coalesce(Cast(ArrayAgg("pk"), TextField()), Value("{}"), output_field=TextField())
    counted = found.order_by().values("pk")[: MOST_FOUND + 1].aggregate(count=Count("pk"), ids=ids)
    return counted["count"], counted["ids"]


def customers(store: Store, wanted: CustomerFilter, refresh: Refresh | None) -> QuerySet[CustomerStats]:
    """The store's customers who fit, with their person, unsorted. `refresh`: the one that scores stand by."""
    return with_people(CustomerList(store, wanted, refresh, SORTS[DEFAULT_SORT]).fitting())


def counted_at(refresh: Refresh | None, segment: Segment | None) -> int | None:
    """How many customers the segment had at the refresh, or (None) how many were scored; from roll-ups."""
    if refresh is None:
        return None
    if segment is None:
        return refresh.customers
    size = SegmentSize.objects.filter(refresh=refresh, segment=segment).first()
    return size.customers if size else None
