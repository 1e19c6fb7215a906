import os
import random
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

Python = Callable[..., subprocess.Popen[str]]


class Site:
    """A site started as `make run` starts it, and what a person in front of it can see."""

    def __init__(self, python_here: Python, data_dir: Path, **environment: str) -> None:
        self.port = free_port()
        self.data_dir = data_dir
        environment = {"REGULARS_DEMO": "false"} | environment
        self.process = python_here(
            "-m", "loyalty_site.run", REGULARS_DATA=str(data_dir), PORT=str(self.port), **environment
        )

    def says(self, words: str) -> str:
        """Read on until a line holds these words."""
        assert self.process.stdout
        seen = []
        for line in self.process.stdout:
            seen.append(line)
            if words in line:
                return line
        raise AssertionError(f"it never said {words!r}, but: {''.join(seen)}")

    def status(self, path: str = "/readyz") -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def processes(self) -> dict[psutil.Process, str]:
        """All that belongs to it, wherever in the process tree it has got to, with the command lines."""
        found = {}
        for process in psutil.process_iter():
            try:
                ours = process.environ().get("REGULARS_DATA") == str(self.data_dir)
                if ours or process.cwd().startswith(str(self.data_dir.resolve())):
                    found[process] = " ".join(process.cmdline())
                    if process.status() == psutil.STATUS_ZOMBIE:
                        del found[process]
            except psutil.Error:
                continue
        return found

    def leader(self, words: str) -> psutil.Process | None:
        """Its own child with these words in the command line."""
        children = {child.pid for child in psutil.Process(self.process.pid).children()}
        found = [
            each for each, command in self.processes().items() if words in command and each.pid in children
        ]
        return found[0] if found else None

    def end(self) -> None:
        for process in self.processes():
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait()
        assert self.process.stdout
        self.process.stdout.close()


def free_port() -> int:
    """A port that nobody has, and that none of this machine's own connections will be given meanwhile."""
    while True:
        port = random.randrange(20_000, 32_000)  # below those that Linux and macOS give out
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


@pytest.fixture
def site(python_here: Python, data_dir: Path) -> Iterator[Site]:
    site = Site(python_here, data_dir)
    yield site
    site.end()


def eventually(condition: Callable[[], bool], seconds: float = 120) -> bool:
    """Whether the condition holds within some time; polling, since other programs decide when."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_what_dies_is_started_again_and_sigterm_leaves_nothing(site: Site) -> None:
    assert f"http://127.0.0.1:{site.port}/" in site.says("Regulars is at")
    assert (site.status(), site.status("/healthz")) == (200, 200)

    web = site.leader("gunicorn")
    assert web
    web.kill()
    site.says("The web server ended (SIGKILL). Starting it again")
    assert eventually(lambda: site.status() == 200)

    assert eventually(lambda: len(whole_cluster(site)) > 3)
    cluster = whole_cluster(site)
    cluster[0].kill()
    site.says("The task cluster ended (SIGKILL). Starting it again")
    assert eventually(lambda: not set(cluster) & site.processes().keys())
    assert eventually(lambda: len(whole_cluster(site)) > 3)

    pid_file = site.data_dir / "postgres" / "cluster" / "postmaster.pid"
    os.kill(int(pid_file.read_text().split()[0]), signal.SIGKILL)
    site.says("The database had stopped. It is running again.")
    assert eventually(lambda: site.status() == 200)

    everything = set(site.processes())
    site.process.send_signal(signal.SIGTERM)
    site.says("Stopped.")
    assert site.process.wait(120) == 0
    assert not site.processes()
    assert not [process for process in everything if process.is_running()]  # nor as a zombie


ENDED_CHILD = """
import os, time
from loyalty_site.run import Child, adopt_orphans
adopt_orphans()
child = Child("shell", ["sh", "-c", "trap '' TERM; sleep 600 & echo started; wait; wait"], dict(os.environ))
child.keep_alive()
group = child.process.pid
input()
child.end(time.monotonic())
try:
    os.killpg(group, 0)
except ProcessLookupError:
    print("nobody is left")
"""


def test_when_a_child_has_been_ended_nothing_it_started_is_still_dying(python_here: Python) -> None:
    run = python_here("-c", ENDED_CHILD)
    assert run.stdout
    assert run.stdout.readline() == "started\n"  # what it started runs, and takes no notice of SIGTERM

    output, _ = run.communicate("go on\n", timeout=120)

    assert (output, run.returncode) == ("nobody is left\n", 0)


def whole_cluster(site: Site) -> list[psutil.Process]:
    """The leader of the task cluster and what it started."""
    leader = site.leader("qcluster")
    return [leader, *leader.children(recursive=True)] if leader else []


def test_of_a_killed_run_nothing_but_the_database_lives_on(site: Site) -> None:
    site.says("Regulars is at")
    assert eventually(lambda: any("qcluster" in command for command in site.processes().values()))
    site.process.kill()

    assert eventually(lambda: all("postgres" in command for command in site.processes().values()))
    assert site.processes()


def test_sigterm_during_the_preparation_leaves_nothing(site: Site) -> None:
    assert eventually(lambda: any("prepare" in command for command in site.processes().values()))
    site.process.send_signal(signal.SIGTERM)

    assert site.process.wait(120) == 0
    assert not site.processes()


def test_with_database_url_no_database_is_started(python_here: Python, data_dir: Path) -> None:
    site = Site(python_here, data_dir, DATABASE_URL="host=127.0.0.1 port=1 dbname=shop user=shop")

    output, _ = site.process.communicate(timeout=120)

    assert site.process.returncode == 1
    assert "The database can't be reached" in output
    assert "Traceback" not in output
    assert not (data_dir / "postgres").exists()


@pytest.mark.parametrize("port", ["web", "0", "65536", "-1"])
def test_a_port_that_is_none_is_refused_in_words(python_here: Python, data_dir: Path, port: str) -> None:
    run = python_here("-m", "loyalty_site.run", REGULARS_DATA=str(data_dir), PORT=port)

    assert "it should be a number from 1 to 65535" in run.communicate(timeout=120)[0]
    assert run.returncode == 1
    assert not data_dir.exists()


def test_a_taken_port_is_refused_in_words(python_here: Python, data_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        run = python_here("-m", "loyalty_site.run", REGULARS_DATA=str(data_dir), PORT=str(port))
        output, _ = run.communicate(timeout=120)

    assert f"Port {port} is taken" in output
    assert run.returncode == 1
    assert not data_dir.exists()
