from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import Role
from segments.customers.bulk import ACTIONS, bulk_of


@pytest.mark.parametrize("role", list(Role))
def test_bar_offers_what_the_role_may_do(role: Role) -> None:
    bulk = bulk_of(role, "segment=champions", total=7)
    allowed = [action.key for action in ACTIONS if role in action.roles]
    assert [action.key for action in bulk.actions] == allowed if bulk else not allowed


def test_every_action_has_a_key_of_its_own_and_a_page() -> None:
    assert len({action.key for action in ACTIONS}) == len(ACTIONS)
    for action in ACTIONS:
        assert reverse(action.url_name, args=["shop"])


@pytest.mark.parametrize(
    ("address", "name", "query"),
    [
        ("segment=champions&sort=-last", "customers", "segment=champions&sort=-last"),
        ("from=2025-06-30&before=any&list=compare", "compare", "from=2025-06-30&before=any"),
        ("", "customers", ""),
    ],
)
def test_bar_names_the_list_it_stands_under(address: str, name: str, query: str) -> None:
    bulk = bulk_of(Role.MANAGER, address)
    assert bulk
    assert (bulk.list, bulk.query) == (name, query)
