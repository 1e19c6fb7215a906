import re
from collections.abc import Callable
from pathlib import Path
from subprocess import Popen

import pytest
from django.db import connection
from django.test import Client
from pytest_django.fixtures import Settings

ASK = """
import django
django.setup()
from django.test import Client
from pytest_django.fixtures import Settings
for path in ("/healthz", "/readyz"):
    answer = Client().get(path, headers={"host": "localhost"})
    print(answer.status_code, answer.content.decode().strip())
"""


def test_health_needs_no_database(client: Client) -> None:
    answer = client.get("/healthz")  # pytest-django fails a test that uses the database without saying so

    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_ready_when_every_migration_is_there(client: Client, django_assert_num_queries: Callable) -> None:  # type: ignore[type-arg]
    with django_assert_num_queries(2):  # is there a table of migrations, and what does it hold
        answer = client.get("/readyz")

    assert (answer.status_code, answer.content) == (200, b"ready\n")
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_not_ready_while_a_migration_is_missing(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("delete from django_migrations where app = 'orders'")

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert b"1 migrations to apply, orders." in answer.content


def test_not_ready_without_a_database(data_dir: Path, python_here: Callable[..., Popen[str]]) -> None:
    asked = python_here(
        "-c",
        ASK,
        DJANGO_SETTINGS_MODULE="loyalty_site.settings",
        REGULARS_DATA=str(data_dir),
        REGULARS_HTTPS="false",
    )

    output, _ = asked.communicate(timeout=120)

    answers = [line for line in output.splitlines() if re.match(r"\d{3} ", line)]  # warnings come in between
    assert answers == ["200 ok", "503 not ready: the database can't be reached"]


def test_monitors_are_not_redirected_to_https(client: Client, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True

    assert client.get("/healthz").status_code == 200
