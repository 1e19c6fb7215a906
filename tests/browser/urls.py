"""The site's addresses, with the style guide that it shows in debug."""

from django.urls import path

from loyalty_site import home
from loyalty_site.urls import urlpatterns as site_patterns

urlpatterns = [*site_patterns, path("styleguide/", home.styleguide, name="styleguide")]
