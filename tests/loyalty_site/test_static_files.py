import gzip
import json
from pathlib import Path

import brotli
import pytest
from pytest_django.fixtures import Settings

from loyalty_site.static_files import collect_when_changed


@pytest.fixture
def source(settings: Settings, tmp_path: Path) -> Path:
    """A folder of static files, with the storage of the running site."""
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATICFILES_DIRS = [tmp_path / "source"]
    settings.STATIC_ROOT = tmp_path / "served"
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "loyalty_site.static_files.StaticFilesStorage"}
    }
    (tmp_path / "source").mkdir()
    return tmp_path / "source"


def test_files_are_named_by_content_and_compressed(source: Path, settings: Settings) -> None:
    content = b"let shop = 'Tea';\n" * 100
    (source / "shop.js").write_bytes(content)

    assert collect_when_changed() is True

    served = Path(settings.STATIC_ROOT)
    name = json.loads((served / "staticfiles.json").read_text())["paths"]["shop.js"]
    assert name not in ("shop.js", "")
    assert (served / name).read_bytes() == content
    assert brotli.decompress((served / f"{name}.br").read_bytes()) == content
    assert gzip.decompress((served / f"{name}.gz").read_bytes()) == content


def test_nothing_is_collected_again_until_something_changes(source: Path) -> None:
    (source / "shop.js").write_text("one")
    assert collect_when_changed() is True
    assert collect_when_changed() is False

    (source / "shop.js").write_text("three")
    assert collect_when_changed() is True
    (source / "more.js").write_text("one")
    assert collect_when_changed() is True
    assert collect_when_changed() is False
