"""CDNOW's sample, read from the shared data, and customers drawn from the models themselves."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from segments.clv.histories import Histories, Summary, Transactions, Unit, summarise

CDNOW = Path(__file__).resolve().parents[4] / "shared" / "data" / "cdnow"
CALIBRATION_END = date(1997, 9, 30)
HOLDOUT_END = date(1998, 6, 30)


@pytest.fixture(scope="session")
def cdnow() -> Transactions:
    """The 6,919 rows of CDNOW's sample of 2,357 customers."""
    path = CDNOW / "CDNOW_sample.txt"
    if not path.exists():
        pytest.skip("CDNOW_sample.txt is not there: put the shared data beside the project")
    rows = [line.split() for line in path.read_text().splitlines() if line.strip()]
    return Transactions.merged(
        customer=[int(row[1]) for row in rows],
        day=[f"{row[2][:4]}-{row[2][4:6]}-{row[2][6:]}" for row in rows],
        amount=[float(row[4]) for row in rows],
    )


@pytest.fixture(scope="session")
def cdnow_summary(cdnow: Transactions) -> Summary:
    """The sample's histories after 39 weeks, in weeks."""
    return summarise(cdnow, until=CALIBRATION_END, unit=Unit.WEEK)


@pytest.fixture(scope="session")
def cdnow_reference() -> list[dict[str, str]]:
    """The sample's histories as computed elsewhere, by customer, with hx: transactions in the holdout."""
    path = CDNOW / "cbs_39wk_reference.csv"
    if not path.exists():
        pytest.skip("cbs_39wk_reference.csv is not there: put the shared data beside the project")
    with path.open(newline="") as lines:
        return sorted(csv.DictReader(lines), key=lambda row: int(row["id"]))


@dataclass(frozen=True)
class Shop:
    """Customers drawn from the models: their histories, and their orders within `horizon` after T."""

    histories: Histories
    later: np.ndarray


def drawn_shop(
    *, customers: int, r: float, alpha: float, a: float, b: float, horizon: float = 0.0, seed: int = 1
) -> Shop:
    """Play the BG/NBD's story order by order; spend is gamma-gamma with p = 6, q = 4, v = 15."""
    rng = np.random.default_rng(seed)
    columns = []
    for rate, leaving in zip(rng.gamma(r, 1 / alpha, customers), rng.beta(a, b, customers), strict=True):
        end, now, times = rng.uniform(10, 100), 0.0, []
        while True:
            now += rng.exponential(1 / rate) if rate > 0 else np.inf
            if now > end + horizon:
                break
            times.append(now)
            if rng.random() < leaving:
                break
        seen = [time for time in times if time <= end]
        spend = rng.gamma(6.0, 1 / rng.gamma(4.0, 1 / 15.0), len(seen)).mean() if seen else 0.0
        columns.append((len(seen), seen[-1] if seen else 0.0, end, spend, len(times) - len(seen)))
    x, t_x, end, m_x, later = np.array(columns).T
    return Shop(Histories.of(x=x, t_x=t_x, T=end, m_x=m_x), later)


@pytest.fixture(scope="session")
def shop() -> Shop:
    """6,000 customers of whom many leave."""
    return drawn_shop(customers=6000, r=0.8, alpha=8.0, a=1.2, b=3.0, horizon=50.0)
