"""Columns go out of and into the database as they are, and what has no place in an array is refused."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from lib.columns import read_columns, write_columns

pytestmark = pytest.mark.django_db

KINDS = {"whole": "integer", "large": "bigint", "real": "double precision", "day": "date"}


def test_each_type_is_read_as_it_is() -> None:
    found = read_columns(
        """copy (select * from (values
            (-7::int, 9007199254740993::bigint, 0.1::float8, '1997-01-01'::date),
            (%(seven)s::int, -1::bigint, 'nan'::float8, '2026-11-22'::date)) as rows) to stdout (format binary)""",
        {"seven": 7},
        KINDS,
    )
    assert found["whole"].tolist() == [-7, 7]
    assert found["large"].tolist() == [9007199254740993, -1]
    assert found["real"][0] == 0.1
    assert np.isnan(found["real"][1])
    assert found["day"].tolist() == [date(1997, 1, 1), date(2026, 11, 22)]
    assert found["whole"].dtype.isnative


def test_no_rows_are_empty_columns() -> None:
    found = read_columns("copy (select 1 where false) to stdout (format binary)", {}, {"whole": "integer"})
    assert len(found["whole"]) == 0


@pytest.mark.parametrize(
    "row", ["null::int, 1::bigint", "1::bigint, 1::int", "1::int", "1::int, 1::bigint, 1::int"]
)
def test_a_null_or_other_columns_are_refused(row: str) -> None:
    with pytest.raises(ValueError, match="NULL"):
        read_columns(
            f"copy (select {row}) to stdout (format binary)", {}, {"whole": "integer", "large": "bigint"}
        )


@given(
    rows=st.lists(
        st.tuples(
            st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False), st.integers(-(2**31), 2**31 - 1)
        ),
        max_size=30,
    )
)
def test_what_is_written_is_read_again(rows: list[tuple[int, float, int]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("drop table if exists landing")
        cursor.execute("create temporary table landing (place serial, large bigint, real float8, whole int)")
    names, kinds = ("large", "real", "whole"), ("bigint", "double precision", "integer")
    sides = list(zip(*rows, strict=True)) or [(), (), ()]
    arrays = [
        np.array(side, kind) for side, kind in zip(sides, (np.int64, np.float64, np.int32), strict=True)
    ]
    write_columns(
        "copy landing (large, real, whole) from stdin (format binary)",
        {name: (kind, array) for name, kind, array in zip(names, kinds, arrays, strict=True)},
        rows_a_block=7,
    )
    found = read_columns(
        "copy (select large, real, whole from landing order by place) to stdout (format binary)",
        {},
        dict(zip(names, kinds, strict=True)),
    )
    assert list(zip(*(found[name].tolist() for name in names), strict=True)) == rows


def test_dates_before_and_after_the_database_s_zero_keep_their_day() -> None:
    days = [date(2000, 1, 1) + timedelta(days=offset) for offset in (-40_000, -1, 0, 1, 40_000)]
    values = ", ".join(f"('{day}'::date)" for day in days)
    found = read_columns(f"copy (values {values}) to stdout (format binary)", {}, {"day": "date"})
    assert found["day"].tolist() == days
