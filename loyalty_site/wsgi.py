"""The WSGI entry point for gunicorn: `gunicorn loyalty_site.wsgi`."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loyalty_site.settings")
application = get_wsgi_application()

# All pages are loaded here, before workers are forked, and hidden from the garbage collector: otherwise each full
# collection goes through more than a hundred thousand permanent objects, in the middle of somebody's page.
_ = get_resolver().url_patterns
gc.collect()
gc.freeze()
