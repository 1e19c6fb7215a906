"""The kinds of file that people can be exported as."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from lib.spreadsheets import CsvFile, TableFile, XlsxFile
from segments.exports.columns import EVERYTHING, KLAVIYO, MAILCHIMP, Column

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class FileKind:
    """`mails`: what it is made for sends e-mail, so it takes an address and no refusal to be in it."""

    key: str
    label: str
    explanation: str
    format: Literal["csv", "xlsx"]
    columns: Sequence[Column]
    mails: bool = False
    largest: int | None = None  # bytes that what it is made for takes

    @property
    def suffix(self) -> str:
        """What a file's name ends with: .csv, -klaviyo.csv."""
        return f"-{self.key}.{self.format}" if self.mails else f".{self.format}"

    def open(self, file: IO[bytes], header: Sequence[str], *, folder: Path) -> TableFile:
        """Begins the file. `folder`: for what lies aside meanwhile."""
        if self.format == "xlsx":
            return XlsxFile(file, header, name="Customers", folder=folder)
        return CsvFile(file, header, marked=not self.mails)


KINDS = {
    kind.key: kind
    for kind in (
        FileKind("xlsx", "Excel", "Every column, with real numbers and dates.", "xlsx", EVERYTHING),
        FileKind("csv", "CSV", "Every column, for any other program.", "csv", EVERYTHING),
        FileKind(
            "klaviyo",
            "Klaviyo",
            "A CSV that its profile import recognises, with segment, scores and value as properties.",
            "csv",
            KLAVIYO,
            mails=True,
            largest=50_000_000,
        ),
        FileKind(
            "mailchimp",
            "Mailchimp",
            "A CSV that its audience import recognises, with the segment as a tag.",
            "csv",
            MAILCHIMP,
            mails=True,
        ),
    )
}
