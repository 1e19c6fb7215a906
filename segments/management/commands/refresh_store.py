"""manage.py refresh_store SLUG [--as-of YYYY-MM-DD] [--rebuild] [--json]"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from accounts.models import Store
from accounts.store_command import StoreCommand, day
from lib.money import to_decimal
from lib.periods import local_today
from segments.following import ask_for_what_follows
from segments.history.decomposition import explain_outstanding
from segments.models import Refresh
from segments.queries import segment_sizes
from segments.scoring import refresh_store


class Command(StoreCommand):
    help = "Scores a store's customers, puts them in segments and records who moved."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--as-of",
            type=day,
            metavar="YYYY-MM-DD",
            help="The store's today, which is the default, or a day before it.",
        )
        parser.add_argument(
            "--rebuild",
            action="store_true",
            help="Compute all statistics from the orders, not the changed ones.",
        )
        parser.add_argument("--json", action="store_true", help="Print one JSON object.")

    def run(self, store: Store, options: dict[str, Any]) -> None:
        as_of, today = options["as_of"], local_today(store.timezone)
        if as_of and as_of > today:
            raise CommandError(
                f"{as_of} is still to come: in {store.timezone} it is {today}. Take that day or one before it."
            )
        refresh = refresh_store(store=store, as_of=as_of, rebuild=options["rebuild"])
        explain_outstanding(store)
        ask_for_what_follows(refresh, Refresh.Reason.DEMAND)
        result = _result(refresh)
        if options["json"]:
            self.print_json(result)
            return
        for name, value in result.items():
            if isinstance(value, dict):
                self.stdout.write(name)
                for entry, figure in value.items():
                    self.stdout.write(f"  {entry:<20} {figure}")
            else:
                self.stdout.write(f"{name:<12}{value}")


def _result(refresh: Refresh) -> dict[str, object]:
    """What the command prints. Monetary cut points are in major units here, as in files that fix them."""
    currency = refresh.store.currency
    monetary = [float(to_decimal(minor, currency)) for minor in refresh.cut_points["monetary"]]
    return {
        "as_of": refresh.as_of.isoformat(),
        "customers": refresh.customers,
        "segments": {size.segment.name: size.customers for size in segment_sizes(refresh.store, refresh)},
        "moved": refresh.moved,
        "cut_points": {**refresh.cut_points, "monetary": monetary},
        "seconds": round(refresh.seconds or 0, 3),
    }
