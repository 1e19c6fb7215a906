"""The base of commands about one store: the store is named first, and what they print can be read by programs."""

from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Store
from lib.periods import FIRST_DAY, LAST_DAY


def day(text: str) -> date:
    """The type of an argument that is a day. Raises ArgumentTypeError with a sentence."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"“{text}” is no day; write it as YYYY-MM-DD") from None
    if not FIRST_DAY <= found <= LAST_DAY:
        raise ArgumentTypeError(f"{text} is too far away; take a day from {FIRST_DAY} to {LAST_DAY}")
    return found


class StoreCommand(BaseCommand):
    """A command whose first argument is the slug of a store; subclasses do their work in `run`."""

    # They would load every page of the site, which takes longer than most commands; `make check` runs them.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("store", metavar="SLUG", help="The store's short name, as in its addresses.")

    def handle(self, *args: Any, **options: Any) -> None:
        slug = options["store"]
        store = Store.objects.filter(slug=slug).first()
        if store is None:
            known = ", ".join(Store.objects.order_by("slug").values_list("slug", flat=True)) or "none yet"
            raise CommandError(f"There is no store “{slug}”. Stores here: {known}.")
        self.run(store, options)

    def run(self, store: Store, options: dict[str, Any]) -> None:
        """The command's work."""
        raise NotImplementedError

    def print_json(self, result: dict[str, object]) -> None:
        """Prints one JSON object on a line of its own, in ASCII: whatever the terminal's encoding, it can be read."""
        self.stdout.write(json.dumps(result))
