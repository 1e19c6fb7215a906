"""The sentences of the order pages say what the figures bear, and no more."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from orders.findings import (
    Part,
    delivery_finding,
    guests_finding,
    orders_finding,
    payments_finding,
    stands_out,
)
from orders.rollup_queries import Deliveries, FacetFigures, Figures, Guests

PERIOD = "in the last 12 months"


def delivered(judged: int, late: int) -> Deliveries:
    return Deliveries(orders=judged, promised=judged, judged=judged, on_time=judged - late)


def method(value: str, orders: int, refunded: int, share: float) -> FacetFigures:
    return FacetFigures(value, Figures(orders=orders, counted=orders, refunded_orders=refunded), share, None)


def test_orders_are_set_beside_the_days_before() -> None:
    now, before = Figures(orders=120, net=1_000_00), Figures(orders=100)
    assert orders_finding(now, before, 0, "GBP") == (
        "120 orders in the last 30 days, £1,000 net, 20.0% more than in the 30 days before."
    )
    tripled = orders_finding(Figures(orders=328, net=1_000_00), before, 0, "GBP")
    assert tripled.endswith("net, 3.3 times as many as in the 30 days before.")
    assert "overdue" in orders_finding(now, before, 3, "GBP")
    assert "1 delivery is overdue" in orders_finding(now, before, 1, "GBP")


def test_few_orders_before_are_no_measure() -> None:
    text = orders_finding(Figures(orders=1, net=500), Figures(orders=3), 0, "GBP")
    assert text == "1 order in the last 30 days, £5.00 net."


def test_no_orders_lately() -> None:
    assert orders_finding(Figures(), Figures(orders=50), 0, "GBP") == "No orders in the last 30 days."


def test_carrier_is_blamed_when_it_is_later_by_more_than_chance() -> None:
    carriers = [("Swift", delivered(1000, 50)), ("Slow", delivered(500, 100))]
    assert delivery_finding(delivered(1500, 150), carriers, PERIOD) == (
        "90.0% of deliveries came by the promised day in the last 12 months; "
        "Slow was late one time in 5 and brought 66.7% of what came late."
    )


def test_no_carrier_is_blamed_for_chance() -> None:
    carriers = [("Swift", delivered(100, 9)), ("Slow", delivered(100, 11))]
    assert "Slow" not in delivery_finding(delivered(200, 20), carriers, PERIOD)


def test_no_carrier_is_blamed_where_there_is_one() -> None:
    assert "Only" not in delivery_finding(delivered(100, 20), [("Only", delivered(100, 20))], PERIOD)


def test_delivery_that_cannot_be_judged_is_said_so() -> None:
    text = delivery_finding(Deliveries(orders=40), [], PERIOD)
    assert text == (
        "Whether orders came on time in the last 12 months isn't known: "
        "none has both a promised day and a delivery."
    )


def test_method_with_many_refunds_is_named_and_chance_is_not() -> None:
    methods = [method("Card", 1000, 20, 0.5), method("PayPal", 1000, 60, 0.5)]
    assert payments_finding(methods, PERIOD, ["Card", "PayPal"]).endswith(
        "PayPal are refunded most, 6.0% of them."
    )
    alike = [method("Card", 1000, 30, 0.5), method("PayPal", 1000, 33, 0.5)]
    assert "no method" in payments_finding(alike, PERIOD, ["Card", "PayPal"])


def test_orders_that_say_no_method_are_no_method() -> None:
    unsaid, card = method("", 1000, 0, 0.7), method("Card", 400, 0, 0.3)
    said = payments_finding([unsaid], PERIOD, ["Not said"])
    assert said == "How orders were paid in the last 12 months isn’t known: none of them says it."
    assert payments_finding([unsaid, card], PERIOD, ["Not said", "Card"]).startswith(
        "Card paid 30.0% of orders"
    )


def test_guests_and_how_many_registered() -> None:
    buyers = [FacetFigures("guest", Figures(orders=5), 0.2, 0.25)]
    assert guests_finding(Guests(200, {7: 10, 90: 20}), buyers, "so far") == (
        "200 people bought first as a guest so far, and 30 (15.0%) have registered since; "
        "those who are guests to this day bring 25.0% of revenue."
    )
    assert "none has registered" in guests_finding(Guests(1, {}), [], "so far")
    assert (
        guests_finding(Guests(0, {}), [], "so far") == "Nobody bought as a guest for the first time so far."
    )


parts = st.integers(1, 500).flatmap(lambda whole: st.builds(Part, st.integers(0, whole), st.just(whole)))


@given(parts, parts)
def test_only_one_of_two_stands_out(one: Part, other: Part) -> None:
    assert not (stands_out(one, other) and stands_out(other, one))


@given(parts, st.integers(1, 20))
def test_equal_shares_never_stand_out(part: Part, times: int) -> None:
    assert not stands_out(part, Part(part.count * times, part.whole * times))


def test_nothing_stands_out_from_nothing() -> None:
    assert not stands_out(Part(3, 3), Part(0, 0))
