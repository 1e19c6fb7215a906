"""Runs of records and tables of columns, compared with what csv reads record by record."""

from __future__ import annotations

import csv
from io import StringIO
from itertools import accumulate

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from orders import records
from orders.records import runs, table_columns
from orders.surveying import UnreadableFileError

Row = list[str]
SIGNS = st.text(st.sampled_from('ab",;\n \x0b\u2028é'), max_size=4)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


def written(rows: list[Row], end: str = "\n") -> str:
    text = StringIO(newline="")
    csv.writer(text, lineterminator=end).writerows(rows)
    return text.getvalue()


def read(text: str, separator: str = ",") -> list[Row]:
    return list(csv.reader(StringIO(text, newline=""), delimiter=separator))


def runs_of(text: str, position: int = 0, separator: str = ",") -> list[records.Run]:
    return list(runs(StringIO(text, newline=""), separator, position))


TABLES = st.integers(2, 4).flatmap(
    lambda width: st.lists(st.lists(SIGNS, min_size=width, max_size=width), min_size=1, max_size=8)
)
WILD = st.text(st.sampled_from('ab",\n\r'), min_size=1, max_size=40)


@given(TABLES, ENDS, st.integers(0, 3))
def test_runs_are_the_records_in_turn_each_with_its_cell(rows: list[Row], end: str, position: int) -> None:
    text = written(rows, end)
    found = runs_of(text, position)
    assert "".join(run for _key, _count, run in found).removesuffix("\n") == text.removesuffix("\n")
    expected = read(text)
    assert sum(count for _key, count, _run in found) == len(expected)
    starts = accumulate((count for _key, count, _run in found), initial=0)
    for start, (key, count, run) in zip(starts, found, strict=False):
        assert read(run) == expected[start : start + count]
        for row in expected[start : start + count]:
            assert key == (row[position] if position < len(row) else None)


@given(WILD, st.integers(0, 2))
@example('a,5" x,"b\nc",d\n', 0)  # two marks in the line, and the second one opens a cell
@example('"a""b\n', 0)
@example('a,"b"c\nd",e\n', 1)
def test_runs_of_any_text_are_what_csv_makes_of_it(text: str, position: int) -> None:
    """Blank lines have no cells, or one that is blank: both stay without an order."""
    text = text if text.endswith(("\n", "\r")) else text + "\n"
    found = runs_of(text, position)
    keys = [key for key, count, _run in found for _record in range(count)]
    rows = read(text)
    assert len(keys) == len(rows)
    for key, row in zip(keys, rows, strict=True):
        expected = row[position] if position < len(row) else None
        assert key == expected or (not row and not key)


def test_run_goes_on_where_a_block_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join(f"{order},{line}\n" for order in range(3) for line in range(20)) + '3,"a\nb"\n3,c'
    expected = "".join(run for _key, _count, run in runs_of(text))
    monkeypatch.setattr(records, "BLOCK", 7)
    found = runs_of(text)
    assert "".join(run for _key, _count, run in found) == expected == text + "\n"
    assert [key for key, count, _run in found for _record in range(count)] == [
        *["0"] * 20,
        *["1"] * 20,
        *["2"] * 20,
        "3",
        "3",
    ]


def test_cell_too_large_to_be_one_is_refused_in_words() -> None:
    with pytest.raises(UnreadableFileError, match="can't be read"):
        table_columns(f'1,"a"\n2,{"x" * 200_000}\n3,"b"\n', ",", 2, 1)


def test_separator_that_means_something_in_a_pattern() -> None:
    assert runs_of("1|a|x\n1|b|y\n2|c|z\n", separator="|") == [
        ("1", 2, "1|a|x\n1|b|y\n"),
        ("2", 1, "2|c|z\n"),
    ]


@given(TABLES, st.booleans())
def test_columns_are_the_rows_turned(rows: list[Row], has_returns: bool) -> None:
    text = written(rows, "\r\n" if has_returns else "\n")
    expected = [list(column) for column in zip(*read(text), strict=True)]
    assert table_columns(text, ",", len(rows[0]), len(rows)) == expected


@given(WILD, st.integers(2, 3))
@example("a,b,a\nb\n", 2)  # as many cells as two rows of two would have
@example(",\n,,\n\n", 2)
def test_table_of_rows_of_other_widths_has_no_columns(text: str, width: int) -> None:
    text = text if text.endswith("\n") else text + "\n"
    rows = read(text)
    found = table_columns(text, ",", width, len(rows))
    if {len(row) for row in rows} != {width}:
        assert found is None
    elif found is None:
        assert '"' in text  # the last cell may never end, and such a file is refused
    else:
        assert found == [list(column) for column in zip(*rows, strict=True)]
