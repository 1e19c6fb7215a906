"""Which figure of retention an address names, to list the people behind it."""

from __future__ import annotations

from collections.abc import Mapping

from accounts.models import Store
from lib.numbers import number_among, whole_number
from lib.periods import months_between
from segments.models import CohortMonth, DeliveryReturn, RetentionState
from segments.retention import queries
from segments.retention.cohort_people import CohortCell, SecondOrder
from segments.retention.figure import Figure
from segments.retention.naming import value_of
from segments.retention.people_addresses import LAPSED, WON_BACK, month_named
from segments.retention.rhythm_people import Delivered, Lapse, Waited
from segments.retention.tables import WINDOWS

Facet = CohortMonth.Facet
Outcome = DeliveryReturn.Outcome
FEWEST_DAYS = WINDOWS[0]


def behind(store: Store, state: RetentionState, query: Mapping[str, str]) -> Figure | None:
    """The figure that an address names; None where it names none. At most one query."""
    month = month_named(query.get("month", ""))
    if query.get("of") == "second":
        days = number_among(query.get("days"), WINDOWS, otherwise=FEWEST_DAYS)
        return SecondOrder(state, returned=query.get("back") != "no", days=days, month=month)
    if query.get("of") == "gap":
        weeks = number_among(query.get("weeks"), range(queries.WEEKS_SHOWN + 1), otherwise=0)
        return Waited(state, weeks=weeks)
    if query.get("of") == "delivery":
        outcome = query.get("outcome", "")
        chosen_outcome = Outcome(outcome) if outcome in Outcome.values else Outcome.VERY_LATE
        return Delivered(state, returned=query.get("back") != "no", outcome=chosen_outcome)
    if month is None or month > state.as_of:
        return None
    if query.get("of") in (LAPSED, WON_BACK):
        return Lapse(state, month=month, won_back=query["of"] == WON_BACK)
    facet = Facet(query["facet"]) if query.get("facet") in Facet.values else Facet.ALL
    values = [] if facet == Facet.ALL else queries.facet_values(store, facet)
    return CohortCell(
        state=state,
        month=month,
        age=min(whole_number(query.get("age", "")) or 0, months_between(month, state.as_of)),
        facet=facet,
        value=value_of(query.get("value", ""), values),
        kept=tuple(one.value for one in values),
    )
