"""What can be done with customers that somebody has selected in a list: one entry an action, for any list of people.

An action's page takes the selection as segments.exports.forms.Asked.from_form reads it, and asks there for what it
needs further. A new action is an entry here and its page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict

from accounts.access import MANAGERS
from accounts.models import Role
from segments.addresses import CUSTOMERS


@dataclass(frozen=True)
class BulkAction:
    """`key` names it in the page, `url_name` its page, which only `roles` may open."""

    key: str
    label: str
    icon: str
    url_name: str
    roles: frozenset[Role]


ACTIONS = (BulkAction("export", "Export", "download", "segments:customer_export", MANAGERS),)


@dataclass(frozen=True)
class Bulk:
    """The selection bar of a list: what its list is, and what the person may do with those they select.

    `list` and `query` name the list's people; `total`: how many they are, where that is known without counting.
    """

    actions: Sequence[BulkAction]
    query: str
    list: str
    total: int | None = None


def bulk_of(role: Role, export_query: str, *, total: int | None = None) -> Bulk | None:
    """The bar of a list, named as the export page's address names it; None where the role may do nothing."""
    allowed = [action for action in ACTIONS if role in action.roles]
    query = QueryDict(export_query, mutable=True)
    name = str(query.pop("list", [CUSTOMERS])[-1])
    return Bulk(allowed, query.urlencode(), name, total) if allowed else None
