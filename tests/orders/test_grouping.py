"""Batches of orders, gathered from the rows of a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orders import grouping
from orders.grouping import grouped
from orders.reading import open_source


def batches_of(folder: Path, keys: list[str]) -> list[list[tuple[str, list[int]]]]:
    """The orders of each batch with the numbers of their rows, of a file whose rows have these orders' ids."""
    path = folder / "orders.csv"
    path.write_text("order,thing\n" + "".join(f"{key},{place}\n" for place, key in enumerate(keys)))
    with open_source(path, path.name) as source:
        return [
            [(group.key, [int(row[1]) for row in group.rows]) for group in batch]
            for batch in grouped(source, 0)
        ]


def test_batches_grow_from_a_small_first_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouping, "FIRST_ROWS", 10)
    monkeypatch.setattr(grouping, "ROWS_KEPT", 40)
    monkeypatch.setattr(grouping, "ORDERS_KEPT_OPEN", 1)
    sizes = [len(batch) for batch in batches_of(tmp_path, [str(order) for order in range(200)])]
    assert sum(sizes) == 200
    assert sizes[0] <= 10 < sizes[1] <= 20 < sizes[2] <= 40
    assert max(sizes) <= 40


@pytest.mark.parametrize("orders", range(100, 120))
def test_batches_shrink_to_a_small_last_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, orders: int
) -> None:
    monkeypatch.setattr(grouping, "FIRST_ROWS", 10)
    monkeypatch.setattr(grouping, "ROWS_KEPT", 40)
    monkeypatch.setattr(grouping, "ORDERS_KEPT_OPEN", 1)
    *_, before, last = (len(batch) for batch in batches_of(tmp_path, [str(order) for order in range(orders)]))
    assert last <= 11
    assert before <= 20


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(1, 4), st.booleans()), min_size=1, max_size=60), st.integers(16, 40))
def test_orders_that_interleave_come_whole_and_once(
    tmp_path: Path, orders: list[tuple[int, bool]], first_rows: int
) -> None:
    """Where rows of two orders alternate at most: the latest half of the orders stays open, however small a batch."""
    keys: list[str] = []
    for number, (size, mixes) in enumerate(orders):
        own = [f"o{number}"] * size
        if mixes and keys:
            last = keys.pop()
            own.insert(1, last)
        keys += own
    expected: dict[str, list[int]] = {}
    for place, key in enumerate(keys):
        expected.setdefault(key, []).append(place)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grouping, "FIRST_ROWS", first_rows)
        patch.setattr(grouping, "ROWS_KEPT", 50)
        patch.setattr(grouping, "ORDERS_KEPT_OPEN", 100)
        found = [order for batch in batches_of(tmp_path, keys) for order in batch]
    assert dict(found) == expected
    assert len(found) == len(expected)
