"""Where a customer stands and what would move them."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from segments.rules import CutPoints, Scores, cube_from_grid
from segments.standing import Band, Position, Rise, Scheme, Slip, rises, scales, slips

CUTS = CutPoints(recency=(20, 60, 150, 300), frequency=(2, 2, 3, 6), monetary=(1000, 2500, 5000, 12000))
CELLS = cube_from_grid("rf", 5, {(r, f): f"R{r}F{f}" for r in range(1, 6) for f in range(1, 6)})
SCHEME = Scheme(CUTS, CELLS, 5, "prospects")
TODAY = date(2025, 11, 22)

whole = st.integers(min_value=0, max_value=400)
cut_points = st.lists(whole, min_size=4, max_size=4).map(lambda values: tuple(sorted(values)))
positions = st.builds(
    Position, recency=whole, frequency=st.integers(1, 400), monetary=st.integers(-500, 50_000)
)
schemes = st.builds(CutPoints, cut_points, cut_points, cut_points).map(
    lambda cuts: Scheme(cuts, CELLS, 5, "prospects")
)


def ranges(scale):
    return [(band.score, band.lowest, band.highest) for band in scale.bands]


def test_scales_run_from_the_worst_score_to_the_best():
    recency, frequency, monetary = scales(Position(35, 4, 3000), CUTS)
    assert ranges(recency) == [(1, 300, None), (2, 150, 299), (3, 60, 149), (4, 20, 59), (5, None, 19)]
    assert ranges(monetary) == [
        (1, None, 999),
        (2, 1000, 2499),
        (3, 2500, 4999),
        (4, 5000, 11999),
        (5, 12000, None),
    ]
    assert (recency.score, frequency.score, monetary.score) == (4, 4, 3)


def test_a_score_that_ties_leave_empty_is_an_empty_band():
    _, frequency, _ = scales(Position(35, 1, 3000), CUTS)
    assert [band.score for band in frequency.bands if band.is_empty] == [2]


ends = st.none() | st.integers(-3, 12)


@given(
    band=st.builds(Band, score=st.just(3), lowest=ends, highest=ends, is_here=st.just(False)),
    low=ends,
    high=ends,
)
def test_a_band_meets_a_range_where_some_value_is_in_both(band, low, high):
    def within(value, first, last):
        return (first is None or first <= value) and (last is None or value <= last)

    both = [one for one in range(-4, 14) if within(one, band.lowest, band.highest) and within(one, low, high)]
    assert band.meets(low, high) == bool(both)


def test_a_customer_without_orders_stands_in_no_band():
    for scale in scales(Position(None, 0, 0), CUTS):
        assert scale.score == 0
        assert not any(band.is_here for band in scale.bands)


@given(positions, schemes)
def test_the_band_one_stands_in_holds_the_value_and_is_the_only_one(at, scheme):
    for scale in scales(at, scheme.cuts):
        holding = [
            band
            for band in scale.bands
            if (band.lowest is None or band.lowest <= scale.value)
            and (band.highest is None or scale.value <= band.highest)
        ]
        assert holding == [band for band in scale.bands if band.is_here]
        assert [band.score for band in holding] == [scale.score]


def test_one_more_order_makes_the_score_of_recency_the_best_and_frequency_one_more():
    assert rises(Position(200, 2, 3000), SCHEME, typical_order=1500) == [
        Rise(1, "R5F4", Scores(5, 4, 3)),
    ]


def test_a_champion_has_nowhere_to_rise():
    assert rises(Position(3, 9, 90_000), SCHEME, typical_order=10_000) == []


def test_a_prospects_first_order_is_what_moves_them():
    first, *_ = rises(Position(None, 0, 0), SCHEME, typical_order=1500)
    assert (first.orders, first.segment) == (1, "R5F1")


def test_silence_slips_on_the_day_recency_reaches_each_cut_point():
    assert slips(Position(35, 4, 3000), SCHEME, as_of=TODAY) == [
        Slip(date(2025, 12, 17), 25, "R3F4", Scores(3, 4, 3)),
        Slip(date(2026, 3, 17), 115, "R2F4", Scores(2, 4, 3)),
        Slip(date(2026, 8, 14), 265, "R1F4", Scores(1, 4, 3)),
    ]


def test_silence_costs_a_customer_without_orders_nothing():
    assert slips(Position(None, 0, 0), SCHEME, as_of=TODAY) == []


@given(positions, schemes)
def test_a_slip_happens_on_its_day_and_not_the_day_before(at, scheme):
    for slip in slips(at, scheme, as_of=TODAY):
        assert slip.on == TODAY + timedelta(days=slip.days_away)
        then = Position(at.recency + slip.days_away, at.frequency, at.monetary)
        eve = Position(then.recency - 1, at.frequency, at.monetary)
        assert scheme.segment(then) == slip.segment
        assert scheme.segment(eve) != slip.segment


@given(positions, schemes, st.integers(0, 5000))
def test_a_rise_needs_every_order_it_asks_for(at, scheme, typical):
    for rise in rises(at, scheme, typical_order=typical):

        def after(orders, rise=rise):
            if orders == 0:
                return scheme.segment(at)
            return scheme.segment(Position(0, at.frequency + orders, at.monetary + orders * typical))

        assert after(rise.orders) == rise.segment
        assert after(rise.orders - 1) != rise.segment
