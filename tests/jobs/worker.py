"""A process of its own that does one job, as a worker of the task cluster would: worker.py DATABASE JOB."""

import os
import sys

import django
from django.conf import settings


def main(database: str, job_id: int) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    settings.DATABASES["default"]["NAME"] = database
    django.setup()
    from jobs.running import run
    from tests.jobs import kinds  # noqa: F401  # registers them

    print(run(job_id))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
