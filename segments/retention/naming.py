"""How pages and addresses name the values of a facet."""

from __future__ import annotations

from collections.abc import Sequence

from segments.retention.queries import FacetValue

_REST, _NOT_SAID = "-other", "-unknown"  # how an address names the values NULL and ""
_NAMES = {"guest": "Guests", "registered": "Registered"}


def value_key(value: str | None) -> str:
    """In an address."""
    return _REST if value is None else value or _NOT_SAID


def value_label(value: str | None) -> str:
    """On a page."""
    if value is None:
        return "All others"
    return _NAMES.get(value, value) if value else "Not said"


def value_of(key: str, values: Sequence[FacetValue]) -> str | None:
    """The value that an address names; else the one with most customers, "" of the facet without values."""
    for one in values:
        if value_key(one.value) == key:
            return one.value
    return values[0].value if values else ""
