import os
import subprocess
import sys
from pathlib import Path

import pytest

from loyalty_site.paths import BASE_DIR
from manage import needs_database, run


@pytest.mark.parametrize(
    ("command_line", "needs"),
    [
        ("migrate", True),
        ("showmigrations", True),
        ("makemigrations --check", True),  # compares with what is applied
        ("import_orders tea orders.csv", True),
        ("check --database default", True),
        ("check --deploy", False),
        ("collectstatic --noinput", False),
        ("import_orders --help", False),
        ("stop_database", False),
        ("--version", False),
        ("", False),
    ],
)
def test_commands_that_need_the_database(command_line: str, needs: bool) -> None:
    assert needs_database(command_line.split()) is needs


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"DATABASE_URL": "postgresql://me:open-sesame@127.0.0.1:1/shop"}, "The database can't be reached"),
        ({"DATABASE_URL": "mysql://me:open-sesame@127.0.0.1/shop"}, "DATABASE_URL (or"),
        ({"REGULARS_DEMO": "perhaps", "DATABASE_URL": "dbname=none"}, '"REGULARS_DEMO" invalid'),
    ],
)
def test_what_a_command_cannot_work_without_is_said_in_a_sentence(
    environment: dict[str, str], sentence: str
) -> None:
    done = subprocess.run(
        [sys.executable, BASE_DIR / "manage.py", "refresh_store", "tea"],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "loyalty_site.settings"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert "open-sesame" not in done.stderr + done.stdout


SAY = (
    "import manage, sys; from django.core import management; "
    "management.execute_from_command_line = lambda _: print('Žofie’s', flush=True); "
    "sys.argv = ['manage.py', 'version']; manage.main()"
)


@pytest.mark.parametrize("encoding", ["ascii", "iso8859-2"])
def test_letters_that_the_terminal_lacks_stop_no_command(encoding: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SAY],
        env=os.environ | {"PYTHONIOENCODING": encoding},
        cwd=BASE_DIR,
        capture_output=True,
        check=False,
    )
    said = {"ascii": b"\\u017dofie\\u2019s\n", "iso8859-2": b"\xaeofie\\u2019s\n"}
    assert (done.returncode, done.stdout) == (0, said[encoding])


def test_a_reader_who_had_enough_is_no_error_to_explain() -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write) as output:
        done = subprocess.run(
            [sys.executable, "-c", SAY],
            cwd=BASE_DIR,
            stdout=output,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (1, "")


def test_the_first_command_sets_a_new_embedded_database_up(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment |= {
        "DJANGO_SETTINGS_MODULE": "loyalty_site.settings",
        "REGULARS_DATA": str(tmp_path / "data"),
    }

    def command(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, BASE_DIR / "manage.py", *arguments],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    names = ["--name", "Tea", "--currency", "GBP", "--timezone", "Europe/London"]
    try:
        first = command("create_store", "tea", *names)
        again = command("create_store", "tea", *names)
    finally:
        command("stop_database")
    assert (first.returncode, first.stdout) == (0, "Made the store Tea at /s/tea/.\n")
    assert "Setting up the database" in first.stderr
    assert again.returncode == 1
    assert "already" in again.stderr
    assert "Setting up" not in again.stderr


def test_the_collector_of_cycles_leaves_what_is_loaded_alone_and_works_from_then_on() -> None:
    run_command = (
        "import manage; manage.main(); import gc; print(gc.isenabled(), gc.get_freeze_count() > 50_000)"
    )
    done = subprocess.run(
        [sys.executable, "-c", run_command, "diffsettings"],
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "True True"


def test_a_command_that_is_stopped_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def press_ctrl_c(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("django.core.management.execute_from_command_line", press_ctrl_c)
    with pytest.raises(SystemExit) as ended:
        run(["manage.py", "refresh_store", "tea"])
    assert "Stopped." in str(ended.value.code)


@pytest.mark.parametrize("arguments", [["import_orders", "tea", "orders.csv"], ["refresh_store", "tea"]])
def test_a_command_about_a_store_starts_without_the_pages_and_without_numpy(arguments: list[str]) -> None:
    """Loading them takes longer than most refreshes and imports."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", str(BASE_DIR / "manage.py"), *arguments],
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "loyalty_site.settings",
            "DATABASE_URL": "postgresql://127.0.0.1:1/shop",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    loaded = {
        line.rpartition("|")[2].strip()
        for line in done.stderr.splitlines()
        if line.startswith("import time:")
    }
    assert "The database can't be reached" in done.stderr
    assert "orders.importing" in loaded
    assert not loaded & {
        "numpy",
        "scipy",
        "plotly",
        "openpyxl",
        "xlsxwriter",
        "loyalty_site.urls",
        "orders.views",
    }
