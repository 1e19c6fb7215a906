"""What the value pages find, in sentences for the person who opens them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from lib.money import format_money
from lib.wording import day_text, number_text, percent_text
from segments.clv.calibration import FrequencyGroup
from segments.models import ValueFit
from segments.value.calibration import KeptCalibration, Trust
from segments.value.pictures import ALIVE_GROUPS, Row
from segments.value.queries import ValueOfSegment


def times_text(group: int) -> str:
    """How often the people of a group of P(alive) bought: the first day and their repeat days."""
    least, most = ALIVE_GROUPS[group]
    if most is None:
        return f"{least + 1} times or more"
    return "twice" if least == most == 1 else f"{least + 1} to {most + 1} times"


def value_finding(fit: ValueFit) -> str:
    """How much is expected of everybody, and how much of it from the best tenth."""
    horizon = f"the {fit.horizon_days} days after {day_text(fit.as_of)}"
    if fit.expected_value is None:
        return f"Your customers should order about {number_text(_rounded(fit.expected_orders or 0))} times in {horizon}."
    money = format_money(_rounded(fit.expected_value), fit.store.currency)
    return f"Your customers should bring about {money} in {horizon}{_from_the_best(fit.tenths)}."


def _from_the_best(tenths: Sequence[float]) -> str:
    return f", {_whole_percent(tenths[0])} of it from one in ten of them" if tenths else ""


def bands_finding(tenths: Sequence[float]) -> str:
    """How uneven expected value is."""
    if not tenths:
        return "Nothing is expected of anybody"
    half = next(place for place, share in enumerate(tenths, 1) if share >= 0.5)
    few = "One customer in ten brings" if half == 1 else f"{half} customers in ten bring"
    return f"{few} {_whole_percent(tenths[half - 1])} of what is expected"


def segments_finding(rows: Sequence[ValueOfSegment]) -> str:
    """Which segment brings most, and by how few people."""
    best = max(rows, key=lambda row: row.expected_value)
    name = best.segment.name if best.segment else "People in no segment yet"
    return (
        f"{name}, {percent_text(best.share_of_customers)} of customers, "
        f"should bring {percent_text(best.share_of_value)} of it"
    )


def alive_finding(rows: Sequence[Row]) -> str:
    """After how much silence the most and the least frequent are more likely gone than not."""
    silences = {group: _even_odds_day(rows, group) for group in range(len(ALIVE_GROUPS))}
    known = [(group, day) for group, day in silences.items() if day is not None]
    if not known and rows and all((row["p_alive"] or 0) < 0.5 for row in rows):
        return "Everybody who came back once has been silent so long that they are likelier gone than not"
    if not known:
        return "Nobody's silence is long enough yet to make their leaving likelier than not"
    group, day = known[-1]
    sentence = f"People who bought {times_text(group)} are likelier gone than not after {number_text(day)} days of silence"
    first, first_day = known[0]
    if first == group or first_day == day:
        return sentence
    return f"{sentence}; those who bought {times_text(first)}, after {number_text(first_day)}"


def _even_odds_day(rows: Sequence[Row], group: int) -> int | None:
    """The day, halfway through a step of silence, from which the group's mean P(alive) stays under a half."""
    mine = [row for row in rows if row["group"] == group]
    under = [(row["p_alive"] or 0) < 0.5 for row in mine]
    if not any(under) or not under[-1]:
        return None
    start = next((place + 1 for place, (one, _) in reversed(list(enumerate(pairwise(under)))) if not one), 0)
    return int(mine[start]["from"] or 0) if start else None


def calibration_finding(kept: KeptCalibration) -> str:
    """How far off the forecast of the past was, in one sentence."""
    made, until = day_text(kept.calibration_end), day_text(kept.holdout_end)
    error = kept.headline.error
    if error is None:
        return f"Of the customers known by {made}, nobody came back until {until}."
    what = "revenue" if kept.revenue else "orders"
    return f"A forecast of {what} until {until}, made on {made}, would have been {off_text(error)}."


def trust_sentence(kept: KeptCalibration) -> str:
    """What a person may do with the figures, by what came of the last test."""
    apart = (
        "Those of whom more was expected did come more often."
        if kept.tells_customers_apart
        else "They hardly told customers apart, though: don't choose people by these figures alone."
    )
    totals = {
        Trust.CLOSE: "You can plan by the totals: they came within a tenth.",
        Trust.FAIR: "Take the totals as a rough guide: they were off by up to a quarter.",
        Trust.POOR: "Don't plan by the totals: they were off by more than a quarter.",
        Trust.UNKNOWN: "There was nothing to compare the totals with.",
    }
    return f"{totals[kept.trust]} {apart}"


def off_text(error: float) -> str:
    """How far an expected total was off, in words: 8% too high, 3% too low."""
    if abs(error) < 0.005:
        return "within half a per cent"
    return f"{_whole_percent(abs(error))} too {'high' if error > 0 else 'low'}"


def weeks_finding(kept: KeptCalibration) -> str:
    """Where the curve of repeat orders ended, against what happened."""
    last = kept.weeks[-1]
    error = last.expected / last.actual - 1 if last.actual else None
    if error is None:
        return "No repeat orders to compare with"
    day = day_text(kept.holdout_end)
    return f"By {day} the models expected {number_text(round(last.expected))} repeat orders; {number_text(last.actual)} came"


def groups_finding(kept: KeptCalibration) -> str:
    """Whether the frequent stayed frequent, as the models expected."""
    most = kept.groups[-1]
    return (
        f"People who {repeats_text(most)} ordered {number_text(most.actual_mean, 1)} times more; "
        f"{number_text(most.expected_mean, 1)} was expected"
    )


def repeats_text(group: FrequencyGroup) -> str:
    """What a group had done before the test: had come back 3 times, had come back 7 times or more."""
    if group.or_more:
        return f"had come back {group.x} times or more"
    often = {0: "had not come back", 1: "had come back once"}
    return often.get(group.x, f"had come back {group.x} times")


def _whole_percent(share: float) -> str:
    return f"{round(share * 100)}%"


def _rounded(amount: float) -> int:
    """A total as people would say it, to three figures: no forecast is more exact."""
    digits = 3 - len(str(int(abs(amount))))
    return int(round(amount, min(digits, 0)))
