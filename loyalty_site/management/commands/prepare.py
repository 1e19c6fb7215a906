"""Bring the database and the static files up to this release; every start and every deployment begins with it."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection

from accounts.models import Store
from loyalty_site.static_files import collect_when_changed


class Command(BaseCommand):
    help = "Migrate, make the cache table, collect static files, and in demo mode make the demo store."
    requires_system_checks = []  # migrate runs those that matter here

    def handle(self, *args: Any, **options: Any) -> None:
        """Safe to run again, and beside a running site of the same release."""
        try:
            connection.ensure_connection()
        except OperationalError as error:
            raise CommandError(f"The database can't be reached. {error}") from error
        with ThreadPoolExecutor(max_workers=1) as pool:
            static_files = pool.submit(collect_when_changed)  # compressing leaves the other core to migrate
            call_command("migrate", interactive=False, verbosity=0)
            call_command("createcachetable", verbosity=0)
            if settings.DEMO and "make_demo_store" in get_commands():
                self.make_demo_store()
            if static_files.result():
                self.stdout.write("Static files collected.")

    def make_demo_store(self) -> None:
        if not Store.objects.filter(is_demo=True).exists():
            self.stdout.write("Making the demo store ...")
            call_command("make_demo_store")
