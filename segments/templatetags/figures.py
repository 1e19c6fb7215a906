"""What pages of figures say of the figures themselves."""

from __future__ import annotations

from django import template

from segments.figures_version import figures_version

register = template.Library()
register.simple_tag(figures_version)
