"""Time the value models on a million customers drawn from them: `python -m benchmarks.clv_fit [CUSTOMERS]`."""

from __future__ import annotations

import resource
import sys
import time

import numpy as np

from segments.clv.bgnbd import fit_bgnbd
from segments.clv.gamma_gamma import fit_gamma_gamma
from segments.clv.histories import Histories
from segments.clv.value import ValueModel, customer_values


def drawn_histories(customers: int, *, seed: int = 7) -> Histories:
    """Three years of days: orders by BG/NBD (r .6, alpha 60, a .4, b 4), spend by Gamma-Gamma (6.25, 3.74, 15)."""
    rng = np.random.default_rng(seed)
    rate, leaving = rng.gamma(0.6, 1 / 60, customers), rng.beta(0.4, 4.0, customers)
    end = rng.integers(0, 1096, customers).astype(np.float64)
    x, t_x, now = np.zeros(customers), np.zeros(customers), np.zeros(customers)
    active = np.arange(customers)
    while len(active):
        # An order falls on a whole day, as in a shop's records, and the next one on a later day.
        now[active] += np.maximum(1, np.ceil(rng.exponential(1 / rate[active])))
        active = active[now[active] <= end[active]]
        x[active] += 1
        t_x[active] = now[active]
        active = active[rng.random(len(active)) >= leaving[active]]
    spend = rng.gamma(6.25 * np.maximum(x, 1)) / np.maximum(x, 1) / rng.gamma(3.74, 1 / 15, customers)
    return Histories.of(x=x, t_x=t_x, T=end, m_x=np.where(x > 0, spend.round(2), 0))


def main(customers: int) -> None:
    """Print what was fitted, how long each step took on the wall and on the processor, and the memory."""
    histories = drawn_histories(customers)
    distinct = len(histories.by_timing().x)
    print(
        f"{customers:,} customers, {histories.repeat_buyers:,} repeat buyers, {distinct:,} distinct histories"
    )
    model = ValueModel(
        timed("BG/NBD", lambda: fit_bgnbd(histories)),
        timed("Gamma-Gamma", lambda: fit_gamma_gamma(histories)),
    )
    timed("year ahead", lambda: customer_values(model, histories, horizon=365.0))
    print(model.orders, model.spend, sep="\n")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def timed(name, work):
    """Run the work and print its times in seconds."""
    wall, processor = time.perf_counter(), time.process_time()
    result = work()
    print(
        f"{name:>12}: {time.perf_counter() - wall:5.1f} s wall, {time.process_time() - processor:5.1f} s processor"
    )
    return result


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
