"""What the figures say, in a sentence."""

from datetime import date

import pytest

from segments import findings
from segments.models import ScoreCell, Segment
from segments.queries import SegmentFlow, SizedSegment, SizeOnDay
from segments.rules import CutPoints

CHAMPIONS = Segment(pk=1, name="Champions", health=1)
LOYAL = Segment(pk=2, name="Loyal", health=2)
AT_RISK = Segment(pk=8, name="At risk", health=8)
SINCE = date(2024, 11, 15)
CUTS = CutPoints(recency=(1, 2, 3, 4), frequency=(2, 3, 4, 5), monetary=(1, 2, 3, 4))


def sized(segment: Segment, of_customers: float, of_revenue: float) -> SizedSegment:
    return SizedSegment(segment, int(of_customers * 1000), 1, 1, of_customers, of_revenue, 1.0, None)


def test_regulars_are_the_two_healthiest_segments() -> None:
    shares = [sized(CHAMPIONS, 0.1, 0.4), sized(LOYAL, 0.15, 0.3), sized(AT_RISK, 0.75, 0.3)]
    expected = "Champions and Loyal, 25.0% of customers, bring 70.0% of revenue"
    assert findings.shares_finding(shares) == expected


def test_a_shop_without_regulars_says_so() -> None:
    shares = [sized(CHAMPIONS, 0, 0), sized(AT_RISK, 1, 1)]
    assert findings.shares_finding(shares) == "No customer is among your regulars yet"


@pytest.mark.parametrize(
    ("flows", "said"),
    [
        ([], "Nobody moved from one segment to another"),
        ([SegmentFlow(LOYAL, CHAMPIONS, 3)], "3 moved up"),
        (
            [
                SegmentFlow(LOYAL, AT_RISK, 1204),
                SegmentFlow(LOYAL, CHAMPIONS, 3),
                SegmentFlow(None, LOYAL, 2),
            ],
            "3 moved up, 1,204 slipped and 2 arrived",
        ),
    ],
)
def test_moves_are_told_by_the_way_they_went(flows: list[SegmentFlow], said: str) -> None:
    assert findings.moves_finding(flows) == said


def test_overview_tells_the_largest_move_between_segments() -> None:
    flows = [
        SegmentFlow(None, LOYAL, 99),
        SegmentFlow(LOYAL, AT_RISK, 7),
        SegmentFlow(LOYAL, CHAMPIONS, 3),
    ]
    said = findings.overview_finding([], flows, SINCE, CUTS)
    assert said == "7 customers slipped from Loyal to At risk since 15 Nov 2024."


def test_overview_without_moves_tells_who_brings_the_revenue() -> None:
    said = findings.overview_finding([sized(CHAMPIONS, 0.1, 0.4)], [], None, CUTS)
    assert said == "Champions, 10.0% of customers, brings 40.0% of revenue."


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ([], "Loyal has no refresh yet"),
        ([5], "Loyal has 5 customers"),
        ([5, 9, 5], "Loyal has 5 customers"),
        ([8, 10], "Loyal grew by 25.0% to 10 customers since 1 Nov 2024"),
        ([100, 328], "Loyal grew to 3.3 times its size, 328 customers, since 1 Nov 2024"),
        ([8, 6], "Loyal shrank by 25.0% to 6 customers since 1 Nov 2024"),
        ([0, 1], "Loyal grew from nobody to 1 customer since 1 Nov 2024"),
    ],
)
def test_trend_compares_the_last_day_with_the_first(counts: list[int], said: str) -> None:
    points = [SizeOnDay(date(2024, 11, day), count, 0) for day, count in enumerate(counts, 1)]
    assert findings.trend_finding(LOYAL, points) == said


@pytest.mark.parametrize(
    ("flows", "said"),
    [
        ([], "Nobody came and nobody left since 15 Nov 2024."),
        (
            [SegmentFlow(AT_RISK, LOYAL, 5), SegmentFlow(LOYAL, AT_RISK, 2)],
            "5 came and 2 left since 15 Nov 2024: 3 customers more.",
        ),
        ([SegmentFlow(LOYAL, AT_RISK, 1)], "0 came and 1 left since 15 Nov 2024: 1 customer fewer."),
        (
            [SegmentFlow(AT_RISK, LOYAL, 2), SegmentFlow(LOYAL, AT_RISK, 2)],
            "2 came and 2 left since 15 Nov 2024: the same number as before.",
        ),
    ],
)
def test_passage_adds_up_who_came_and_who_left(flows: list[SegmentFlow], said: str) -> None:
    assert findings.passage_finding(LOYAL, flows, SINCE) == said


def test_a_score_skipped_by_ties_is_explained() -> None:
    skipped = CutPoints(recency=(1, 2, 3, 4), frequency=(2, 2, 3, 5), monetary=(1, 2, 3, 4))
    assert "frequency score 2" in findings.skipped_finding(skipped)
    assert findings.skipped_finding(CUTS) == ""


def test_fullest_cell_of_the_grid() -> None:
    cells = [ScoreCell(r=1, f=1, customers=3), ScoreCell(r=5, f=2, customers=1)]
    assert findings.cells_finding(cells) == "The fullest cell, R1 F1, holds 75.0% of customers"
    assert findings.cells_finding([]) == "Nobody is scored yet"
