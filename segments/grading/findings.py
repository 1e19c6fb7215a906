"""What a grading says, in sentences. Pure."""

from __future__ import annotations

from lib.wording import number_text, percent_text
from segments.grading.queries import GradedScheme, GradedSegment
from segments.grading.rules import LEAST_ON_EACH_SIDE, Separation

# Judgements of an area under the curve that are usual: 0.7 is acceptable, 0.8 is excellent (Hosmer and
# Lemeshow, Applied Logistic Regression, section 5.2.4); below 0.6 it is of little use.
_WELL, _FAIRLY = 0.7, 0.6


def separation_word(found: Separation | None) -> str:
    """How well a scheme separates, as the end of “the segments separate …”."""
    if found is None:
        return "can't be told"
    if found.high < 0.5:
        return "the wrong way round"
    if found.low <= 0.5:
        return "no better than chance"
    return "well" if found.value >= _WELL else "fairly" if found.value >= _FAIRLY else "a little"


def separation_finding(graded: GradedScheme) -> str:
    """Whether the segments told who would buy."""
    found, everybody = graded.separation, graded.everybody
    if not everybody.customers:
        return "Nobody had ordered by then, so there is nothing to grade."
    if found is None:
        return (
            f"Of {number_text(everybody.customers)} people {number_text(everybody.buyers)} bought since: too few on "
            f"one side to grade the segments. It takes {LEAST_ON_EACH_SIDE} who bought and as many who didn't."
        )
    if found.high < 0.5:
        return "These segments tell it the wrong way round: people in healthier segments bought less often."
    if found.low <= 0.5:
        return (
            "These segments don't separate: knowing somebody's segment says no more than chance on who buys."
        )
    out_of_ten = f"in {number_text(found.value * 10, 1)} of 10 cases"
    word = {"well": "separate well", "fairly": "separate fairly", "a little": "separate only a little"}
    return (
        f"These segments {word[separation_word(found)]}: of somebody who bought and somebody who didn't, the one "
        f"who bought stood in the healthier segment {out_of_ten}."
    )


def misplaced_finding(graded: GradedScheme) -> str:
    """The pair of segments that are furthest in the wrong order beyond chance; empty where none is."""
    worst: tuple[float, str] = (0.0, "")
    for place, healthier in enumerate(graded.segments):
        for other in graded.segments[place + 1 :]:
            gap = _wrong_by(healthier, other)
            if gap > worst[0]:
                worst = (
                    gap,
                    f"{other.segment.name} bought more often than {healthier.segment.name}, "
                    f"{percent_text(other.people.share)} against {percent_text(healthier.people.share)}, though it "
                    "ranks as less healthy.",
                )
    return worst[1]


def _wrong_by(healthier: GradedSegment, other: GradedSegment) -> float:
    """The gap between the two intervals if they are in the wrong order; 0 if they overlap or are in order."""
    first, second = healthier.people.interval, other.people.interval
    if first is None or second is None or healthier.segment.health == other.segment.health:
        return 0.0
    return max(0.0, second.low - first.high)


def best_finding(graded: GradedScheme) -> str:
    """The title of the chart: who bought most often, and how much more often than everybody."""
    shown = [one for one in graded.segments if one.lift is not None]
    if not shown:
        return "Nobody bought in this stretch"
    best = max(shown, key=lambda one: (one.lift or 0.0, one.people.customers))
    return (
        f"{best.segment.name} bought most often: {percent_text(best.people.share)} of them, "
        f"{number_text(best.lift, 1)} times everybody's share"
    )
