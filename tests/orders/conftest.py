"""Files for imports, and what a store holds after them."""

from __future__ import annotations

from pathlib import Path

import pytest

from loyalty_site.paths import BASE_DIR

FORMATS = BASE_DIR.parent / "shared" / "formats"


@pytest.fixture(scope="session")
def shared_formats() -> Path:
    """The folder of sample exports beside the project."""
    if not FORMATS.is_dir():
        pytest.skip("the sample exports (../shared/formats beside the project) are not on this machine")
    return FORMATS
