from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.people import create_store


class Command(BaseCommand):
    help = "Makes a store."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", metavar="SLUG", help="short name in addresses: harbour-coffee")
        parser.add_argument("--name", required=True, help="what people call it: Harbour Coffee")
        parser.add_argument("--currency", required=True, help="three letters: GBP")
        parser.add_argument("--timezone", required=True, help="continent and city: Europe/London")

    def handle(self, *args: Any, **options: Any) -> None:
        given = {name: options[name] for name in ("slug", "name", "currency", "timezone")}
        try:
            store = create_store(**given)
        except ValidationError as error:
            raise CommandError(
                "\n".join(f"{field}: {' '.join(messages)}" for field, messages in error.message_dict.items())
            ) from error
        self.stdout.write(f"Made the store {store.name} at /s/{store.slug}/.")
