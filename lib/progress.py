"""How fast long work goes and how long it has left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Pace:
    """`per_second` in the work's unit; `seconds_left` where a total is known; `share` from 0 to 1."""

    per_second: float | None
    seconds_left: float | None
    share: float | None


def pace(*, done: int, total: int | None, started_at: datetime | None, now: datetime) -> Pace:
    """The mean pace since the start; unknown in the first half second and until something is done."""
    share = min(done / total, 1.0) if total else None
    elapsed = (now - started_at).total_seconds() if started_at else 0.0
    if elapsed < 0.5 or done <= 0:
        return Pace(None, None, share)
    rate = done / elapsed
    return Pace(rate, (total - done) / rate if total and total >= done else None, share)
