"""What the retention pages say first, in a sentence. Pure: figures in, words out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from lib.money import format_money
from lib.wording import number_text, percent_text
from segments.models import ConcentrationStep, RetentionState
from segments.retention_queries import Measure, SecondOrders

# Said of fewer people than this, a share is chance.
FEWEST = 30
_SAID_WINDOWS = (90, 180, 60, 30)  # the first that enough people have behind them

_ORDINALS = ("", "first", "second", "third", "fourth", "fifth", "sixth")

NOT_YET = "Too few customers have had the time to come back: here is what there is."


def month_text(month: date) -> str:
    """Mar 2025."""
    return f"{month:%b %Y}"


def whole_percent(share: float) -> str:
    """A share in whole per cents: 62%; to one place below ten."""
    return percent_text(share) if abs(share) < 0.0995 else f"{round(share * 100)}%"


def cohorts_finding(shares: Sequence[float | None], measure: Measure) -> str:
    """From the mean shares by month after the cohort's own; the first is the cohort's own month."""
    said = list(enumerate(shares))[1 : len(_ORDINALS)]
    known = [(age, share) for age, share in said if share is not None]
    if not known:
        return "The first cohort’s second month isn’t over yet"
    (first_age, first), (last_age, last) = known[0], known[-1]
    later = "" if last_age == first_age else f", {whole_percent(last)} in {_after(last_age)}"
    if measure == "customers":
        return f"{whole_percent(first)} of new customers order in {_after(first_age)} their first{later}"
    verb = "is" if measure == "revenue" else "are"
    return (
        f"{measure.capitalize()} in {_after(first_age)} {verb} {whole_percent(first)} of the first’s{later}"
    )


def _after(age: int) -> str:
    return "the month after" if age == 1 else f"the {_ORDINALS[age]} month"


def second_orders_finding(windows: Sequence[SecondOrders]) -> str:
    """The share of those who had the time, by the window most worth saying."""
    by_days = {window.days: window for window in windows}
    for days in _SAID_WINDOWS:
        window = by_days.get(days)
        if window and window.share is not None and window.elapsed >= FEWEST:
            return f"{whole_percent(window.share)} of customers order a second time within {days} days"
    return NOT_YET


def concentration_finding(steps: Sequence[ConcentrationStep]) -> str:
    """What the tenth who spent most brings."""
    by_percent = {step.percent: step for step in steps}
    whole = by_percent[100].net
    if whole <= 0:
        return "Nobody’s orders brought anything"
    tenth = by_percent[10]
    if tenth.customers < 2:
        return f"The best customer brings {whole_percent(tenth.net / whole)} of revenue"
    return f"10% of customers bring {whole_percent(tenth.net / whole)} of revenue"


def losses_sentence(state: RetentionState, currency: str) -> str:
    """What is made of customers whose refunds and credit notes outweigh their orders; empty without any."""
    if not state.in_the_red:
        return ""
    loss = format_money(state.loss, currency)
    if state.in_the_red == 1:
        return f"One customer’s net is below zero ({loss}): they count as a customer who brings nothing."
    count = number_text(state.in_the_red)
    return f"The net of {count} customers is below zero, {loss} in all: they count as customers who bring nothing."
