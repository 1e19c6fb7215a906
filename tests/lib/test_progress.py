from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.progress import Pace, pace

START = datetime(2024, 11, 12, 3, 0, tzinfo=UTC)


def test_pace_is_the_mean_since_the_start() -> None:
    assert pace(done=200, total=1000, started_at=START, now=START + timedelta(seconds=10)) == Pace(
        20, 40, 0.2
    )


def test_no_pace_is_guessed_before_there_is_one() -> None:
    assert pace(done=0, total=10, started_at=START, now=START + timedelta(seconds=9)) == Pace(None, None, 0)
    assert pace(done=5, total=10, started_at=START, now=START) == Pace(None, None, 0.5)
    assert pace(done=0, total=None, started_at=None, now=START) == Pace(None, None, None)


def test_without_a_total_there_is_a_rate_and_no_time_left() -> None:
    result = pace(done=30, total=None, started_at=START, now=START + timedelta(seconds=10))
    assert result == Pace(3, None, None)


@given(st.integers(1, 10**9), st.integers(0, 10**9), st.integers(1, 10**6))
def test_rate_times_time_left_is_what_is_left(total: int, done: int, seconds: int) -> None:
    done = min(done, total)
    result = pace(done=done, total=total, started_at=START, now=START + timedelta(seconds=seconds))
    assert result.share is not None
    assert 0 <= result.share <= 1
    if result.per_second is not None:
        assert result.seconds_left is not None
        assert result.per_second * result.seconds_left == pytest.approx(total - done)
