"""The part of the benchmark on Online Retail, whatever the size of the others."""

from benchmarks.goals import Findings
from benchmarks.imports import measured_retail


def measure(orders: int) -> Findings:
    return measured_retail()
