from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jobs.canary import silence


class Command(BaseCommand):
    help = "Exits with 1 and a sentence when the task cluster has been silent for more than three minutes."

    def handle(self, *args: Any, **options: Any) -> None:
        if sentence := silence():
            raise CommandError(sentence)
        self.stdout.write("The background tasks are alive.")
