"""All addresses. Store pages live under /s/<store>/ and pass the gate in accounts.access."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from loyalty_site import health, home

store_patterns: list[URLPattern | URLResolver] = [
    path("", home.today, name="today"),
    path("", include("segments.urls")),
    path("", include("orders.urls")),
    path("settings/tasks/", include("jobs.urls")),
    path("settings/", include("accounts.store_urls")),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("accounts/", include("accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("s/<slug:store>/", include(store_patterns)),
]

if settings.DEBUG:
    urlpatterns.append(path("styleguide/", home.styleguide, name="styleguide"))
