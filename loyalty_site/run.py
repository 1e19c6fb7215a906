"""`make run`: the whole site on one machine, in the foreground, until Ctrl-C or SIGTERM.

Starts the embedded PostgreSQL (unless DATABASE_URL names another server), brings database and static files up to
this release, then keeps two children alive: the web server and the task cluster. It doesn't load Django itself, so
that nothing in the site's code can take it down with it. Each child leads a session of its own: Ctrl-C in the
terminal reaches this process alone, which ends them in order, and what a killed child leaves behind can be ended too.

    PORT            where the site is served on 127.0.0.1; 8000 unless given
    REGULARS_DEMO   true unless given: a demo store and sign-in buttons
    REGULARS_HTTPS  false unless given: this is plain http on the machine's own address
"""

import ctypes
import http.client
import os
import select
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from lib.numbers import whole_number
from loyalty_site import embedded_postgres
from loyalty_site.paths import BASE_DIR, DATA_DIR
from loyalty_site.postgres_programs import DatabaseServerError

TICK_SECONDS = 1.0
DATABASE_EVERY = 5.0  # seconds between looks at the database
TASKS_EVERY = 120.0  # seconds between looks at the task cluster, and before the first one after its start
CHECK_SECONDS = 60.0  # a check of the task cluster that takes longer tells nothing about it
READY_SECONDS = 60.0
STOP_SECONDS = 7.0  # for answers under way and short tasks; what is cut off is done again on the next start
DEATH_SECONDS = 10.0  # for a killed process to die: it gives its memory back first
LONGEST_PAUSE = 30.0  # seconds before a child that keeps dying is started again
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36  # Linux's <sys/prctl.h>

_libc = ctypes.CDLL(None)


class Signals:
    """SIGINT, SIGTERM and SIGHUP as a flag, and a wait that any signal, a child's end included, cuts short."""

    def __init__(self) -> None:
        self.stopping = False
        self._woken, wake = socket.socketpair()
        self._woken.setblocking(False)
        wake.setblocking(False)
        self._wake = wake  # kept open
        signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)

    def _stop(self, number: int, frame: object) -> None:
        self.stopping = True

    def wait(self, seconds: float) -> None:
        """Return after `seconds`, or sooner on a signal."""
        if select.select([self._woken], [], [], seconds)[0]:
            with suppress(BlockingIOError):
                while self._woken.recv(4096):
                    pass


@dataclass
class Child:
    """A process that should be there, with all it starts, until the site stops."""

    name: str
    command: list[str]
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    deaths: int = 0
    start_after: float = 0.0

    def keep_alive(self) -> None:
        """Start it when it isn't there; after a death at once, then after ever longer pauses."""
        if self.process and (code := self.process.poll()) is not None:
            self._end_group()
            lived = time.monotonic() - self.started_at
            self.deaths = self.deaths + 1 if lived < LONGEST_PAUSE else 0
            pause = min(2.0**self.deaths, LONGEST_PAUSE) if self.deaths else 0.0
            say(
                f"The {self.name} ended ({_reason(code)}). Starting it again{f' in {pause:.0f} s' if pause else ''}."
            )
            self.process, self.start_after = None, time.monotonic() + pause
        if self.process is None and time.monotonic() >= self.start_after:
            self.process = spawn(self.command, self.environment)
            self.started_at = time.monotonic()

    def ask_to_end(self) -> None:
        if self.process:
            self.process.terminate()

    def end(self, deadline: float) -> None:
        """Wait until `deadline` for it to end, then kill it and whatever it started."""
        if not self.process:
            return
        self.ask_to_end()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(max(deadline - time.monotonic(), 0))
        self._end_group()
        self.process = None

    def _end_group(self) -> None:
        """Kill what is left of it and wait until nothing is: until it has died, even a killed process holds its
        locks, among them the one that says that somebody uses the database.
        """
        assert self.process
        group, deadline = self.process.pid, time.monotonic() + DEATH_SECONDS
        with suppress(ProcessLookupError, PermissionError):  # macOS says the latter of a group of zombies
            os.killpg(group, signal.SIGKILL)
            self.process.wait()
            while time.monotonic() < deadline:
                bury_the_dead(-group)
                os.killpg(group, 0)
                time.sleep(0.01)


def _reason(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name


def spawn(command: list[str], environment: dict[str, str], *, quiet: bool = False) -> subprocess.Popen[bytes]:
    """Start a command in its own session, to be ended by the kernel should this process be killed."""
    return subprocess.Popen(
        command,
        cwd=BASE_DIR,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL if quiet else None,
        start_new_session=True,
        preexec_fn=_end_with_parent if sys.platform == "linux" else None,
    )


def _end_with_parent() -> None:
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def adopt_orphans() -> None:
    """Become the parent of what a child leaves behind and of the database server: the first process of some machines,
    mostly containers, never reaps zombies.
    """
    if sys.platform == "linux":
        _libc.prctl(PR_SET_CHILD_SUBREAPER, 1)


def bury_the_dead(whom: int = -1) -> None:
    """`whom` as waitpid(2) takes it: -1 for all, -n for process group n."""
    with suppress(ChildProcessError):
        while os.waitpid(whom, os.WNOHANG) != (0, 0):
            pass


def manage(*arguments: str) -> list[str]:
    return [sys.executable, str(BASE_DIR / "manage.py"), *arguments]


def web_command(port: int) -> list[str]:
    """gunicorn with threads: it outlives the killing of a worker, and leaves promptly when asked to.

    The site is loaded once, before the workers are forked from it: half the work at the start.
    """
    options = {"bind": f"127.0.0.1:{port}", "worker-class": "gthread", "workers": "2", "threads": "4"}
    options |= {"timeout": "60", "graceful-timeout": "5", "log-level": "warning"}
    if Path("/dev/shm").is_dir():  # noqa: S108 - a heartbeat file that must not wait for a disk
        options["worker-tmp-dir"] = "/dev/shm"  # noqa: S108
    given = [part for name, value in options.items() for part in (f"--{name}", value)]
    return [sys.executable, "-m", "gunicorn", "loyalty_site.wsgi", "--preload", "--no-control-socket", *given]


@dataclass
class TaskCheck:
    """Restarts the task cluster when its canary is silent, since a cluster that hangs can't do so itself.

    `manage.py check_tasks` exits with 0 if the canary was heard lately, and otherwise with another code.
    """

    cluster: Child
    environment: dict[str, str]
    asked: subprocess.Popen[bytes] | None = None
    asked_at: float = field(default_factory=time.monotonic)

    def look(self) -> None:
        """Ask now and then, without waiting for the answer; act on the answer when it is there."""
        now = time.monotonic()
        if self.asked is None:
            if now - max(self.asked_at, self.cluster.started_at) > TASKS_EVERY:
                self.asked, self.asked_at = spawn(manage("check_tasks"), self.environment, quiet=True), now
        elif (code := self.asked.poll()) is not None:
            self.asked = None
            if code:
                say("The task cluster is silent. Restarting it.")
                self.cluster.end(now + STOP_SECONDS)
        elif now - self.asked_at > CHECK_SECONDS:
            self.end()

    def end(self) -> None:
        if self.asked:
            self.asked.kill()
            self.asked.wait()
            self.asked = None


def say(text: str) -> None:
    print(text, flush=True)


def port_from_environment() -> int:
    """The port to serve on; ends the process with a sentence when it is no port or is taken."""
    given = os.environ.get("PORT") or "8000"
    port = whole_number(given)
    if port is None or not 1 <= port <= 65535:
        sys.exit(f"PORT is {given!r}; it should be a number from 1 to 65535.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            sys.exit(f"Port {given} is for root alone. Choose another: PORT=8001 make run")
        except OSError:
            sys.exit(f"Port {given} is taken, perhaps by another run. Choose another: PORT=8001 make run")
    return port


def is_ready(port: int) -> bool:
    """Whether /readyz answers 200."""
    hosts = os.environ.get("REGULARS_HOSTS", "127.0.0.1").split(",")
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz", headers={"Host": hosts[0].strip().strip("*.") or "127.0.0.1"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def prepare(signals: Signals, environment: dict[str, str]) -> bool:
    """Migrate and so on, in a process of its own; whether to go on."""
    child = Child("preparation", manage("prepare"), environment)
    child.keep_alive()
    assert child.process
    while child.process.poll() is None and not signals.stopping:
        signals.wait(TICK_SECONDS)
    if signals.stopping:
        child.end(time.monotonic() + STOP_SECONDS)
        return False
    if code := child.process.returncode:
        sys.exit(f"Nothing was started, since the preparation failed ({_reason(code)}); see above.")
    return True


def watch_database() -> None:
    """Start the embedded server again should it have died; the site's processes connect to it anew."""
    try:
        if embedded_postgres.ensure(DATA_DIR):
            say("The database had stopped. It is running again.")
    except DatabaseServerError as error:
        say(str(error))


def serve(signals: Signals, *, port: int, environment: dict[str, str], embedded: bool) -> None:
    """Keep the web server and the task cluster (and the embedded database) alive until a signal says stop."""
    web = Child("web server", web_command(port), environment)
    cluster = Child("task cluster", manage("qcluster"), environment)
    check = TaskCheck(cluster, environment)
    waiting = True
    database_at = begun_at = time.monotonic()
    try:
        while not signals.stopping:
            web.keep_alive()
            if not waiting:  # the pages come first
                cluster.keep_alive()
                check.look()
            if embedded and time.monotonic() - database_at > DATABASE_EVERY:
                watch_database()
                database_at = time.monotonic()
            if waiting and is_ready(port):
                welcome(port, environment)
                waiting = False
            elif waiting and time.monotonic() - begun_at > READY_SECONDS:
                say(f"Not ready after {READY_SECONDS:.0f} s; http://127.0.0.1:{port}/readyz says why.")
                waiting = False
            signals.wait(0.1 if waiting else TICK_SECONDS)
    finally:
        say("Stopping ...")
        deadline = time.monotonic() + STOP_SECONDS
        web.ask_to_end()
        for child in (cluster, web):
            child.end(deadline)
        check.end()


def welcome(port: int, environment: dict[str, str]) -> None:
    say(f"\nRegulars is at http://127.0.0.1:{port}/")
    if environment["REGULARS_DEMO"].lower() in ("true", "1", "yes", "on"):
        say("Sign in with one of the demo buttons on that page. Ctrl-C stops everything.\n")
    else:
        say("Sign in with your e-mail address and password; for a new shop, make them with")
        say(
            "  .venv/bin/python manage.py create_store SLUG --name NAME --currency GBP --timezone Europe/London"
        )
        say("  .venv/bin/python manage.py create_user EMAIL --password-stdin --store SLUG --role admin")
        say("Ctrl-C stops everything.\n")


def main() -> None:
    """Run until told to stop; the exit code is 0 then, and 1 with a sentence when the site can't start."""
    signals = Signals()
    adopt_orphans()
    port = port_from_environment()
    environment = {"REGULARS_DEMO": "true", "REGULARS_HTTPS": "false", "PYTHONUNBUFFERED": "1", **os.environ}
    environment.pop("REGULARS_DATABASE_ROLE", None)  # each command has its own
    embedded = not os.environ.get("DATABASE_URL")
    try:
        if embedded:
            embedded_postgres.ensure(DATA_DIR)
        if not signals.stopping and prepare(signals, environment):
            serve(signals, port=port, environment=environment, embedded=embedded)
    except DatabaseServerError as error:
        sys.exit(str(error))
    finally:
        if embedded:
            embedded_postgres.release(DATA_DIR)
        bury_the_dead()
    say("Stopped.")


if __name__ == "__main__":
    main()
