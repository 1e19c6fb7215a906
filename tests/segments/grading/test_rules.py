"""Separation and its interval, against the definitions one pair at a time."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segments.grading.rules import LEAST_ON_EACH_SIDE, Outcome, separation


def area_by_pairs(people: list[tuple[int, bool]]) -> Fraction:
    """Every buyer against everybody who didn't buy: 1 where the buyer is healthier, a half for a tie."""
    buyers = [health for health, bought in people if bought]
    others = [health for health, bought in people if not bought]
    won = sum(Fraction((b < o) * 2 + (b == o), 2) for b, o in product(buyers, others))
    return won / (len(buyers) * len(others))


def outcomes_of(people: list[tuple[int, bool]]) -> list[Outcome]:
    """One outcome a person: the rules are to gather them."""
    return [Outcome(health, int(bought), int(not bought)) for health, bought in people]


@given(st.lists(st.tuples(st.integers(1, 6), st.booleans()), min_size=20, max_size=80))
def test_separation_is_the_share_of_pairs_won(people: list[tuple[int, bool]]) -> None:
    found = separation(outcomes_of(people))
    buyers = sum(bought for _, bought in people)
    if min(buyers, len(people) - buyers) < LEAST_ON_EACH_SIDE:
        assert found is None
        return
    assert found is not None
    assert found.value == pytest.approx(float(area_by_pairs(people)), abs=1e-12)
    assert 0 <= found.low <= found.value + 1e-12
    assert found.value - 1e-12 <= found.high <= 1


def test_interval_of_separation_is_delong_s_one_person_at_a_time() -> None:
    people = [(1, True)] * 12 + [(1, False)] * 5 + [(2, True)] * 7 + [(2, False)] * 9 + [(3, False)] * 8
    buyers = [health for health, bought in people if bought]
    others = [health for health, bought in people if not bought]

    def won(buyer: int, other: int) -> float:
        return 1.0 if buyer < other else 0.5 if buyer == other else 0.0

    area = float(area_by_pairs(people))
    of_buyers = [sum(won(b, o) for o in others) / len(others) for b in buyers]
    of_others = [sum(won(b, o) for b in buyers) / len(buyers) for o in others]
    variance = sum((place - area) ** 2 for place in of_buyers) / (len(buyers) - 1) / len(buyers)
    variance += sum((place - area) ** 2 for place in of_others) / (len(others) - 1) / len(others)
    found = separation(outcomes_of(people))
    assert found is not None
    assert found.low == pytest.approx(area - 1.959963984540054 * variance**0.5)
    assert found.high == pytest.approx(area + 1.959963984540054 * variance**0.5)


def test_perfect_segments_separate_fully_and_one_segment_not_at_all() -> None:
    perfect = separation([Outcome(1, 10, 0), Outcome(2, 0, 30)])
    alone = separation([Outcome(1, 10, 30)])
    turned = separation([Outcome(2, 10, 0), Outcome(1, 0, 30)])
    assert perfect is not None
    assert alone is not None
    assert turned is not None
    assert (perfect.value, alone.value, turned.value) == (1.0, 0.5, 0.0)
