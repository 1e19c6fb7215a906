from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from segments.value.rounding import FIGURES, to_figures, to_hundredths, to_minor_units

amounts = st.floats(1e-9, 1e12)


@given(amounts)
def test_figures_are_as_many_as_are_meant(value: float) -> None:
    rounded = Decimal(repr(float(to_figures(np.array([value]))[0])))
    assert len(rounded.normalize().as_tuple().digits) <= FIGURES
    assert abs(rounded - Decimal(value)) <= Decimal(value) * Decimal("0.0501")


@given(amounts)
def test_rounding_again_changes_nothing(value: float) -> None:
    once = to_figures(np.array([value]))
    assert to_figures(once)[0] == once[0]


@given(st.lists(amounts, min_size=2, max_size=2).map(sorted))
def test_rounding_keeps_the_order(pair: list[float]) -> None:
    low, high = to_figures(np.array(pair))
    assert low <= high


def test_figures_keep_two_digits_and_what_is_unknown_stays_so() -> None:
    values = np.array([0.0, 0.01234, 0.996, 1.25, 87.5, 12345.0, 996.0, np.nan])
    expected = [0.0, 0.012, 1.0, 1.2, 88.0, 12000.0, 1000.0]
    rounded = to_figures(values)
    assert rounded[:-1].tolist() == expected
    assert np.isnan(rounded[-1])


@given(amounts)
def test_money_is_whole_minor_units(value: float) -> None:
    (minor,) = to_minor_units(np.array([value]))
    assert minor == int(minor)
    assert value >= 100 or minor == int(
        Decimal(to_figures(np.array([value]))[0]).to_integral(ROUND_HALF_EVEN)
    )


@given(st.floats(0, 1))
def test_nothing_in_between_becomes_certain(share: float) -> None:
    (rounded,) = to_hundredths(np.array([share]))
    assert (rounded in (0.0, 1.0)) == (share in (0.0, 1.0))
    assert abs(rounded - share) <= 0.010001


def test_a_share_that_is_not_known_stays_so() -> None:
    assert np.isnan(to_hundredths(np.array([np.nan]))[0])
