"""The rhythm page: how long customers take, who fell silent, and what a late delivery has to do with it."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Store
from lib.charts import Chart
from lib.wording import number_text
from segments.addresses import customers_url
from segments.models import RetentionState
from segments.retention import queries, rhythm_charts
from segments.retention.findings import FEWEST, days_text, gaps_finding, no_rhythm_text
from segments.retention.people_addresses import delivery_url, gap_url, lapse_url
from segments.retention.tables import LAPSES_KEPT


@dataclass(frozen=True)
class RhythmPage:
    """What the rhythm page shows. `deliveries` None: no first delivery can be judged."""

    finding: str
    gaps: Chart
    numbers: Chart
    lapses: Chart
    lapsed_now: str
    limits: str
    deliveries: Chart | None
    overdue_url: str


def rhythm_page(store: Store, state: RetentionState) -> RhythmPage | str:
    """The page of a store; where too few came back to show a rhythm, why there is none. Four queries."""
    summaries = queries.gap_summaries(store)
    gaps = summaries[0].gaps if summaries else 0
    if gaps < FEWEST or state.median_gap is None or state.long_gap is None:
        return no_rhythm_text(gaps)
    lapses = queries.lapses(store, state.as_of, months=LAPSES_KEPT)
    deliveries = queries.delivery_returns(store)
    return RhythmPage(
        finding=gaps_finding(summaries[0]),
        gaps=rhythm_charts.gaps_chart(
            queries.gaps_by_week(store), summaries[0], link=lambda weeks: gap_url(store, weeks)
        ),
        numbers=rhythm_charts.gap_numbers_chart(summaries),
        lapses=rhythm_charts.lapses_chart(
            lapses, link=lambda month, won_back: lapse_url(store, month, won_back=won_back)
        ),
        lapsed_now=f"{number_text(lapses.lapsed_now)} of {number_text(state.customers)} customers have lapsed.",
        limits=(
            "A customer lapses when their silence grows longer than twice the median of their own times between "
            f"orders, and than {days_text(state.median_gap)}, the median of all. Somebody who ordered once lapses "
            f"after {days_text(state.long_gap)}: nine of ten times between orders are no longer. An order after "
            "that wins them back."
        ),
        deliveries=rhythm_charts.delivery_chart(deliveries, link=lambda outcome: delivery_url(store, outcome))
        if deliveries
        else None,
        overdue_url=customers_url(store, overdue="0", sort="-due"),
    )
