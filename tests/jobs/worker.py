"""A process of its own on the tests' database: does one job, or is the task cluster.

worker.py DATABASE FILES JOB        does the job, says how that went
worker.py DATABASE FILES qcluster   is the cluster until it is stopped
"""

import os
import sys

import django
from django.conf import settings


def main(database: str, files: str, work: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    settings.DATABASES["default"]["NAME"] = database
    settings.MEDIA_ROOT = files
    django.setup()
    from django.core.management import call_command

    from jobs.running import run
    from tests.jobs import kinds  # noqa: F401  # registers them

    if work == "qcluster":
        call_command("qcluster")
    else:
        print(run(int(work)))


if __name__ == "__main__":
    main(*sys.argv[1:])
