"""Files on their way from a browser."""

import os
import time
from datetime import timedelta
from pathlib import Path

from django.test import override_settings

from orders.uploading import ARRIVING, remove_interrupted_uploads


def test_what_a_killed_server_left_is_removed_a_day_later(tmp_path: Path) -> None:
    folder = tmp_path / ARRIVING
    folder.mkdir()
    fresh, old = folder / "a.upload", folder / "b.upload"
    for file in (fresh, old):
        file.write_bytes(b"half of it")
    a_day_ago = time.time() - timedelta(hours=25).total_seconds()
    os.utime(old, (a_day_ago, a_day_ago))
    with override_settings(MEDIA_ROOT=tmp_path):
        assert remove_interrupted_uploads() == 1
        assert remove_interrupted_uploads() == 0
    assert list(folder.iterdir()) == [fresh]
