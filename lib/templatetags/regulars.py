"""Template filters: figures as people read them."""

from __future__ import annotations

from django import template

from lib.money import format_money

register = template.Library()


@register.filter
def money(minor: int | None, currency: str) -> str:
    """Minor units as money; a dash for nothing known."""
    return "–" if minor is None else format_money(minor, currency)
