"""Looks a file over before it is read: is it what its name says, not too large, in which encoding."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from lib.wording import size_text
from orders.encodings import marked_encoding, one_byte_encoding

BLOCK = 1 << 18  # as much as a processor keeps at hand
SAMPLE = 1 << 18  # bytes beyond ASCII that decide a one-byte encoding
_ASCII = bytes(range(128))


class UnreadableFileError(Exception):
    """The file can't be read; the message is a sentence or two for the person who brought it."""


@dataclass(frozen=True)
class Survey:
    """What a pass over the bytes found."""

    encoding: str
    lines: int
    quotes: int


def require_readable(path: Path, filename: str) -> str:
    """What the file is: "xlsx", "json" or "text". Raises UnreadableFileError for anything else."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.strip():
        raise UnreadableFileError("The file is empty.")
    kind = _kind(head)
    suffix = Path(filename).suffix.lower()
    limit = settings.IMPORT_LARGEST_WORKBOOK if kind == "xlsx" else settings.IMPORT_LARGEST_FILE
    if size > limit:
        raise UnreadableFileError(
            f"The file is too large: {size_text(size)} where {size_text(limit)} is the most. Cut it in parts "
            "(by year, say) and import one after another; it doesn't matter if they overlap."
        )
    _require_named_right(kind, suffix)
    return kind


def _kind(head: bytes) -> str:
    if head.startswith(b"PK\x03\x04"):
        return "xlsx"
    for mark, sentence in _OTHER_FILES:
        if head.startswith(mark):
            raise UnreadableFileError(sentence)
    encoding = marked_encoding(head)
    if not encoding and b"\0" in head:
        raise UnreadableFileError(
            "This isn't a table: the file holds something other than text. Bring a CSV, Excel (.xlsx) or JSON file."
        )
    start = head.decode(encoding or "latin-1", errors="ignore").removeprefix("\ufeff").lstrip()
    if _MARKUP.match(start):
        raise UnreadableFileError(
            "This is a web page or XML, whatever its name says. Open it in Excel and save it as .xlsx or CSV."
        )
    return "json" if start.startswith(("{", "[")) else "text"


_MARKUP = re.compile(r"<(?:\?xml|!doctype|!--|[a-z]+[\s>])", re.IGNORECASE)
_OTHER_FILES = (
    (b"\x1f\x8b", "The file is compressed (gzip). Unpack it and bring the file inside."),
    (
        b"\xd0\xcf\x11\xe0",
        "This is a workbook of an old Excel (.xls), or protected by a password. Open it and save it as .xlsx or CSV.",
    ),
    (b"%PDF", "This is a PDF document. Bring the table as CSV, Excel (.xlsx) or JSON."),
    (b"Rar!", "The file is compressed (RAR). Unpack it and bring the file inside."),
    (b"7z\xbc\xaf", "The file is compressed (7-Zip). Unpack it and bring the file inside."),
)


def _require_named_right(kind: str, suffix: str) -> None:
    if suffix in {".xlsx", ".xlsm"} and kind != "xlsx":
        raise UnreadableFileError(
            "The file is named like an Excel workbook and isn't one. If it holds text, give its name the ending .csv; "
            "else save it again from Excel."
        )
    if suffix == ".json" and kind != "json":
        raise UnreadableFileError("The file is named .json and doesn't hold JSON.")
    if suffix in {".csv", ".tsv", ".txt"} and kind == "xlsx":
        raise UnreadableFileError(
            f"The file is named {suffix} and is a workbook or an archive. Give its name the ending .xlsx if it comes "
            "from Excel; else unpack it."
        )


def survey(path: Path, encoding: str = "") -> Survey:
    """One pass over the bytes: the encoding (unless given), line breaks, quotation marks.

    A file that stayed as it was since it was surveyed last isn't read again. Raises UnreadableFileError where the
    encoding given or found can't decode the file.
    """
    found = path.stat()
    version = (found.st_ino, found.st_size, found.st_mtime_ns)
    with path.open("rb") as file:
        encoding = encoding or marked_encoding(file.read(4096))
    if encoding.startswith("utf-16"):
        return _wide_survey(path, encoding, version)
    seen = _bytes_survey(path, version)
    return Survey(_decided(encoding, seen), seen.lines, seen.quotes)


class _Bytes(NamedTuple):
    """Counts over the bytes of a file whose encoding includes ASCII."""

    lines: int
    quotes: int
    is_utf8: bool
    sample: bytes  # of what isn't ASCII


@lru_cache(maxsize=4)
def _bytes_survey(path: Path, _version: tuple[int, ...]) -> _Bytes:
    quotes = breaks = returns = 0
    utf8 = codecs.getincrementaldecoder("utf-8")()
    is_utf8, sample, last = True, b"", b"\n"
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            quotes += _count(block, b'"')
            breaks += _count(block, b"\n")
            returns += 0 if breaks else _count(block, b"\r")  # counts where nothing else ends lines
            last = block[-1:]
            is_utf8 = is_utf8 and _decodes(utf8, block)
            if len(sample) < SAMPLE and not block.isascii():
                sample += block.translate(None, delete=_ASCII)[:SAMPLE]
    lines = (breaks or returns) + (last not in b"\r\n")
    return _Bytes(lines, quotes, is_utf8 and _decodes(utf8, b"", final=True), sample)


def _count(block: bytes, sign: bytes) -> int:
    """How often the character occurs. `bytes.count` looks at every byte; removing the characters leaps from one to
    the next, which is up to eight times as fast where they are rare.
    """
    return len(block) - len(block.replace(sign, b""))


def _decodes(decoder: codecs.IncrementalDecoder, block: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(block, final)
    except UnicodeDecodeError:
        return False
    return True


def _decided(encoding: str, seen: _Bytes) -> str:
    if not encoding:
        return "utf-8" if seen.is_utf8 else one_byte_encoding(seen.sample)
    try:
        codecs.lookup(encoding)
    except LookupError:
        raise UnreadableFileError(f"“{encoding}” isn't the name of an encoding.") from None
    if encoding.lower().replace("_", "-").startswith("utf-8") and not seen.is_utf8:
        raise UnreadableFileError("The file isn't in UTF-8: it holds bytes that UTF-8 doesn't know.")
    return encoding


@lru_cache(maxsize=4)
def _wide_survey(path: Path, encoding: str, _version: tuple[int, ...]) -> Survey:
    quotes = lines = 0
    last = "\n"
    try:
        with path.open(encoding=encoding, newline="") as text:
            while block := text.read(BLOCK):
                quotes += block.count('"')
                lines += block.count("\n")
                last = block[-1]
    except UnicodeError:
        raise UnreadableFileError("The file begins like UTF-16 and breaks off or is damaged.") from None
    return Survey(encoding, lines + (last != "\n"), quotes)
