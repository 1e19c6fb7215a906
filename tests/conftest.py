"""What every test stands on: a real PostgreSQL of its own, no network, files in a folder that goes away."""

import ipaddress
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.db import connection
from django.test import override_settings
from hypothesis import HealthCheck, settings

from loyalty_site import embedded_postgres
from loyalty_site.paths import BASE_DIR

# The same examples each time, and no clock: what passed once passes again, also on a machine that is busy.
# To look for new ones: make test ARGS=--hypothesis-profile=explore
settings.register_profile(
    "suite", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("explore", settings.get_profile("suite"), derandomize=False, max_examples=1000)
settings.load_profile("suite")

SHARED_DATA = BASE_DIR.parent / "shared" / "data"


@pytest.fixture(scope="session")
def embedded_server() -> Iterator[None]:
    """The tests' own server, shared by the parallel processes; the last one to finish stops it."""
    embedded_postgres.ensure(site_settings.DATA_DIR, tests=True)
    yield
    embedded_postgres.release(site_settings.DATA_DIR)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    embedded_server: None, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """Before pytest-django makes the test database: the server, and a database name per parallel process."""


@pytest.fixture
def app_role(db: None) -> None:
    """The rights the running site has: rows can be read and written, tables not made, changed or truncated."""
    assert connection.in_atomic_block, (
        "app_role lasts as long as the test's transaction, so the test needs one"
    )
    with connection.cursor() as cursor:
        cursor.execute("set local role regulars_app")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data sets beside the project."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the real data sets (../shared/data beside the project) are not on this machine")
    return SHARED_DATA


@pytest.fixture(scope="session", autouse=True)
def private_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Uploads and exports of tests go to a folder of this run."""
    with override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("files")):
        yield


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """Fail a test that reaches for another machine, naming it."""
    resolve, connect, connect_ex = socket.getaddrinfo, socket.socket.connect, socket.socket.connect_ex

    def resolve_here(host: Any, *arguments: Any, **options: Any) -> Any:
        _require_local(host)
        return resolve(host, *arguments, **options)

    def connect_here(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX:
            _require_local(address[0])
        connect(self, address)

    def connect_ex_here(self: socket.socket, address: Any) -> int:
        if self.family != socket.AF_UNIX:
            _require_local(address[0])
        return connect_ex(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", resolve_here)
        patch.setattr(socket.socket, "connect", connect_here)
        patch.setattr(socket.socket, "connect_ex", connect_ex_here)
        yield


def _require_local(host: str | bytes | None) -> None:
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost"):
        return
    try:
        local = ipaddress.ip_address(name).is_loopback or ipaddress.ip_address(name).is_unspecified
    except ValueError:
        local = False
    if not local:
        pytest.fail(f"a test reached for the network: {name}")
