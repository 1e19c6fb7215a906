"""Data directories for servers of a test's own, stopped and removed when it ends."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from loyalty_site import embedded_postgres
from loyalty_site.paths import BASE_DIR


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """Not pytest's tmp_path, which is closed to the account that runs root's server and has a long name."""
    folder = Path(tempfile.mkdtemp(prefix="rg-"))
    folder.chmod(0o755)
    yield folder / "var"
    _remove_with_servers(folder)


@pytest.fixture
def closed_data_dir() -> Iterator[Path]:
    """A data directory under a folder that its owner alone can open."""
    folder = Path(tempfile.mkdtemp(prefix="rg-closed-"))
    folder.chmod(0o700)
    yield folder / "clone" / "var"
    _remove_with_servers(folder)


def _remove_with_servers(folder: Path) -> None:
    for users in folder.rglob("postgres.users"):
        embedded_postgres.stop(users.parent)
        embedded_postgres.release(users.parent)
        home = users.parent / "postgres"
        if home.is_symlink():
            shutil.rmtree(home.resolve(), ignore_errors=True)
        sockets = Path(str(embedded_postgres.connection_parameters(users.parent)["host"]))
        shutil.rmtree(sockets, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def python_here() -> Callable[..., subprocess.Popen[str]]:
    """Start a Python process in the project, with an environment that says only what is given."""

    def start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=BASE_DIR,
            env=kept | {"PYTHONPATH": str(BASE_DIR), "PYTHONUNBUFFERED": "1"} | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    return start
