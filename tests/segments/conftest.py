"""What most tests of the pages of segments begin with; those that need another store or person say so."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Store
from tests.factories.accounts import make_store, signed_in


@pytest.fixture
def store() -> Store:
    return make_store("shop")


@pytest.fixture
def client(store: Store) -> Client:
    """Somebody who manages the store."""
    return signed_in(store)
