from collections.abc import Callable
from pathlib import Path
from subprocess import Popen

import pytest

from loyalty_site import postgres_programs
from loyalty_site.postgres_programs import account_of, make_folder

OLDER = "pginstall"  # the wheel carries PostgreSQL 16 as well


def test_an_older_server_is_refused_in_words(data_dir: Path, python_here: Callable[..., Popen[str]]) -> None:
    account = account_of(data_dir)
    programs = postgres_programs.installed_programs().parents[1] / OLDER / "bin"
    if not postgres_programs.can_reach(programs / "initdb", account):
        pytest.skip("the server's programs are installed where the account that runs servers can't read them")
    data_dir.mkdir(mode=0o755)
    make_folder(data_dir / "older", account=account)
    run = postgres_programs.run_program
    cluster = str(data_dir / "older")
    options = f"-c listen_addresses= -c unix_socket_directories={cluster} -c fsync=off"
    assert run(programs / "initdb", "-D", cluster, "--auth=trust", "-U", "postgres", "-N", account=account)[0]
    assert run(
        programs / "pg_ctl",
        "start",
        "-w",
        "-D",
        cluster,
        "-o",
        options,
        "-l",
        f"{cluster}/log",
        account=account,
    )[0]
    try:
        migrate = python_here(
            "manage.py",
            "migrate",
            DATABASE_URL=f"host={cluster} user=postgres dbname=postgres",
            REGULARS_DATA=str(data_dir / "var"),
        )
        output, _ = migrate.communicate(timeout=120)
    finally:
        run(programs / "pg_ctl", "stop", "-D", cluster, "-m", "immediate", account=account)

    assert migrate.returncode == 1
    assert "Regulars needs PostgreSQL 18 or newer; the server that DATABASE_URL names is 16." in output
    assert "Traceback" not in output
