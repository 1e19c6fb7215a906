"""The same refresh by pandas, polars and DuckDB: rows out of PostgreSQL, scores back in.

Each reads (customer, moment, net, counted) of the orders that have a value, makes recency, frequency, monetary,
scores and the segment of every customer by the product's definitions, and writes one row per customer.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pandas as pd
import polars as pl
from django.db import connection

from accounts.models import Store

_OUT = """copy (
    select customer_id, floor(extract(epoch from placed_at))::bigint as placed, net, counted::int as counted
    from orders_order where store_id = {store} and customer_id is not null and valued
) to stdout (format csv, header)"""
_TABLE = """create table {name} (
    customer_id bigint primary key, frequency int, monetary bigint, last_on date, r smallint, f smallint, m smallint,
    segment_id bigint)"""
_IN = "copy {name} from stdin (format csv)"
_COLUMNS = ["customer_id", "frequency", "monetary", "last_on", "r", "f", "m", "segment_id"]


def contestants(store: Store, cells: Sequence[int], bins: int) -> dict[str, Callable[[], None]]:
    """The peers by name; each leaves its result in the table peer_<name>."""
    return {
        "pandas": lambda: _with_pandas(store, np.asarray(cells), bins),
        "polars": lambda: _with_polars(store, np.asarray(cells), bins),
        "duckdb": lambda: _with_duckdb(store, cells, bins),
    }


def forget_results() -> None:
    with connection.cursor() as cursor:
        for name in ("pandas", "polars", "duckdb"):
            cursor.execute(f"drop table if exists peer_{name}")


def differing(name: str, store: Store) -> int:
    """Scored customers whose row isn't the same in ours and the peer's."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""select count(*) from (
                select customer_id, frequency, monetary, last_on, r, f, m, segment_id
                from segments_customerstats where store_id = %s and frequency > 0
            ) as ours full join peer_{name} as theirs using (customer_id)
            where (ours.frequency, ours.monetary, ours.last_on, ours.r, ours.f, ours.m, ours.segment_id)
                is distinct from (theirs.frequency, theirs.monetary, theirs.last_on, theirs.r, theirs.f, theirs.m,
                    theirs.segment_id)""",
            [store.pk],
        )
        return int(cursor.fetchone()[0])


def _rows_out(store: Store) -> bytes:
    with connection.cursor() as cursor, cursor.copy(_OUT.format(store=store.pk)) as copy:
        return b"".join(copy)


def _rows_in(name: str, rows: bytes | memoryview) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"drop table if exists peer_{name}")
        cursor.execute(_TABLE.format(name=f"peer_{name}"))
        with cursor.copy(_IN.format(name=f"peer_{name}")) as copy:
            copy.write(rows)


def _days(moments: np.ndarray, zone: str) -> np.ndarray:
    """Local days of epoch seconds: the offset changes a few times a year, so it is looked up by change."""
    span = range(int(moments.min()) // 86_400 - 1, int(moments.max()) // 86_400 + 2)
    starts, offsets = [], []
    for hour in range(span.start * 24, span.stop * 24):
        moment = datetime.fromtimestamp(hour * 3600, UTC).astimezone(ZoneInfo(zone))
        offset = int((moment.utcoffset() or timedelta()).total_seconds())
        if not offsets or offset != offsets[-1]:
            starts.append(hour * 3600)
            offsets.append(offset)
    shift = np.asarray(offsets)[np.searchsorted(starts, moments, side="right") - 1]
    return ((moments + shift) // 86_400).astype("int64")


def _scores(values: np.ndarray, bins: int) -> np.ndarray:
    """1 + floor(bins * share strictly worse), in whole numbers."""
    ordered = np.sort(values)
    worse = np.searchsorted(ordered, values, side="left")
    return 1 + bins * worse // len(values)


def _segments(r: np.ndarray, f: np.ndarray, m: np.ndarray, cells: np.ndarray, bins: int) -> np.ndarray:
    return cells[((r - 1) * bins + (f - 1)) * bins + (m - 1)]


def _finish(frame: pl.DataFrame, store: Store, cells: np.ndarray, bins: int) -> pl.DataFrame:
    last = _days(frame["last"].to_numpy(), store.timezone)
    r = _scores(last, bins)
    f = _scores(frame["frequency"].to_numpy(), bins)
    m = _scores(frame["monetary"].to_numpy(), bins)
    return frame.with_columns(
        pl.Series("last_on", last).cast(pl.Int32).cast(pl.Date),
        pl.Series("r", r),
        pl.Series("f", f),
        pl.Series("m", m),
        pl.Series("segment_id", _segments(r, f, m, cells, bins)),
    ).select(_COLUMNS)


def _with_polars(store: Store, cells: np.ndarray, bins: int) -> None:
    orders = pl.read_csv(io.BytesIO(_rows_out(store)))
    frame = (
        orders.group_by("customer_id")
        .agg(
            pl.col("counted").sum().alias("frequency"),
            pl.col("net").sum().alias("monetary"),
            pl.col("placed").filter(pl.col("counted") == 1).max().alias("last"),
        )
        .filter(pl.col("frequency") > 0)
    )
    _rows_in("polars", _finish(frame, store, cells, bins).write_csv(include_header=False).encode())


def _with_pandas(store: Store, cells: np.ndarray, bins: int) -> None:
    orders = pd.read_csv(io.BytesIO(_rows_out(store)), engine="pyarrow")
    spent = orders.groupby("customer_id")["net"].sum()
    counted = orders[orders["counted"] == 1].groupby("customer_id")["placed"].agg(["size", "max"])
    frame = counted.join(spent)
    last = _days(frame["max"].to_numpy(), store.timezone)
    r, f, m = (_scores(values, bins) for values in (last, frame["size"].to_numpy(), frame["net"].to_numpy()))
    result = pd.DataFrame(
        {
            "customer_id": frame.index,
            "frequency": frame["size"].to_numpy(),
            "monetary": frame["net"].to_numpy(),
            "last_on": last.astype("datetime64[D]"),
            "r": r,
            "f": f,
            "m": m,
            "segment_id": _segments(r, f, m, cells, bins),
        }
    )
    _rows_in("pandas", result.to_csv(index=False, header=False, date_format="%Y-%m-%d").encode())


def _with_duckdb(store: Store, cells: Sequence[int], bins: int) -> None:
    with NamedTemporaryFile(suffix=".csv") as orders, NamedTemporaryFile(suffix=".csv") as result:
        orders.write(_rows_out(store))
        orders.flush()
        with duckdb.connect() as duck:
            duck.execute(f"set timezone = '{store.timezone}'")
            duck.execute(
                f"""copy (
                    with totals as (
                        select customer_id, sum(counted)::int as frequency, sum(net)::bigint as monetary,
                            (to_timestamp(max(placed) filter (where counted = 1)))::date as last_on
                        from read_csv('{orders.name}') group by customer_id having sum(counted) > 0
                    ),
                    scored as (
                        select *,
                            1 + (rank() over (order by last_on) - 1) * {bins} // count(*) over () as r,
                            1 + (rank() over (order by frequency) - 1) * {bins} // count(*) over () as f,
                            1 + (rank() over (order by monetary) - 1) * {bins} // count(*) over () as m
                        from totals
                    )
                    select customer_id, frequency, monetary, last_on, r, f, m,
                        ({list(cells)})[((r - 1) * {bins} + (f - 1)) * {bins} + m] as segment_id
                    from scored
                ) to '{result.name}' (header false)"""
            )
        _rows_in("duckdb", Path(result.name).read_bytes())  # DuckDB puts a new file in its place
