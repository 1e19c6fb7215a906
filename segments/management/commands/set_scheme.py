"""manage.py set_scheme SLUG --preset classic|eleven|thirds [--thresholds FILE.toml] [--window-months N]"""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from accounts.models import Store
from accounts.store_command import StoreCommand
from segments.schemes.presets import PRESETS
from segments.schemes.threshold_files import read_thresholds
from segments.schemes.versions import SchemeError, set_preset


class Command(StoreCommand):
    help = "Puts a segment scheme in force; the next refresh scores by it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--preset", required=True, choices=list(PRESETS))
        parser.add_argument(
            "--thresholds",
            type=Path,
            metavar="FILE.toml",
            help="Fixed cut points: lists named recency (days), frequency (orders), monetary (major units). "
            "Bins are lower <= value < upper; a dimension left out is cut by share.",
        )
        parser.add_argument(
            "--window-months", type=int, metavar="N", help="Score the orders of the last N months only."
        )

    def run(self, store: Store, options: dict[str, Any]) -> None:
        path = options["thresholds"]
        try:
            version = set_preset(
                store=store,
                preset=options["preset"],
                thresholds=read_thresholds(path, store.currency) if path else None,
                window_months=options["window_months"],
            )
        except SchemeError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{store.slug}: {version} is in force from the next refresh on.")
