"""The page of a mistake of ours, which must come whatever is broken."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.test import Client
from django.urls import path
from pytest_django import Settings

from loyalty_site.urls import urlpatterns as site_patterns


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("secret detail")


urlpatterns = [*site_patterns, path("broken/", broken)]


@pytest.fixture
def nothing_collected(settings: Settings, tmp_path: Path) -> None:
    """Static files as on a machine where collectstatic was never run."""
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "loyalty_site.static_files.StaticFilesStorage"}
    }


@pytest.mark.urls("tests.loyalty_site.test_errors")
def test_a_failure_is_told_without_database_or_static_files(
    nothing_collected: None, caplog: pytest.LogCaptureFixture
) -> None:
    """The test has no `db`: a query would fail it."""
    with pytest.raises(ValueError, match="Missing staticfiles manifest entry"):
        loader.render_to_string("404.html")
    response = Client(raise_request_exception=False).get("/broken/")
    assert response.status_code == 500
    assert "Something went wrong on our side" in response.text
    assert "secret detail" not in response.text
    assert "secret detail" in caplog.text


def test_its_style_sheets_are_files_of_ours_and_nothing_is_inline() -> None:
    page = loader.render_to_string("500.html")
    sheets = [piece.split('"')[0] for piece in page.split('href="/static/')[1:]]
    assert sheets
    assert all(finders.find(sheet) for sheet in sheets)
    assert "<style" not in page
    assert "style=" not in page
