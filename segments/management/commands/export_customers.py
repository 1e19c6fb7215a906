"""manage.py export_customers SLUG --output FILE.csv"""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from accounts.models import Store
from accounts.store_command import StoreCommand
from lib.whole_files import whole_file
from segments.exports.making import write_scores


class Command(StoreCommand):
    help = "Writes every customer with scores and segment, as of the latest refresh, to a CSV file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--output", type=Path, required=True, metavar="FILE.csv")

    def run(self, store: Store, options: dict[str, Any]) -> None:
        path: Path = options["output"]
        try:
            with whole_file(path) as part:
                count = write_scores(store=store, path=part)
        except OSError as error:
            raise CommandError(f"{path} could not be written: {error.strerror}.") from error
        self.stdout.write(f"{count} customers written to {path}.")
