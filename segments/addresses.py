"""Addresses of the pages behind a figure: a segment, the customers of a cell, the people of a flow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from accounts.models import Store
from lib.keyset import PARAMETER
from segments.models import Segment

NOBODY = "none"  # stands for "no segment"
CUSTOMERS = "customers"  # the list that an export is of where its address names none
ANYWHERE = "any"  # stands for "from any segment or none"


def segment_url(store: Store, segment: Segment) -> str:
    return reverse("segments:segment_page", args=[store.slug, segment.key])


def customer_url(store: Store, customer_id: int) -> str:
    return reverse("segments:customer_page", args=[store.slug, customer_id])


def customers_url(store: Store, **filters: str | int) -> str:
    """The customer list, filtered by fields of CustomerFilterForm."""
    return page_url(store, "customer_list", filters)


def moves_url(store: Store, since: date, before: Segment | None, after: Segment | None) -> str:
    """The people who went from one segment to another after the refresh of `since`."""
    query: dict[str, str | int] = {
        "since": since.isoformat(),
        "before": segment_key(before),
        "after": segment_key(after),
    }
    return page_url(store, "moves", query)


def arrivals_url(store: Store, since: date, segment: Segment) -> str:
    """The people who came into a segment, from wherever, after the refresh of `since`."""
    query: dict[str, str | int] = {"since": since.isoformat(), "before": ANYWHERE, "after": segment.key}
    return page_url(store, "moves", query)


def export_query(name: str, query: QueryDict) -> str:
    """A list's page, all of its pages, as the query string of the export page."""
    whole = query.copy()
    whole.pop(PARAMETER, None)
    whole["list"] = name
    return whole.urlencode()


def day_named(text: str) -> date | None:
    """The day of an address's YYYY-MM-DD; None for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def segment_key(segment: Segment | None) -> str:
    """How an address names a segment, or none."""
    return segment.key if segment else NOBODY


@dataclass(frozen=True)
class Ends:
    """From which segment to which people went; None: from, or to, no segment. If `from_anywhere` is set, `before`
    means nothing.
    """

    before: Segment | None
    after: Segment | None
    from_anywhere: bool = False

    @property
    def title(self) -> str:
        """Of the page of the people who went so."""
        before = self.before.name if self.before else "New customers"
        came = "Came into" if self.from_anywhere else f"{before} →"
        return f"{came} {self.after.name if self.after else 'no segment'}"


def ends_named(segments: Iterable[Segment], before: str, after: str) -> Ends | None:
    """The ends that an address names by keys of `segments`, NOBODY and ANYWHERE; None for anything else."""
    by_key: dict[str, Segment | None] = {one.key: one for one in segments}
    by_key[NOBODY] = None
    if after not in by_key or before not in {*by_key, ANYWHERE}:
        return None
    return Ends(by_key.get(before), by_key[after], before == ANYWHERE)


def page_url(store: Store, name: str, query: Mapping[str, str | int]) -> str:
    """A page of this app that takes nothing but the store, and its query string."""
    path = _page_path(name, store.slug)
    return f"{path}?{urlencode(query)}" if query else path


@lru_cache(maxsize=1024)
def _page_path(name: str, slug: str) -> str:
    """Each figure of a chart's table links to a page: hundreds of them to the same one."""
    return reverse(f"segments:{name}", args=[slug])
