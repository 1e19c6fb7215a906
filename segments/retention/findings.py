"""What the retention pages say first, in a sentence. Pure: figures in, words out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from lib.money import format_money
from lib.wording import count_text, number_text, percent_text
from segments.models import ConcentrationStep, DeliveryReturn, GapSummary, RetentionState
from segments.retention.queries import Lapses, Measure, ReturnAfterDelivery, SecondOrders

# Said of fewer people than this, a share is chance.
FEWEST = 30
_SAID_WINDOWS = (90, 180, 60, 30)  # the first that enough people have behind them

_ORDINALS = ("", "first", "second", "third", "fourth", "fifth", "sixth")

NOT_YET = "Too few customers have had the time to come back: here is what there is"


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


def no_cohorts_text(newest: date | None, *, since: date) -> str:
    """Why no cohort since a month is shown, and what to do: `newest` is the month of the newest customers."""
    if newest and newest < since:
        return f"The newest customers came in {month_text(newest)}. Bring in the orders since."
    return "Choose more months, or other customers, above. Shares come with a cohort’s second month."


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


def gap_weeks_text(weeks: int, *, last: int) -> str:
    """The days in gaps of this many whole weeks: 7–13; the last includes longer ones: 182 or more."""
    return f"{weeks * 7} or more" if weeks == last else f"{weeks * 7}–{weeks * 7 + 6}"


def no_rhythm_text(gaps: int) -> str:
    """Why so few times between two orders show no rhythm, where there are any."""
    if not gaps:
        return "It shows once some of them have ordered twice."
    came_back = "once" if gaps == 1 else "twice" if gaps == 2 else f"{gaps} times"
    return f"Customers came back {came_back} so far. From {FEWEST} times on their rhythm is more than chance."


def gaps_finding(summary: GapSummary) -> str:
    """The median of all times between orders; of 0 days, that people order twice a day."""
    if not summary.median:
        return "Half of all repeat orders come on the day of the order before"
    return f"Half of all waits between two orders last {days_text(summary.median)} or less"


def gap_numbers_finding(summaries: Sequence[GapSummary]) -> str:
    """Whether the wait shortens with the orders: the first gap against the latest that enough people had."""
    said = [summary for summary in summaries if summary.number and summary.gaps >= FEWEST]
    if len(said) < 2:
        return "Too few customers came back often to say whether the wait shortens"
    first, last = said[0], said[-1]
    how = "shortens" if last.median < first.median else "grows" if last.median > first.median else "stays"
    between = f"{days_text(first.median)} to {days_text(last.median)}"
    return (
        f"The wait stays at {days_text(first.median)}" if how == "stays" else f"The wait {how} from {between}"
    )


def lapses_finding(lapses: Lapses) -> str:
    """Of the last complete month; the one still running is not."""
    month, lapsed, won_back = lapses.months[-2]
    return (
        f"{count_text(lapsed, 'customer')} lapsed in {month_text(month)}, "
        f"{number_text(won_back)} {'was' if won_back == 1 else 'were'} won back"
    )


def delivery_finding(rows: Sequence[ReturnAfterDelivery]) -> str:
    """Only a difference that the intervals don't overlap in is said to be one."""
    kept = next((row for row in rows if row.outcome == DeliveryReturn.Outcome.KEPT), None)
    late = [row for row in rows if row is not kept and row.customers >= FEWEST]
    if kept is None or kept.customers < FEWEST or not late:
        return "Too few first deliveries to compare late ones with those on time"
    worst = late[-1]
    if worst.interval[1] < kept.interval[0]:
        return (
            f"{whole_percent(worst.share)} come back after a first delivery {_lateness(worst)}, "
            f"{whole_percent(kept.share)} after one on time"
        )
    if worst.interval[0] > kept.interval[1]:
        return "Those whose first delivery was late come back more often, for whatever reason"
    return "A late first delivery shows no clear difference in who comes back"


def _lateness(row: ReturnAfterDelivery) -> str:
    return "1–3 days late" if row.outcome == DeliveryReturn.Outcome.LATE else "4 days late or more"


def days_text(days: int) -> str:
    return count_text(days, "day")
