"""A real task cluster on the tests' database, as a process of its own: cluster.py DATABASE FILES."""

import os
import sys

import django
from django.conf import settings
from django.core.management import call_command


def main(database: str, files: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    settings.DATABASES["default"]["NAME"] = database
    settings.MEDIA_ROOT = files
    django.setup()
    call_command("qcluster")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
