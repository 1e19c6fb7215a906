"""The WSGI entry point for gunicorn: `gunicorn loyalty_site.wsgi`."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loyalty_site.settings")
application = get_wsgi_application()

# All pages are loaded here, before workers are forked, and out of the garbage collector's sight: else each of its
# full rounds goes through more than a hundred thousand objects that stay for good, in the middle of somebody's page.
_ = get_resolver().url_patterns
gc.collect()
gc.freeze()
