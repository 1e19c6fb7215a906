"""What may be asked of the customer list: a filter, and the conditions that it puts on rows.

Conditions name columns as segments.customers.rows does. Scores are made of last orders, numbers of orders and money, and
segments of scores; so a filter by any of these says which scores those who fit can have. The indexes of the sorts skip
to these scores, and so never read all the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import product
from math import inf
from typing import Literal

from django.db.models import ExpressionWrapper, F, FloatField, Func, Q, Value
from django.db.models.functions import Cast
from django.db.models.lookups import GreaterThanOrEqual

from accounts.models import Store
from lib.periods import local_today
from orders.customer_search import matching
from segments.models import LEAST_VISITS, NEVER, Refresh, Segment
from segments.rules import BINS, CutPoints, scores_apart, scores_in_one
from segments.standing import Band, bands

Consent = Literal["", "yes", "no", "unknown"]
Alive = Literal["", "likely", "doubtful", "unlikely", "unknown"]
ALIVE: dict[str, tuple[float, float]] = {
    "likely": (0.7, 1.01),
    "doubtful": (0.3, 0.7),
    "unlikely": (0.0, 0.3),
}
SCORED = {
    "last_day": "r",
    "frequency": "f",
    "monetary": "m",
}  # columns, and which of the scores is made of each
_CONSENT: dict[str, bool | None] = {"yes": True, "no": False, "unknown": None}


@dataclass(frozen=True)
class CustomerFilter:
    """Which customers to show; a field that is left out doesn't narrow them. Money in minor units, days inclusive."""

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
    scores: frozenset[int] = frozenset()  # those that are possible for who fits (543: R5 F4 M3); empty: any

    @property
    def is_empty(self) -> bool:
        return self == CustomerFilter()

    @property
    def is_segment_alone(self) -> bool:
        """Whether it asks for one segment, or for everybody, and nothing else."""
        return self == self.only("segment")

    def leaves_out_unscored(self, *, is_windowed: bool) -> bool:
        """Whether nobody fits who has no order that counts: they have spent nothing, and are neither expected nor due.

        `is_windowed`: orders count for scores within some months only, but for what is expected and due at any time.
        """
        bought = (
            any(bound is not None for bound in (self.last_from, self.last_to)) or (self.spent_from or 0) > 0
        )
        ever = any(bound is not None for bound in (self.value_from, self.value_to, self.overdue))
        return self.has_scores or bought or (not is_windowed and (ever or self.alive in ALIVE))

    @property
    def has_scores(self) -> bool:
        return (self.r, self.f, self.m) != (None, None, None)

    def only(self, *names: str) -> CustomerFilter:
        """The same filter by these fields alone."""
        return CustomerFilter(**{name: getattr(self, name) for name in names})


def with_possible_scores(wanted: CustomerFilter, refresh: Refresh | None) -> CustomerFilter | None:
    """The same filter with the scores that those who fit can have; None if nobody can fit.

    They follow from what the filter asks about scores, segments, last orders, money and cadence, by the scheme and the
    cut points of the refresh. Left empty where all scores are possible.
    """
    if refresh is None or not refresh.customers:
        return wanted
    everybodys = _possible_scores(CustomerFilter(), refresh)
    fit = _possible_scores(wanted, refresh) & everybodys
    if not wanted.leaves_out_unscored(is_windowed=refresh.scheme_version.window_months is not None):
        fit.add(0)
    if wanted.segment or wanted.unsegmented:
        segments = refresh.scheme_version.segments_by_scores()
        asked = wanted.segment.pk if wanted.segment else 0
        fit = {scores for scores in fit if segments[scores] == asked}
    if not fit:
        return None
    return replace(wanted, scores=frozenset() if fit >= everybodys else frozenset(fit))


def _possible_scores(wanted: CustomerFilter, refresh: Refresh) -> set[int]:
    """The scores that those who fit can have if they have an order that counts."""
    recency, frequency, monetary = bands(CutPoints.from_json(refresh.cut_points))
    first, last = _scored_on(refresh)
    least = (first - wanted.last_to).days if wanted.last_to else None
    most = (last - wanted.last_from).days if wanted.last_from else None
    is_windowed = refresh.scheme_version.window_months is not None  # then scores don't tell who ordered often
    orders = LEAST_VISITS if wanted.overdue is not None and not is_windowed else None
    scores = product(
        {wanted.r} if wanted.r else _meeting(recency, least, most),
        {wanted.f} if wanted.f else _meeting(frequency, orders, None),
        {wanted.m} if wanted.m else _meeting(monetary, wanted.spent_from, wanted.spent_to),
    )
    return {scores_in_one(r, f, m) for r, f, m in scores}


def _meeting(bands: Mapping[int, Band], lowest: int | None, highest: int | None) -> set[int]:
    """The scores that some value has with lowest <= value <= highest; None is no bound."""
    return {score for score, band in bands.items() if band.meets(lowest, highest)}


def _scored_on(refresh: Refresh) -> tuple[date, date]:
    """The first and the last day that a customer can have been scored on."""
    today = local_today(refresh.timezone)
    return min(refresh.as_of, today), max(refresh.as_of, today)


def column_conditions(store: Store, wanted: CustomerFilter) -> Q:
    """What the filter asks of columns that a list can be sorted by, except of scores."""
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
    if wanted.unsegmented:  # those without an order that counts, and nobody else
        fits &= Q(last_day=NEVER)
    return fits & _of_contact(store, wanted) & _of_outlook(store, wanted)


def _of_outlook(store: Store, wanted: CustomerFilter) -> Q:
    """How likely they are still customers, and how long they are overdue by their own cadence."""
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
    """When they were last told something, in the store's days."""
    fits = Q(last_contact=NEVER) if wanted.never_told else Q()
    if wanted.contact_from:
        fits &= Q(last_contact__gte=wanted.contact_from)
    if wanted.contact_to:
        fits &= Q(last_contact__gt=NEVER, last_contact__lte=wanted.contact_to)
    if wanted.quiet_days is not None:
        fits &= Q(last_contact__lte=local_today(store.timezone) - timedelta(days=wanted.quiet_days))
    return fits


def score_conditions(wanted: CustomerFilter) -> Q:
    """Narrowed to the possible scores, or else to those that are asked for."""
    if wanted.scores:
        return Q(listed_scores__in=sorted(wanted.scores))
    if not wanted.has_scores:
        return Q()
    asked = ([score] if score else range(1, max(BINS) + 1) for score in (wanted.r, wanted.f, wanted.m))
    return Q(listed_scores__in=[scores_in_one(*scores) for scores in product(*asked)])


def bounds_from_scores(wanted: CustomerFilter, refresh: Refresh | None, column: str) -> Q:
    """Narrowed to the values that possible scores leave to one of SCORED: where a sort by it begins and ends."""
    if refresh is None or not wanted.scores or 0 in wanted.scores:
        return Q()
    name = SCORED[column]
    scored = dict(zip("rfm", bands(CutPoints.from_json(refresh.cut_points)), strict=True))[name]
    possible = [scored[getattr(scores_apart(scores), name)] for scores in wanted.scores]
    lowest = min((-inf if band.lowest is None else band.lowest) for band in possible)
    highest = max((inf if band.highest is None else band.highest) for band in possible)
    if column == "last_day":
        first, last = _scored_on(refresh)
        since = Q() if highest == inf else Q(last_day__gte=first - timedelta(days=highest))
        return since if lowest == -inf else since & Q(last_day__lte=last - timedelta(days=lowest))
    least = Q() if lowest == -inf else Q(**{f"{column}__gte": lowest})
    return least if highest == inf else least & Q(**{f"{column}__lte": highest})


def person_conditions(store: Store, wanted: CustomerFilter) -> Q:
    """What the filter asks about the person rather than their orders."""
    fits = Q()
    if wanted.search.strip():
        fits &= matching(wanted.search, "customer__") & Q(customer__store=store)
    if wanted.registered is not None:
        fits &= Q(customer__external_id__isnull=not wanted.registered)
    if wanted.consent:
        consent = _CONSENT[wanted.consent]
        # Said twice, as the planner takes NOT x to hold wherever x is NULL.
        fits &= Q(customer__accepts_email=consent, customer__accepts_email__isnull=consent is None)
    return fits
