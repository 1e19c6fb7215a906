"""What the page of a grading shows."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Store
from lib.charts import Chart
from segments.addresses import segment_url
from segments.grading.charts import bought_chart
from segments.grading.findings import misplaced_finding, separation_finding
from segments.grading.queries import GradedScheme, graded_scheme
from segments.models import Grading


@dataclass(frozen=True)
class GradingPage:
    """A grading with its sentences; `misplaced` is empty if no segment is out of order, `chart` None if nobody was
    graded.
    """

    grading: Grading
    graded: GradedScheme
    finding: str
    misplaced: str
    chart: Chart | None


def grading_page(store: Store, grading: Grading) -> GradingPage:
    """The page of a grading. One query."""
    graded = graded_scheme(grading)
    shown = bool(graded.everybody.customers)
    return GradingPage(
        grading=grading,
        graded=graded,
        finding=separation_finding(graded),
        misplaced=misplaced_finding(graded),
        chart=bought_chart(grading, graded, link=lambda one: segment_url(store, one)) if shown else None,
    )
