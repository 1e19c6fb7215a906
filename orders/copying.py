"""Rows into a table by COPY, inside the transaction of Django's connection."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

import psycopg
from django.db import connection

from lib import sql


def copy_rows(name: str, types: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Runs `orders/sql/<name>.sql`, a COPY in the binary format, with the rows; `types` are its columns'."""
    with connection.cursor() as cursor:
        raw = cast("psycopg.Cursor[Any]", cursor.cursor)
        with raw.copy(sql.statement("orders", name).encode()) as copy:
            copy.set_types(types)
            for row in rows:
                copy.write_row(row)


def copy_text(name: str, blocks: Iterable[str]) -> None:
    """Runs `orders/sql/<name>.sql`, a COPY in the text format, with text made of whole rows."""
    with connection.cursor() as cursor:
        raw = cast("psycopg.Cursor[Any]", cursor.cursor)
        with raw.copy(sql.statement("orders", name).encode()) as copy:
            for block in blocks:
                copy.write(block)


def new_ids(table: str, count: int) -> list[int]:
    """Ids from the sequence of customers or orders."""
    ids: list[int] = sql.one("orders", f"new_{table}_ids", {"count": count}).ids if count else []
    return ids
