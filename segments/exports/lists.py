"""The lists whose people can be exported: each names its people by the query string of its page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet
from django.http import QueryDict

from accounts.models import Store
from lib.wording import day_text
from segments.addresses import CUSTOMERS, Ends
from segments.customers.filtering import CustomerFilter
from segments.customers.forms import filter_form
from segments.customers.queries import customers
from segments.customers.sorts import SORTS, sort_named
from segments.history import pages
from segments.models import CustomerStats
from segments.passages import moved_people
from segments.queries import latest_refresh
from segments.retention.people import behind
from segments.retention.queries import retention_state
from segments.value.calibrated_people import calibrated_people


@dataclass(frozen=True)
class People:
    """Customers in the order of their list; `words` after "3 customers", `name` for the name of a file."""

    rows: QuerySet[CustomerStats]
    words: str
    name: str


_BEST_FIRST = ("-monetary", "-customer_id")  # as pages list the people of a figure: segments.people.BY_VALUE

ListOfPeople = Callable[[Store, QueryDict], People | None]


def _filtered(store: Store, query: QueryDict) -> People:
    """The customers of a filter, in the order of its sort, including those who lack the figure that it sorts by."""
    refresh = latest_refresh(store)
    wanted = filter_form(query, store, refresh).filter()
    sort = SORTS[sort_named(query)].order
    order = [
        F(name).desc(nulls_last=True) if sort.descending else F(name).asc(nulls_last=True)
        for name in sort.names
    ]
    rows = customers(store, wanted, refresh).order_by(*order, "customer_id")
    return People(rows, _words(wanted), wanted.segment.key if wanted.segment else "customers")


def _words(wanted: CustomerFilter) -> str:
    if not wanted.is_segment_alone:
        return "who fit these filters"
    return f"in {wanted.segment.name}" if wanted.segment else "of the shop"


def _compared(store: Store, query: QueryDict) -> People | None:
    """Who went from one segment to another between two days, the best first."""
    chosen = pages.chosen_span(store, query)
    listed = pages.compared_people(store, chosen, query) if chosen else None
    if chosen is None or listed is None:
        return None
    words = f"who {_went(listed.ends)} {chosen.days}"
    return People(listed.people.order_by(*_BEST_FIRST), words, "moved")


def _of_cause(store: Store, query: QueryDict) -> People | None:
    """Whom one cause brought into a segment or took from it between two days, each once, the best first."""
    chosen = pages.chosen_span(store, query)
    listed = pages.part_people(store, chosen, query) if chosen else None
    if chosen is None or listed is None:
        return None
    words = f"who {'entered' if listed.way == 'in' else 'left'} {listed.segment.name} {listed.group.phrase}"
    return People(
        _best_first(store, listed.moves.values("customer_id")),
        f"{words} {chosen.days}",
        f"{listed.segment.key}-{listed.group.key}",
    )


def _moved(store: Store, query: QueryDict) -> People | None:
    """Who went from one segment to another since a day, each once, the best first."""
    moved = moved_people(store, query)
    if moved is None:
        return None
    rows = _best_first(store, moved.moves.values("customer_id"))
    return People(rows, f"who {_went(moved.ends)} since {day_text(moved.stretch.since)}", "moved")


def _went(ends: Ends) -> str:
    start = f"from {ends.before.name}" if ends.before else "from no segment"
    came = "from anywhere" if ends.from_anywhere else start
    return f"went {came} to {ends.after.name if ends.after else 'no segment'}"


def _best_first(store: Store, customer_ids: QuerySet[Any, Any] | Sequence[int]) -> QuerySet[CustomerStats]:
    found = CustomerStats.objects.filter(store=store, customer_id__in=customer_ids)
    return found.order_by(*_BEST_FIRST)


def _of_retention(store: Store, query: QueryDict) -> People | None:
    """Who is behind a cell of the cohort triangle or a window of the second order, the best first."""
    state = retention_state(store)
    figure = behind(store, state, query) if state else None
    if figure is None:
        return None
    return People(figure.people().order_by(*_BEST_FIRST), figure.words, figure.file_name)


def _of_calibration(store: Store, query: QueryDict) -> People | None:
    """Who had come back so often before the models' test, the best first."""
    found = calibrated_people(store, query)
    if found is None:
        return None
    rows = found.people.order_by(*_BEST_FIRST)
    return People(rows, f"who {found.did}", f"came-back-{found.group.x}")


LISTS: Mapping[str, ListOfPeople] = {
    CUSTOMERS: _filtered,
    "compare": _compared,
    "why": _of_cause,
    "moves": _moved,
    "retention": _of_retention,
    "calibration": _of_calibration,
}


def people_of_list(store: Store, name: str, query: str) -> People | None:
    """The people of a list's page, all of its pages; None where there is no such list, or its page has no people."""
    listed = LISTS.get(name)
    return listed(store, QueryDict(query)) if listed else None


def picked_people(store: Store, customer_ids: Sequence[int]) -> People:
    """The customers somebody selected by hand, those that are the store's, the best first."""
    return People(_best_first(store, customer_ids), "you selected", "selected")
