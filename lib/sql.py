"""SQL kept in files: one result per file, named parameters only, nothing formatted in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from django.apps import apps
from django.db import connection


@cache
def statement(app: str, name: str) -> str:
    """The text of `<app>/sql/<name>.sql`. Raises FileNotFoundError for an unknown name."""
    return (Path(apps.get_app_config(app).path) / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def execute(app: str, name: str, parameters: Mapping[str, Any] | None = None) -> int:
    """Runs the statement; returns the number of rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement(app, name), parameters or {})
        return int(cursor.rowcount)


def rows(app: str, name: str, parameters: Mapping[str, Any] | None = None) -> list[Any]:
    """Runs the statement; returns its rows as named tuples (fields are the column names)."""
    with connection.cursor() as cursor:
        cursor.execute(statement(app, name), parameters or {})
        columns = [column.name for column in cursor.description]
        row = _row_type(app, name, tuple(columns))
        return [row._make(values) for values in cursor.fetchall()]


def one(app: str, name: str, parameters: Mapping[str, Any] | None = None) -> Any:
    """Runs a statement that gives exactly one row; returns that row."""
    (row,) = rows(app, name, parameters)
    return row


@contextmanager
def planner(**settings: str) -> Iterator[None]:
    """Runs the statements inside with settings of the server's, such as work_mem="128MB". Needs a transaction.

    They are reset at the end; if a statement fails, the rollback does it.
    """
    before = {}
    with connection.cursor() as cursor:
        for name, value in settings.items():
            cursor.execute("select current_setting(%(name)s)", {"name": name})
            (before[name],) = cursor.fetchone()
            cursor.execute("select set_config(%(name)s, %(value)s, true)", {"name": name, "value": value})
    yield
    with connection.cursor() as cursor:
        for name, value in before.items():
            cursor.execute("select set_config(%(name)s, %(value)s, true)", {"name": name, "value": value})


@cache
def _row_type(app: str, name: str, columns: tuple[str, ...]) -> Any:
    fields: Iterable[tuple[str, Any]] = [(column, Any) for column in columns]
    return NamedTuple(f"{name}_row", fields)


def array_text(values: Collection[str] | Collection[int]) -> str:
    """An array as PostgreSQL writes it, for a parameter cast to one: `= any(%(ids)s::text[])`.

    For thousands of values, none of them with a NUL character: a list is adapted one value at a time, which is five
    times slower. To the planner it is a constant, as a list is, so that values are looked up by hash where there is
    no index.
    """
    joined = "\0".join(map(str, values))
    escaped = joined.replace("\\", "\\\\").replace('"', '\\"').replace("\0", '","')
    return f'{{"{escaped}"}}' if values else "{}"
