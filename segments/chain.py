"""The chain of a store's refreshes: the order in which their moves lead from one to the next.

Reconstructed refreshes come first, by id: they are made later than the others but are of earlier days, and are made
from the oldest day on. The others follow by id, in the order in which they ran.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import BooleanField, ExpressionWrapper, Q

from accounts.models import Store
from segments.models import Refresh

REAL = ExpressionWrapper(~Q(reason=Refresh.Reason.RECONSTRUCTED), output_field=BooleanField())


def chain(store: Store) -> list[Refresh]:
    """The finished refreshes of the store in the order of their moves, oldest first. One query."""
    finished = Refresh.objects.filter(store=store, finished_at__isnull=False)
    return list(finished.order_by(REAL, "id"))


def last_link(store: Store) -> Refresh | None:
    """The refresh whose figures the store's statistics have; before a store's first refresh, a reconstruction."""
    finished = Refresh.objects.filter(store=store, finished_at__isnull=False)
    return finished.select_related("scheme_version").order_by(REAL.desc(), "-id").first()


def pictures(links: Sequence[Refresh]) -> list[Refresh]:
    """The refreshes of a chain that can be compared: the last of each day, if its sizes are still kept."""
    last_of_day = {refresh.as_of: refresh for refresh in links}
    return [
        refresh
        for refresh in links
        if refresh.thinned_at is None and last_of_day[refresh.as_of].pk == refresh.pk
    ]


def before_in_chain(refresh: Refresh) -> Refresh | None:
    """The refresh from which this one's moves start; None for the first."""
    links = chain(refresh.store)
    place = next((place for place, link in enumerate(links) if link.pk == refresh.pk), 0)
    return links[place - 1] if place else None


@dataclass(frozen=True)
class Span:
    """Two pictures of a store, and the refreshes whose moves lead from one to the other, in their order."""

    store: Store
    earlier: Refresh
    later: Refresh
    steps: tuple[Refresh, ...]

    @property
    def refresh_ids(self) -> list[int]:
        return [refresh.pk for refresh in self.steps]


def span_between(store: Store, earlier: Refresh, later: Refresh, links: Sequence[Refresh] = ()) -> Span:
    """The span of two refreshes of the store, the one that comes first in the chain being the earlier.

    `links`: the store's chain, where the caller has it.
    """
    links = links or chain(store)
    place = {refresh.pk: place for place, refresh in enumerate(links)}
    first, last = sorted((earlier, later), key=lambda refresh: place[refresh.pk])
    return Span(store, first, last, tuple(links[place[first.pk] + 1 : place[last.pk] + 1]))


def picture_of(shown: Sequence[Refresh], day: date) -> Refresh | None:
    """The picture of a day, or of the last day before it that has one; of the first day where none has."""
    by_then = [refresh for refresh in shown if refresh.as_of <= day]
    return max(by_then, key=lambda refresh: refresh.as_of) if by_then else next(iter(shown), None)
