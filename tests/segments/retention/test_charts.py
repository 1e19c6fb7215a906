"""The triangle's picture: what is set apart, and what a phone can show."""

from __future__ import annotations

from datetime import date
from typing import Any

from segments.retention.charts import cohort_triangle
from segments.retention.queries import Cohort, Measure


def address(month: date, age: int) -> str:
    return f"/{month:%Y-%m}/{age}"


def triangle(amounts: list[tuple[int, ...]], measure: Measure = "customers", *, as_share: bool = True) -> Any:
    cohorts = [Cohort(date(2025, month, 1), row[0], row) for month, row in enumerate(amounts, 1)]
    return cohort_triangle(
        cohorts, measure=measure, as_share=as_share, whom="all customers", currency="GBP", link=address
    )


def test_the_month_still_running_is_set_apart() -> None:
    settled, running = triangle([(200, 50, 20), (100, 30), (40,)]).figure["data"]
    assert settled["text"] == [["25", ""], ["", ""]]
    assert running["text"] == [["", "10"], ["30", ""]]
    assert settled["z"] == [[0.25, None], [None, None]]


def test_amounts_keep_the_cohort_s_own_month() -> None:
    settled, running = triangle([(123_456, 5_000), (1_500_000,)], "revenue", as_share=False).figure["data"]
    assert settled["text"] == [["1,235", ""], ["", ""]]
    assert running["text"] == [["", "50"], ["15k", ""]]


def test_table_has_the_same_numbers_and_the_whole() -> None:
    chart = triangle([(200, 50, 20), (100, 30), (40,)])
    assert chart.columns == ("Cohort", "Customers", "+0", "+1", "+2")
    assert list(chart.rows) == [
        ("Jan 2025", 200, "100.0%", "25.0%", "10.0%"),
        ("Feb 2025", 100, "100.0%", "30.0%", None),
    ]
    assert chart.title == "25% of new customers order in the month after their first"


def test_a_phone_shows_figures_where_they_have_room() -> None:
    few = triangle([(200, 50, 20), (100, 30), (40,)])
    many = triangle([tuple([9_000] * (13 - month)) for month in range(1, 13)], as_share=False)
    assert {trace["texttemplate"] for trace in few.figure["narrow"]["data"]} == {"%{text}"}
    assert {trace["texttemplate"] for trace in many.figure["narrow"]["data"]} == {""}


def test_each_cell_carries_the_address_of_its_people() -> None:
    chart = triangle([(200, 50, 20), (100, 30), (40,)])
    for trace in chart.figure["data"]:
        assert trace["customdata"] == [["/2025-01/1", "/2025-01/2"], ["/2025-02/1", None]]
    assert chart.links == ("/2025-01/0", "/2025-02/0")
