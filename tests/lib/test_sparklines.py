import re

from hypothesis import given
from hypothesis import strategies as st

from lib.sparklines import HEIGHT, WIDTH, sparkline

VALUES = st.lists(st.none() | st.integers(-(10**9), 10**9), max_size=60)


def points_of(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"([\d.]+) ([\d.]+)", path)]


def test_rising_values_rise_on_the_page() -> None:
    line = sparkline([1, 2, 3])
    assert line is not None
    heights = [y for _, y in points_of(line.path)]
    assert heights == sorted(heights, reverse=True)  # SVG counts downwards
    assert (line.x, line.y) == points_of(line.path)[-1]


def test_unchanging_values_run_through_the_middle() -> None:
    line = sparkline([5, 5, 5])
    assert line is not None
    assert {y for _, y in points_of(line.path)} == {HEIGHT / 2}


@given(VALUES)
def test_line_has_a_point_for_each_known_value_and_stays_in_its_box(values: list[int | None]) -> None:
    line = sparkline(values)
    known = [v for v in values if v is not None]
    if len(known) < 2:
        assert line is None
        return
    assert line is not None
    points = points_of(line.path)
    assert len(points) == len(known)
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)
