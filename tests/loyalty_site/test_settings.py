"""The settings as the environment of a machine makes them."""

import io
import logging
import logging.config
import runpy
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from loyalty_site.paths import BASE_DIR


@pytest.fixture
def settings_with(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The settings module run anew in a changed environment."""

    def run(**environment: str) -> dict[str, Any]:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(BASE_DIR / "loyalty_site" / "settings.py"))

    return run


@pytest.mark.parametrize(
    "url", ["mysql://shop:open-sesame@host/name", "postgresql://shop:open-sesame@host:x/y z"]
)
def test_a_database_address_that_cannot_be_read_is_said_without_its_password(
    settings_with: Any, url: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL") as refusal:
        settings_with(DATABASE_URL=url)
    assert "open-sesame" not in str(refusal.value)
    assert refusal.value.__cause__ is None


@pytest.mark.parametrize(
    ("url", "port", "tls", "ssl"),
    [
        ("smtp://me:p%40ss@mail.example.com", 587, True, False),
        ("smtps://me:p%40ss@mail.example.com", 465, False, True),
        ("smtps://me:p%40ss@mail.example.com:587", 587, False, True),
        ("smtp://me:p%40ss@mail.example.com:25", 25, False, False),
    ],
)
def test_mail_goes_where_its_address_says(
    settings_with: Any, url: str, port: int, tls: bool, ssl: bool
) -> None:
    made = settings_with(REGULARS_MAIL_URL=url)
    assert made["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend"
    assert (made["EMAIL_HOST"], made["EMAIL_PORT"]) == ("mail.example.com", port)
    assert (made["EMAIL_USE_TLS"], made["EMAIL_USE_SSL"]) == (tls, ssl)
    assert (made["EMAIL_HOST_USER"], made["EMAIL_HOST_PASSWORD"]) == ("me", "p@ss")


@pytest.mark.parametrize("url", ["mail.example.com", "smtp://me:open-sesame@host:port", "pop3://host"])
def test_a_mail_address_that_cannot_be_read_is_said(settings_with: Any, url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="REGULARS_MAIL_URL can't be read") as refusal:
        settings_with(REGULARS_MAIL_URL=url)
    assert "open-sesame" not in str(refusal.value)


@pytest.fixture
def said(settings_with: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What the site's logging writes to standard error."""
    stderr = io.StringIO()
    monkeypatch.setattr("sys.stderr", stderr)
    root = logging.getLogger()
    before = root.handlers[:], root.level
    logging.config.dictConfig(settings_with()["LOGGING"])
    yield stderr
    root.handlers, root.level = before


def test_what_goes_wrong_outside_of_debug_mode_reaches_standard_error(said: io.StringIO) -> None:
    try:
        raise ZeroDivisionError("the page broke")
    except ZeroDivisionError:
        logging.getLogger("django.request").exception("Internal Server Error: /s/tea/")
    logging.getLogger("jobs.running").warning("Job 7 failed")
    logging.getLogger("django.request").warning("Not Found: /wp-login.php")
    written = said.getvalue()
    assert "ERROR django.request: Internal Server Error: /s/tea/\nTraceback" in written
    assert "the page broke" in written
    assert "WARNING jobs.running: Job 7 failed" in written
    assert "wp-login" not in written
