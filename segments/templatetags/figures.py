"""What pages of figures say of the figures themselves."""

from __future__ import annotations

from django import template

from accounts.models import Store
from segments import versions

register = template.Library()


@register.simple_tag
def figures_version(store: Store) -> str:
    """The version of the figures that the page around it shows (segments.versions). One query."""
    return versions.figures_version(store)
