"""Charts of the order pages: figures plotly accepts, the same numbers in the table, findings that hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import plotly.graph_objects as go
import pytest

from lib.charts import Chart
from orders.charts import (
    days_late_bars,
    guests_by_month_bars,
    method_shares_by_month,
    on_time_by_month,
    time_to_register_bars,
)
from orders.rollup_queries import EARLIEST, LATEST, Deliveries, Figures, Guests

TODAY = date(2025, 6, 15)
MONTHS = [date(2025, month, 1) for month in (3, 4, 5, 6)]


def link(month: date) -> str:
    return f"/s/shop/orders/?since={month}"


def delivered(on_time: int, late: int) -> Deliveries:
    return Deliveries(orders=on_time + late, promised=on_time + late, judged=on_time + late, on_time=on_time)


def on_time() -> Chart:
    shares = [delivered(90, 10), delivered(60, 40), delivered(19, 0), delivered(95, 5)]
    return on_time_by_month(list(zip(MONTHS, shares, strict=True)), today=TODAY, link=link)


def days_late() -> Chart:
    counts = {-1: 20, 0: 70, 1: 6, 2: 2, LATEST: 2}
    return days_late_bars([(day, counts.get(day, 0)) for day in range(EARLIEST, LATEST + 1)])


def method_shares() -> Chart:
    card = [Figures(orders=n) for n in (80, 70, 60, 50)]
    paypal = [Figures(orders=n) for n in (20, 30, 40, 50)]
    return method_shares_by_month(
        [("Card", list(zip(MONTHS, card, strict=True))), ("PayPal", list(zip(MONTHS, paypal, strict=True)))]
    )


def guests_bars() -> Chart:
    return guests_by_month_bars([(MONTHS[0], 6, 4), (MONTHS[1], 8, 2), (MONTHS[2], 9, 1), (MONTHS[3], 10, 0)])


def register_bars() -> Chart:
    return time_to_register_bars(Guests(guests=40, registered={7: 2, 30: 3, 9999: 5}))


CHARTS = [on_time, days_late, method_shares, guests_bars, register_bars]


@pytest.mark.parametrize("make", CHARTS, ids=lambda make: make.__name__)
def test_figure_is_one_that_plotly_draws(make: Callable[[], Chart]) -> None:
    figure = make().figure
    go.Figure(data=_without_colours(figure["data"]), layout=_without_colours(figure["layout"]))


@pytest.mark.parametrize("make", CHARTS, ids=lambda make: make.__name__)
def test_every_row_of_the_table_has_every_column(make: Callable[[], Chart]) -> None:
    chart = make()
    assert chart.rows
    assert all(len(row) == len(chart.columns) for row in chart.rows)
    assert chart.title
    assert chart.subtitle
    assert chart.script


def _without_colours(part: object) -> object:
    """Custom properties are resolved by the page; plotly's own check knows colours alone."""
    if isinstance(part, dict):
        return {name: _without_colours(value) for name, value in part.items() if value is not None}
    if isinstance(part, list):
        return [_without_colours(value) for value in part]
    return "#123456" if isinstance(part, str) and part.startswith("var(") else part


def test_on_time_leaves_out_months_too_small_to_judge() -> None:
    chart = on_time()
    assert [row[0] for row in chart.rows] == ["March 2025", "April 2025", "June 2025"]
    assert chart.figure["data"][0]["y"] == [0.9, 0.6, 0.95]
    assert chart.title == "April 2025 was the worst month: 60.0% came on time"


def test_on_time_opens_the_late_orders_of_its_month_and_marks_the_present_one() -> None:
    chart = on_time()
    assert chart.links == (link(MONTHS[0]), link(MONTHS[1]), link(MONTHS[3]))
    assert chart.figure["data"][0]["customdata"] == chart.links
    colours = chart.figure["data"][0]["marker"]["color"]
    assert colours[-1] != colours[0] == colours[1]


def test_days_late_adds_up_and_says_how_near() -> None:
    chart = days_late()
    assert sum(row[1] for row in chart.rows) == 100
    assert chart.title == "80.0% of what comes late is late by a day or two"
    assert [row[0] for row in chart.rows][:5] == [
        "3 days or more early",
        "2 days early",
        "1 day early",
        "On the day",
        "1 day late",
    ]
    assert chart.rows[-1] == ("8 days or more late", 2, 2.0)


def test_days_late_of_a_shop_that_is_never_late() -> None:
    days = [(day, 10 if day == 0 else 0) for day in range(EARLIEST, LATEST + 1)]
    assert days_late_bars(days).title == "Nothing came late"


def test_method_shares_are_of_the_months_orders() -> None:
    chart = method_shares()
    assert chart.rows == [
        ("March 2025", 80.0, 20.0),
        ("April 2025", 70.0, 30.0),
        ("May 2025", 60.0, 40.0),
        ("June 2025", 50.0, 50.0),
    ]
    assert chart.title in (
        "Card lost 30 points of share over the period",
        "PayPal gained 30 points of share over the period",
    )


def test_labels_at_the_same_height_are_moved_apart() -> None:
    places = [label["y"] for label in method_shares().figure["layout"]["annotations"]]
    assert abs(places[0] - places[1]) >= 0.05


def test_method_shares_of_a_month_without_orders_is_a_gap() -> None:
    card = [Figures(orders=10), Figures(), Figures(orders=10), Figures(orders=10)]
    chart = method_shares_by_month([("Card", list(zip(MONTHS, card, strict=True)))])
    assert chart.figure["data"][0]["y"] == [1.0, None, 1.0, 1.0]
    assert chart.title == "What people pay with hasn't changed"


def test_guests_by_month_speaks_of_the_earlier_half() -> None:
    chart = guests_bars()
    assert chart.title == "Of guests who came first by April 2025, 30.0% registered"
    assert chart.rows[0] == ("March 2025", 4, 6)


def test_time_to_register_counts_every_guest_who_did() -> None:
    chart = register_bars()
    assert sum(row[1] for row in chart.rows) == 10
    assert chart.title == "50.0% of those who registered did so within 90 days"
