from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connections

from jobs.canary import beat
from jobs.cluster import TaskCluster
from jobs.schedules import ensure_schedules
from jobs.sweeping import sweep


class Command(BaseCommand):
    """Replaces django-q2's command of the same name, so that no start can skip what has to happen before it."""

    help = (
        "Starts the task cluster, after putting its schedules right and queueing again what was left lying."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--run-once", action="store_true", help="Do what is due, then stop.")

    def handle(self, *args: Any, **options: Any) -> None:
        if touched := ensure_schedules():
            self.stdout.write(f"Schedules put right: {', '.join(touched)}.")
        swept = sweep(unheard_after=timedelta(0))
        if left := len(swept.orphaned) + len(swept.unheard):
            self.stdout.write(f"Jobs queued again: {left}.")
        beat()  # silence is counted from here
        connections.close_all()  # the cluster forks; a connection must not be shared
        cluster = TaskCluster()
        cluster.start()
        if options["run_once"]:
            cluster.stop()
