import pytest
from django.db import connection

from lib.sql import planner

pytestmark = pytest.mark.django_db


def setting(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("select current_setting(%s)", [name])
        return str(cursor.fetchone()[0])


def test_settings_hold_inside_and_are_put_back() -> None:
    before = setting("work_mem")
    with planner(work_mem="77MB", enable_nestloop="off"):
        assert (setting("work_mem"), setting("enable_nestloop")) == ("77MB", "off")
    assert (setting("work_mem"), setting("enable_nestloop")) == (before, "on")


def test_settings_can_stand_inside_settings() -> None:
    with planner(work_mem="77MB"):
        with planner(work_mem="78MB"):
            assert setting("work_mem") == "78MB"
        assert setting("work_mem") == "77MB"
