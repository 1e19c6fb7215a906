"""Files of people's data on the disk: in folders closed to everybody else on the machine, and deleted after a
while.
"""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

from django.conf import settings


def private_folder(*names: str) -> Path:
    """The folder of these names, one inside the other, below MEDIA_ROOT; made where it is missing."""
    folder = Path(settings.MEDIA_ROOT)
    for name in names:
        folder /= name
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def remove_old_files(pattern: str, *, older_than: timedelta) -> int:
    """Removes the files below MEDIA_ROOT that match the pattern (as Path.glob) and were last written that long ago.

    Returns how many. Safe beside another that does the same.
    """
    oldest, removed = time.time() - older_than.total_seconds(), 0
    for path in Path(settings.MEDIA_ROOT).glob(pattern):
        try:
            if path.stat().st_mtime < oldest:
                path.unlink()
                removed += 1
        except FileNotFoundError:
            continue  # somebody else removed it first
    return removed
