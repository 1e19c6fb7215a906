"""Imports a file of orders or customers from the command line, by the same pipeline as the page."""

from __future__ import annotations

import shutil
import sys
import time
import tomllib
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from accounts.models import Store
from accounts.store_command import StoreCommand
from jobs.progress import Progress
from orders.formats import format_names
from orders.import_queries import rejected_rows
from orders.importing import ImportFailedError, ImportSummary, forget_interrupted, run_import
from orders.inspecting import Inspection, inspect
from orders.models import Import
from orders.status_words import rejected_words, words_told


class Command(StoreCommand):
    help = (
        "Imports a file of orders (or customers) into a store. Formats: "
        f"{', '.join(format_names())}; recognised by the header unless named. Rejected rows are written beside the "
        "file. The same file twice changes nothing, and an import that was killed can simply be started again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, help="CSV, TSV, Excel (.xlsx) or JSON")
        parser.add_argument("--format", help="overrules what the file is recognised as")
        parser.add_argument(
            "--mapping", type=Path, help="a TOML file: which column is what, or answers to questions"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object last")

    def run(self, store: Store, options: dict[str, Any]) -> None:
        path: Path = options["file"]
        found = _inspected(path, store, _chosen(options["mapping"], options["format"]))
        forget_interrupted(store=store)
        import_ = Import.objects.create(
            store=store,
            filename=_name(path),
            size=path.stat().st_size,
            format=found.format,
            mapping=found.mapping,
        )
        try:
            summary = run_import(import_id=import_.id, progress=TerminalProgress(), path=path)
        except ImportFailedError as error:
            raise CommandError(str(error)) from error
        finally:
            forget_interrupted(store=store)  # stopped by Ctrl-C it isn't under way any more
        import_.refresh_from_db()
        rejected_file = _beside(path, import_)
        words = rejected_words(reason for _number, reason in rejected_rows(import_))
        if options["json"]:
            self._tell_json(summary, rejected_file, words)
            return
        self._tell(found.format_label, summary, rejected_file)
        for line in words_told(words, found.mapping.get("statuses", {})) if words else ():
            self.stdout.write(line)

    def _tell_json(self, summary: ImportSummary, rejected_file: Path | None, words: dict[str, int]) -> None:
        told = {
            **asdict(summary),
            "seconds": round(summary.seconds, 3),
            "rejected_file": str(rejected_file) if rejected_file else None,
            "unknown_statuses": words,
        }
        self.print_json(told)

    def _tell(self, label: str, told: ImportSummary, rejected_file: Path | None) -> None:
        self.stdout.write(
            f"{label}: {told.created:,} created, {told.updated:,} updated, {told.unchanged:,} unchanged, "
            f"{told.rejected:,} of {told.rows:,} rows rejected, in {told.seconds:.1f} s."
        )
        if rejected_file:
            self.stdout.write(f"Rejected rows, each with the reason: {rejected_file}")


class TerminalProgress(Progress):
    """One line on a terminal, written over twice a second; silent where the output isn't a terminal."""

    def __init__(self) -> None:
        self._next = 0.0

    def report(
        self,
        *,
        done: int | None = None,
        total: int | None = None,
        note: str | None = None,
        unit: str | None = None,
    ) -> None:
        if not sys.stderr.isatty() or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + 0.5
        share = f" of about {total:,}" if total else ""
        sys.stderr.write(f"\r{done or 0:,}{share} rows\033[K")
        sys.stderr.flush()


def _chosen(mapping: Path | None, format_name: str | None) -> dict[str, Any]:
    """What the command line says of the mapping. Raises CommandError for a file that can't be read."""
    chosen: dict[str, Any] = {}
    if mapping is not None:
        try:
            chosen = tomllib.loads(mapping.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise CommandError(f"There is no mapping file {mapping}.") from None
        except OSError as error:
            raise CommandError(f"The mapping file {mapping} can't be read: {error.strerror}.") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise CommandError(f"The mapping file {mapping.name} can't be read: {error}.") from None
    if format_name:
        chosen["format"] = format_name
    return chosen


def _inspected(path: Path, store: Store, chosen: dict[str, Any]) -> Inspection:
    """What the file is and how it is read. Raises CommandError where that can't be said."""
    if not path.is_file():
        raise CommandError(
            f"{path} is no file that can be read twice." if path.exists() else f"There is no file {path}."
        )
    try:
        found = inspect(path, path.name, store, chosen)
    except OSError as error:
        raise CommandError(f"{path} can't be read: {error.strerror}.") from error
    if found.problem:
        raise CommandError(found.problem)
    if found.questions:
        raise CommandError(" ".join(question.for_command_line() for question in found.questions))
    return found


def _name(path: Path) -> str:
    """What the file is called, as a page can show it: a name on disk may hold bytes that are no text."""
    readable = path.name.encode("utf-8", "replace").decode()
    return "".join(character for character in readable if character.isprintable())[:255]


def _beside(path: Path, import_: Import) -> Path | None:
    """The rejected rows copied beside the file; where that folder can't be written, the copy we keep ourselves."""
    beside = path.with_name(f"{path.stem}.rejected.csv")
    if not import_.rejected_file:
        return None
    try:
        shutil.copyfile(import_.rejected_file.path, beside)
    except OSError:
        return Path(import_.rejected_file.path)
    return beside
