"""Addresses of the pages behind a figure: a segment, the customers of a cell, the people of a flow."""

from __future__ import annotations

from datetime import date

from django.urls import reverse
from django.utils.http import urlencode

from accounts.models import Store
from segments.models import Segment

NOBODY = "none"  # stands for "no segment"
ANYWHERE = "any"  # stands for "from any segment or none"


def segment_url(store: Store, segment: Segment) -> str:
    return reverse("segments:segment_page", args=[store.slug, segment.key])


def customer_url(store: Store, customer_id: int) -> str:
    return reverse("segments:customer_page", args=[store.slug, customer_id])


def customers_url(store: Store, **filters: str | int) -> str:
    """The customer list, filtered by fields of CustomerFilterForm."""
    return _with_query(reverse("segments:customer_list", args=[store.slug]), filters)


def moves_url(store: Store, since: date, before: Segment | None, after: Segment | None) -> str:
    """The people who went from one segment to another after the refresh of `since`."""
    query: dict[str, str | int] = {
        "since": since.isoformat(),
        "before": segment_key(before),
        "after": segment_key(after),
    }
    return _with_query(reverse("segments:moves", args=[store.slug]), query)


def arrivals_url(store: Store, since: date, segment: Segment) -> str:
    """The people who came into a segment, from wherever, after the refresh of `since`."""
    query: dict[str, str | int] = {"since": since.isoformat(), "before": ANYWHERE, "after": segment.key}
    return _with_query(reverse("segments:moves", args=[store.slug]), query)


def segment_key(segment: Segment | None) -> str:
    """How an address names a segment, or none."""
    return segment.key if segment else NOBODY


def _with_query(path: str, query: dict[str, str | int]) -> str:
    return f"{path}?{urlencode(query)}" if query else path
