"""Columns of numbers out of and into PostgreSQL as NumPy arrays, by binary COPY.

Rows of fixed-width columns without NULLs all have the same width, so a whole answer can be read as one NumPy buffer:
a million rows take about a second, and none of them becomes a Python object. Format: PostgreSQL's documentation of
COPY, "Binary Format".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

_SIGNATURE = b"PGCOPY\n\xff\r\n\0"
_HEADER_BYTES = len(_SIGNATURE) + 8  # flags and the length of the extension, 4 bytes each
_TRAILER = b"\xff\xff"
# What a column is in the database -> how COPY writes it, the most significant byte first.
_WIRE = {"integer": ">i4", "bigint": ">i8", "double precision": ">f8", "date": ">i4"}
_DATE_ZERO = np.datetime64("2000-01-01", "D")


def read_columns(
    copy_out: str, parameters: Mapping[str, Any], columns: Mapping[str, str]
) -> dict[str, NDArray[Any]]:
    """Runs a statement (see lib.sql.statement), a binary COPY TO STDOUT, and returns its columns by name.

    `columns`: each column's name and type (integer, bigint, double precision, date) in the statement's
    order; dates come as datetime64[D]. Raises ValueError where the answer has other columns or a NULL.
    """
    with _cursor() as cursor, cursor.copy(copy_out, parameters) as copy:
        answer = b"".join(copy)
    layout = _layout(columns)
    body = answer[_HEADER_BYTES : -len(_TRAILER)]
    if not answer.startswith(_SIGNATURE) or len(body) % layout.itemsize:
        raise ValueError(f"The answer has other columns than {', '.join(columns)}, or a NULL.")
    rows = np.frombuffer(body, dtype=layout)
    fits = rows["fields"] == len(columns)
    for column in columns:
        fits &= rows[f"{column} width"] == layout[column].itemsize
    if not fits.all():
        raise ValueError(f"The answer has other columns than {', '.join(columns)}, or a NULL.")
    return {column: _native(rows[column], kind) for column, kind in columns.items()}


def write_columns(
    copy_in: str, columns: Mapping[str, tuple[str, NDArray[Any]]], *, rows_a_block: int = 50_000
) -> None:
    """Runs a statement (see lib.sql.statement), a binary COPY FROM STDIN, on columns of equal length.

    `columns`: each column's name, type (integer, bigint, double precision) and values in the statement's
    order. NULL can't be written: write NaN, and let the statement that reads the rows turn it into NULL.
    """
    layout = _layout({column: kind for column, (kind, _) in columns.items()})
    (length,) = {len(values) for _, values in columns.values()}
    with _cursor() as cursor, cursor.copy(copy_in) as copy:
        copy.write(_SIGNATURE + bytes(8))
        for start in range(0, length, rows_a_block):
            part = slice(start, min(start + rows_a_block, length))
            rows = np.empty(part.stop - part.start, dtype=layout)
            rows["fields"] = len(columns)
            for column, (_, values) in columns.items():
                rows[f"{column} width"] = layout[column].itemsize
                rows[column] = values[part]
            copy.write(rows.tobytes())
        copy.write(_TRAILER)


def _layout(columns: Mapping[str, str]) -> np.dtype[Any]:
    """One row on the wire: the number of fields, then each field's width and value."""
    fields: list[tuple[str, str]] = [("fields", ">i2")]
    for column, kind in columns.items():
        fields += [(f"{column} width", ">i4"), (column, _WIRE[kind])]
    return np.dtype(fields)


def _native(values: NDArray[Any], kind: str) -> NDArray[Any]:
    if kind == "date":
        return _DATE_ZERO + values.astype("timedelta64[D]")
    return values.astype(values.dtype.newbyteorder("="))


def _cursor() -> Any:
    """psycopg's own cursor, on the connection and in the transaction that Django has: Django's has no
    COPY with parameters while it logs queries.
    """
    connection.ensure_connection()
    return connection.connection.cursor()
