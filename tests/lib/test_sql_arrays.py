from __future__ import annotations

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib import sql

TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), max_size=6)


@pytest.mark.django_db
@given(values=TEXTS)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_array_text_is_read_back_as_the_values(values: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select %s::text[]", [sql.array_text(values)])
        assert cursor.fetchone() == (values,)


@pytest.mark.django_db
@given(values=st.lists(st.integers(-(2**63), 2**63 - 1), max_size=6))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_array_text_of_numbers(values: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select %s::bigint[]", [sql.array_text(values)])
        assert cursor.fetchone() == (values,)
