"""Imports: a generated plain CSV beside psql's copy into the same table, the same file again, and real lines of a shop."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.db import connection

from accounts.models import Store
from benchmarks.goals import Findings, Goal
from benchmarks.measuring import costing, seconds, spread
from benchmarks.shop import bench_store
from loyalty_site import postgres_programs

BASE = Path(__file__).resolve().parent.parent
RETAIL = BASE.parent / "shared" / "data" / "online_retail" / "online_retail.csv.gz"
MOST_ROWS = 1_000_000
RUNS = 3
_FIELDS = (
    "customer_id, external_id, number, placed_at, status, channel, payment_method, carrier, country, "
    "discount_code, subtotal, discount, shipping, tax, total, refunded, created_at, credits"
)


def measured_plain(orders: int) -> Findings:
    """A generated plain file of the orders, a million rows at most."""
    found = Findings()
    _plain(min(orders, MOST_ROWS), files_folder(), found)
    return found


def measured_retail(orders: int) -> Findings:
    """Online Retail, where the data is there, whatever the size of the others."""
    found = Findings()
    if RETAIL.exists():
        _retail(files_folder(), found)
    else:
        found.record["online_retail"] = f"skipped: {RETAIL.name} is not there"
    return found


def files_folder() -> Path:
    folder = Path(settings.DATA_DIR) / "files"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _plain(rows: int, folder: Path, found: Findings) -> None:
    """Orders of the bench store as a file, imported into an empty store; psql copies them into the same table."""
    source, copied = bench_store(rows), empty_store("bench-copied")
    file, rows_file = folder / "plain.csv", folder / "rows.csv"
    _copy_out(
        f"""select o.external_id as order_id, c.external_id as customer_id, o.placed_at, o.total / 100.0 as total,
            o.refunded / 100.0 as refunded, o.status, 'GBP' as currency, o.channel, o.payment_method
        from orders_order o join orders_customer c on c.id = o.customer_id
        where o.store_id = {source.pk} and o.external_id not like 'n%' order by o.placed_at""",
        file,
    )
    _copy_out(
        f"select {copied.pk}, {_FIELDS} from orders_order "
        f"where store_id = {source.pk} and external_id not like 'n%' order by placed_at",
        rows_file,
    )
    copy = f"\\copy orders_order (store_id, {_FIELDS}) from '{rows_file}' csv header"
    costs: dict[str, list[object]] = {"import": [], "again": [], "psql": []}
    for _ in range(RUNS):
        store = empty_store("bench-import")
        costs["import"].append(
            costing(lambda store=store: _told(found, import_file(store, file), created=True))
        )
        costs["again"].append(
            costing(lambda store=store: _told(found, import_file(store, file), created=False))
        )
        empty_store("bench-import")
        costs["psql"].append(costing(lambda: _psql(copy)))
        empty_store("bench-copied")
    found.record["plain"] = {"rows": rows, **{name: spread(cost) for name, cost in costs.items()}}  # type: ignore[arg-type]
    imported, again, psql = (seconds(costs[name]) for name in ("import", "again", "psql"))  # type: ignore[arg-type]
    found.goals += [
        Goal(
            "importing a plain file against psql's copy of the same rows into the same table",
            imported / psql,
            2,
        ),
        Goal("the same plain file again against the first time", again / imported, 0.3),
    ]


def _retail(folder: Path, found: Findings) -> None:
    """Online Retail, whole processes: import and refresh beside psql into a bare table and a script in pandas."""
    file = retail_file(folder)
    script = BASE / "benchmarks" / "pandas_rfm.py"
    costs: dict[str, list[object]] = {"import": [], "psql": [], "refresh": [], "pandas": [], "again": []}
    for _ in range(RUNS):
        store = empty_store("bench-retail")
        costs["import"].append(
            costing(lambda store=store: _told(found, import_file(store, file), created=True))
        )
        _bare_table()
        costs["psql"].append(costing(lambda: _psql(f"\\copy bench_bare from '{file}' csv header")))
        costs["refresh"].append(
            costing(
                lambda store=store: _manage("refresh_store", store.slug, "--as-of", "2011-12-10", "--json")
            )
        )
        costs["pandas"].append(costing(lambda: _run([sys.executable, str(script), str(file)])))
        costs["again"].append(
            costing(lambda store=store: _told(found, import_file(store, file), created=False))
        )
    empty_store("bench-retail")
    with connection.cursor() as cursor:
        cursor.execute("drop table bench_bare")
    found.record["online_retail"] = {name: spread(cost) for name, cost in costs.items()}  # type: ignore[arg-type]
    taken = {name: seconds(cost) for name, cost in costs.items()}  # type: ignore[arg-type]
    found.goals += [
        Goal(
            "Online Retail: import against psql's copy into one bare table",
            taken["import"] / taken["psql"],
            4,
        ),
        Goal(
            "Online Retail: the same file again against the first time", taken["again"] / taken["import"], 0.3
        ),
        Goal("Online Retail: refresh against a pandas script", taken["refresh"] / taken["pandas"], 1),
    ]


def retail_file(folder: Path) -> Path:
    """Online Retail, unpacked."""
    file = folder / "online_retail.csv"
    with gzip.open(RETAIL) as packed, file.open("wb") as plain:
        shutil.copyfileobj(packed, plain)
    return file


def _told(found: Findings, summary: dict[str, int], *, created: bool) -> None:
    if created and (summary["rejected"] or not summary["created"]):
        found.wrong.append(f"an import into an empty store: {summary}")
    if not created and (summary["created"] or summary["updated"]):
        found.wrong.append(f"the same file again: {summary}")


def import_file(store: Store, file: Path) -> dict[str, int]:
    """Imports the file by the command; what that told."""
    told: dict[str, int] = json.loads(
        _manage("import_orders", store.slug, str(file), "--json").splitlines()[-1]
    )
    return told


def _manage(*arguments: str) -> str:
    return _run(command_line(*arguments))


def command_line(*arguments: str) -> list[str]:
    return [sys.executable, str(BASE / "manage.py"), *arguments]


def environment() -> dict[str, str]:
    """Of the site's commands, as they run for a shop: by the role that only reads and writes rows."""
    return {**os.environ, "REGULARS_DATABASE_ROLE": "app"}


def _run(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment()).stdout


def _psql(command: str) -> None:
    given = connection.get_connection_params()
    psql = postgres_programs.installed_programs() / "psql"
    target = f"host={given['host']} port={given['port']} user={given['user']} dbname={given['dbname']}"
    subprocess.run([str(psql), "-qX", "-v", "ON_ERROR_STOP=1", "-c", command, target], check=True)


def _copy_out(select: str, file: Path) -> None:
    statement = f"copy ({select}) to stdout (format csv, header)"
    with connection.cursor() as cursor, file.open("wb") as out, cursor.copy(statement) as copy:
        for block in copy:
            out.write(block)


def empty_store(slug: str) -> Store:
    """A store without anything in it; what another run left is deleted, and its rows cleared away, not counted."""
    store, _ = Store.objects.get_or_create(
        slug=slug, defaults={"name": slug, "currency": "GBP", "timezone": "Europe/London"}
    )
    with connection.cursor() as cursor:
        for statement in _EMPTYING:
            cursor.execute(statement, [store.pk])
        cursor.execute("vacuum orders_order, orders_orderline, orders_customer, orders_dirtycustomer")
    return store


_EMPTYING = (
    "delete from segments_move where refresh_id in (select id from segments_refresh where store_id = %s)",
    "delete from segments_customerstats where store_id = %s",
    "delete from orders_refund where order_id in (select id from orders_order where store_id = %s)",
    "delete from orders_orderevent where order_id in (select id from orders_order where store_id = %s)",
    "delete from orders_orderline where order_id in (select id from orders_order where store_id = %s)",
    "delete from orders_order where store_id = %s",
    "delete from orders_customer where store_id = %s",
    "delete from orders_dirtycustomer where store_id = %s",
    "delete from orders_dirtyday where store_id = %s",
)


def _bare_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute("drop table if exists bench_bare")
        cursor.execute(
            """create table bench_bare (invoice text, stock_code text, description text, quantity int,
            invoiced timestamp, unit_price numeric, customer text, country text)"""
        )
