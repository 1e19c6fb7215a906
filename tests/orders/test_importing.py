"""The pipeline: a file in any parts and order, killed anywhere, comes to the same."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Store
from jobs.progress import Progress
from jobs.running import enqueue, run
from loyalty_site.paths import BASE_DIR
from orders.importing import ImportFailedError, after_import_steps, run_import
from orders.management.commands.import_orders import TerminalProgress
from orders.models import Import, Order, OrderLine
from tests.factories.accounts import make_store
from tests.factories.imports import counts, holdings, import_file, import_text, rejected_rows

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"


def row(order: int, sku: str = "A", quantity: int = 1) -> str:
    buyer = order % 7 or ""
    return f"{order},{sku},Thing {sku},{quantity},2011-01-{order % 28 + 1:02} 08:26:00,2.55,{buyer},France\n"


def lines_file(orders: int) -> str:
    """Orders of one to three lines each."""
    return HEADER + "".join(row(order, sku) for order in range(orders) for sku in "ABC"[: order % 3 + 1])


@pytest.fixture
def store(db: None) -> Store:
    return make_store()


@pytest.mark.django_db(transaction=True)
def test_large_file_is_read_while_it_is_written(tmp_path: Path) -> None:
    store = make_store()
    assert counts(import_text(store, tmp_path, lines_file(6_000))) == (6_000, 0, 0, 0)
    assert OrderLine.objects.count() == 12_000
    assert Order.objects.filter(store=store, customer=None).count() == 858  # every seventh has no buyer
    assert counts(import_text(store, tmp_path, lines_file(6_000))) == (0, 0, 6_000, 0)
    import_ = Import.objects.latest("id")
    assert (import_.state, import_.rows, import_.unchanged) == ("done", 12_000, 6_000)


def test_rows_of_one_order_among_others_belong_together(store: Store, tmp_path: Path) -> None:
    text = HEADER + row(1, "A") + row(2, "A") + row(1, "B") + row(2, "B") + row(1, "A")
    assert counts(import_text(store, tmp_path, text)) == (2, 0, 0, 0)
    assert Order.objects.get(store=store, external_id="1").lines.count() == 3


def test_rows_of_one_order_far_apart_belong_together(store: Store, tmp_path: Path) -> None:
    text = lines_file(6_000) + row(3, "Z", 9) + "\n" + row(5_999, "Z", 9)
    assert counts(import_text(store, tmp_path, text)) == (6_000, 0, 0, 0)
    assert Order.objects.get(store=store, external_id="3").total == 255 * 10
    assert counts(import_text(store, tmp_path, text)) == (0, 0, 6_000, 0)


def test_number_of_a_rejected_row_holds_where_rows_were_gathered(store: Store, tmp_path: Path) -> None:
    text = lines_file(6_000) + row(3, "Z").replace("2.55", "dear")
    assert counts(import_text(store, tmp_path, text)) == (5_999, 0, 0, 2)
    numbers = [line.split(",")[0] for line in rejected_rows(store).splitlines()[1:]]
    assert sorted(map(int, numbers)) == [8, 12_002]


ROWS = st.lists(
    st.tuples(st.integers(1, 6), st.sampled_from("ABC"), st.integers(1, 3)), min_size=1, max_size=25
)


@given(rows=ROWS, order=st.randoms(use_true_random=False), cut=st.integers(0, 6))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_file_in_parts_in_any_order_is_the_whole(
    tmp_path: Path, store: Store, rows: list[tuple[int, str, int]], order: Any, cut: int
) -> None:
    """Each part holds whole orders, some in both; rows of one order keep their order among themselves."""
    whole, parts = make_store(), make_store()
    import_text(whole, tmp_path, HEADER + "".join(row(*each) for each in rows))
    turn = {number: order.random() for number in range(1, 7)}
    for part in ({1, 2, 3, cut}, {4, 5, 6, cut, 1}, set(range(1, 7))):
        chosen = sorted((each for each in rows if each[0] in part), key=lambda each: turn[each[0]])
        if chosen:
            import_text(parts, tmp_path, HEADER + "".join(row(*each) for each in chosen))
    assert holdings(parts) == holdings(whole)


def test_damaged_file_is_refused_as_a_whole(store: Store, tmp_path: Path) -> None:
    text = lines_file(3_000) + '5,"A,Thing,1,2011-01-01,1,1,France\n'
    import_ = Import.objects.create(store=store, filename="orders.csv", size=len(text))
    import_.file.save("orders.csv", ContentFile(text.encode()))
    with pytest.raises(ImportFailedError, match="never closed"):
        run_import(import_id=import_.id, progress=Progress())
    import_.refresh_from_db()
    assert (import_.state, Order.objects.count()) == ("failed", 0)
    assert "never closed" in import_.error


def test_ambiguous_file_is_not_imported_by_guessing(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("order_id,customer_id,placed_at,total\n1,ana,03/04/2025,9.99\n")
    import_ = Import.objects.create(store=store, filename=path.name, size=1)
    with pytest.raises(ImportFailedError, match="date_order"):
        run_import(import_id=import_.id, progress=Progress(), path=path)


def test_job_imports_the_file_and_tells_what_it_did(store: Store) -> None:
    text = lines_file(3)
    import_ = Import.objects.create(store=store, filename="orders.csv", size=len(text))
    import_.file.save("orders.csv", ContentFile(text.encode()))
    done: list[int] = []
    after_import_steps.append(lambda finished: done.append(finished.id))
    try:
        job = enqueue(
            store=store, kind="orders.import", key=str(import_.id), arguments={"import_id": import_.id}
        )
        run(job.id)
    finally:
        after_import_steps.pop()
    job.refresh_from_db()
    assert job.state == "succeeded"
    assert (job.result["created"], job.result["rejected"]) == (3, 0)
    assert done == [import_.id]


def test_job_for_a_bad_file_fails_with_the_sentence(store: Store) -> None:
    import_ = Import.objects.create(store=store, filename="orders.csv", size=1)
    import_.file.save("orders.csv", ContentFile(b"%PDF-1.7"))
    job = enqueue(store=store, kind="orders.import", key="1", arguments={"import_id": import_.id})
    run(job.id)
    job.refresh_from_db()
    assert (job.state, job.error) == (
        "failed",
        "This is a PDF document. Bring the table as CSV, Excel (.xlsx) or JSON.",
    )


def command(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("import_orders", *arguments, "--json", stdout=out)
    told: dict[str, Any] = json.loads(out.getvalue().splitlines()[-1])
    return told


def test_command_tells_what_it_did_and_where_the_rejected_rows_are(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    path.write_text(lines_file(3) + "9,A,Thing,many,2011-01-01 08:00,1.00,1,France\n")
    told = command(store.slug, str(path))
    assert {key: told[key] for key in ("created", "updated", "unchanged", "rejected")} == {
        "created": 3,
        "updated": 0,
        "unchanged": 0,
        "rejected": 1,
    }
    assert told["seconds"] > 0
    assert told["rejected_file"] == str(tmp_path / "sales.rejected.csv")
    assert "“many” isn't a number" in (tmp_path / "sales.rejected.csv").read_text("utf-8-sig")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("nowhere", "{file}"), "no store"),
        (("{store}", "none.csv"), "no file"),
        (("{store}", "{folder}"), "is no file that can be read"),
        (("{store}", "{file}", "--format", "etsy"), "no format"),
        (("{store}", "{file}", "--mapping", "none.toml"), "no mapping file"),
        (("{store}", "{file}", "--mapping", "{folder}"), "can't be read: Is a directory"),
        (("{store}", "{file}"), 'Say it in a mapping file (--mapping): date_order = "dmy"'),
    ],
)
def test_command_that_cannot_go_on_says_why(
    store: Store, tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("order_id,customer_id,placed_at,total\n1,ana,03/04/2025,9.99\n")
    filled = [argument.format(store=store.slug, file=path, folder=tmp_path) for argument in arguments]
    with pytest.raises(CommandError) as caught:
        command(*filled)
    assert sentence in str(caught.value)
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    "name",
    [
        "shopify_orders",
        "shopify_customers",
        "woocommerce_orders",
        "woocommerce_customers",
        "webtoffee_orders",
    ],
)
def test_format_that_the_file_is_not_of_is_refused(store: Store, tmp_path: Path, name: str) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("order_id,customer_id,placed_at,total\n1,ana,2025-04-03,9.99\n")
    with pytest.raises(CommandError, match="it hasn't the columns of one"):
        command(store.slug, str(path), "--format", name)
    assert not (tmp_path / "orders.rejected.csv").exists()


def test_answers_in_a_mapping_file_build_on_what_is_recognised(store: Store, tmp_path: Path) -> None:
    path, mapping = tmp_path / "orders.csv", tmp_path / "answers.toml"
    path.write_text("order_id,customer_id,placed_at,total\n1,ana,03/04/2025,9.99\n")
    mapping.write_text('date_order = "mdy"\n')
    assert command(store.slug, str(path), "--mapping", str(mapping))["created"] == 1
    assert Order.objects.get().placed_at.month == 3


def test_command_that_is_stopped_leaves_no_import_under_way(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def press_ctrl_c(self: Progress, **_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(TerminalProgress, "report", press_ctrl_c)
    path = tmp_path / "orders.csv"
    path.write_text("order_id,customer_id,placed_at,total\n1,ana,2025-04-03,9.99\n")
    with pytest.raises(KeyboardInterrupt):
        command(store.slug, str(path))
    assert Import.objects.get().state == Import.State.FAILED


@pytest.mark.parametrize("name", [b"ord\xe9rs.csv", b"or\nders.csv"])
def test_file_whose_name_is_no_text_can_be_imported_and_shown(
    store: Store, tmp_path: Path, name: bytes
) -> None:
    path = tmp_path / os.fsdecode(name)
    path.write_text("order_id,customer_id,placed_at,total\n1,ana,2025-04-03,9.99\n2,ana,2025-04-03,x\n")
    assert command(store.slug, str(path))["created"] == 1
    assert Import.objects.get().filename in ("ord?rs.csv", "orders.csv")


def import_process(store: Store, path: Path) -> subprocess.Popen[str]:
    """The command, on this test's database."""
    told = connection.get_connection_params()
    keys = ("host", "port", "user", "password", "dbname")
    url = " ".join(f"{key}={told[key]}" for key in keys if told.get(key))
    environment = {key: value for key, value in os.environ.items() if not key.startswith("REGULARS_")}
    environment |= {
        "DATABASE_URL": url,
        "REGULARS_DATA": str(path.parent),
        "DJANGO_SETTINGS_MODULE": "loyalty_site.settings",
    }
    return subprocess.Popen(
        [sys.executable, "manage.py", "import_orders", store.slug, str(path), "--json"],
        cwd=BASE_DIR,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )


def kill_at(process: subprocess.Popen[str], store: Store, orders: int) -> None:
    """Kills the process as soon as so many orders are in, or lets it end."""
    while process.poll() is None and Order.objects.filter(store=store).count() < orders:
        pass
    process.send_signal(signal.SIGKILL)
    process.communicate()


@pytest.mark.django_db(transaction=True)
def test_import_killed_at_any_point_and_started_again_is_whole(tmp_path: Path) -> None:
    chance = random.Random(20260302)
    path = tmp_path / "sales.csv"
    path.write_text(lines_file(24_000))
    whole = make_store("whole")
    import_file(whole, path)
    expected = holdings(whole)
    store = make_store("killed")
    for orders in sorted(chance.sample(range(1, 24_000), 5)):
        kill_at(import_process(store, path), store, orders)
    before = Order.objects.filter(store=store).count()
    out, _ = import_process(store, path).communicate()
    told = json.loads(out.splitlines()[-1])
    assert holdings(store) == expected
    assert (told["created"], told["unchanged"], told["updated"]) == (24_000 - before, before, 0)
    assert not Import.objects.filter(store=store, state="running").exists()


def wait_until_free(import_: Import) -> None:
    """Returns once the database knows that no process is at the import."""
    key = 0x494D * 2**48 + import_.id  # written out: the tests hold the code to it
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s)", [key])
        cursor.execute("select pg_advisory_unlock(%s)", [key])


@pytest.mark.django_db(transaction=True)
def test_import_that_goes_on_after_a_kill_counts_what_it_had_done(tmp_path: Path) -> None:
    """The job's import is the same row: what its first run created counts as created."""
    path = tmp_path / "sales.csv"
    path.write_text(lines_file(12_000))
    store = make_store()
    kill_at(import_process(store, path), store, 1)
    import_ = Import.objects.get(store=store)
    wait_until_free(import_)
    before = Order.objects.filter(store=store).count()
    summary = run_import(import_id=import_.id, progress=Progress(), path=path)
    assert before > 0
    assert counts(summary) == (12_000, 0, 0, 0)
