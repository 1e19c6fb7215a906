from __future__ import annotations

from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand

from jobs.settling import settle_tables
from loyalty_site.demo import shop
from loyalty_site.demo.making import make_demo_store


class Command(BaseCommand):
    help = "Makes the demo store, an invented tea and coffee shop, where there is none."

    def handle(self, *args: Any, **options: Any) -> None:
        began = perf_counter()
        store = make_demo_store(say=self.stdout.write)
        if store is None:
            self.stdout.write(f"There is a store at /s/{shop.SLUG}/ already; nothing was changed.")
            return
        settle_tables()
        took = perf_counter() - began
        self.stdout.write(f"Made the demo store {store.name} at /s/{store.slug}/ in {took:.1f} s.")
