"""Excel workbooks: checked, then spooled as CSV by a process of its own with bounded memory."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from orders import spreadsheet_spooling
from orders.surveying import UnreadableFileError

SUSPICIOUS_RATIO = 200  # sheets are XML and shrink 10 to 30 times; bombs a thousand times
SUSPICIOUS_SIZE = 20_000_000

_BOMB = "The workbook unpacks to far more than it should hold, so it wasn't opened. Save the sheet as CSV and bring that."
_DAMAGED = "The workbook is damaged or breaks off. Save it again in Excel, or as CSV."


@contextmanager
def spooled(path: Path, filename: str) -> Iterator[Path]:
    """The first sheet that can be a table as a CSV file in UTF-8, for as long as the context lasts.

    Raises UnreadableFileError.
    """
    _require_honest_sizes(path)
    with tempfile.TemporaryDirectory(prefix="workbook-") as folder:
        spool = Path(folder) / "sheet.csv"
        command = [sys.executable, spreadsheet_spooling.__file__, str(path), str(spool)]
        try:
            done = subprocess.run(
                [*command, str(settings.IMPORT_WORKBOOK_MEMORY)],
                check=False,
                capture_output=True,
                timeout=600,
            )
        except subprocess.TimeoutExpired:
            raise UnreadableFileError(_BOMB) from None
        if done.returncode == spreadsheet_spooling.EMPTY:
            raise UnreadableFileError("The workbook has no rows.")
        if done.returncode == spreadsheet_spooling.DAMAGED:
            raise UnreadableFileError(_DAMAGED)
        if done.returncode:  # no memory left: calamine aborts, or Python says so
            raise UnreadableFileError(_BOMB)
        yield spool


def _require_honest_sizes(path: Path) -> None:
    """Refuses what isn't a workbook, and one that declares more than a sheet could be."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError):
        raise UnreadableFileError(_DAMAGED) from None
    if not any(entry.filename.lower() == "xl/workbook.xml" for entry in entries):
        raise UnreadableFileError(
            "This is an archive, not an Excel workbook. Unpack it and bring the file inside."
        )
    for entry in entries:
        ratio = entry.file_size / max(entry.compress_size, 1)
        if entry.file_size > SUSPICIOUS_SIZE and ratio > SUSPICIOUS_RATIO:
            raise UnreadableFileError(_BOMB)
    if sum(entry.file_size for entry in entries) > settings.IMPORT_LARGEST_FILE:
        raise UnreadableFileError(_BOMB)
