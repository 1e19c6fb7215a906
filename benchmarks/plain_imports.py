"""The part of the benchmark on a plain file."""

from benchmarks.goals import Findings
from benchmarks.imports import measured_plain


def measure(orders: int) -> Findings:
    return measured_plain(orders)
