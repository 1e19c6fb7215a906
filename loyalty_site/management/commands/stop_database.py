"""Stop the embedded PostgreSQL that earlier commands left running for the next ones."""

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from loyalty_site import embedded_postgres
from loyalty_site.postgres_programs import DatabaseServerError


class Command(BaseCommand):
    help = "Stop the embedded PostgreSQL of this data directory, whoever uses it."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Nothing is lost: what was committed is on disk, and the next command starts it again."""
        if os.environ.get("DATABASE_URL"):
            raise CommandError("DATABASE_URL names a server of its own; the embedded one isn't used.")
        try:
            stopped = embedded_postgres.stop(settings.DATA_DIR)
        except DatabaseServerError as error:
            raise CommandError(str(error)) from error
        self.stdout.write("Stopped." if stopped else "It wasn't running.")
