"""Settings of the tests: the site's own, on a cluster of their own, whatever the developer's environment says."""

import os
from pathlib import Path

for _name in [name for name in os.environ if name.startswith(("REGULARS_", "DATABASE_"))]:
    del os.environ[_name]
os.environ |= {
    "REGULARS_DATA": str(Path(__file__).resolve().parent.parent / "var" / "test"),
    "REGULARS_DATABASE_ROLE": "owner",  # makes the tests' databases; the fixture app_role takes the lesser role
    "REGULARS_HTTPS": "false",
    "REGULARS_SECRET_KEY": "for the tests alone",
}

from loyalty_site.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the real one is slow on purpose
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True  # a browser's static files straight from their sources
