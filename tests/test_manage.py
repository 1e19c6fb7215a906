import pytest

from manage import needs_database


@pytest.mark.parametrize(
    ("command_line", "needs"),
    [
        ("migrate", True),
        ("showmigrations", True),
        ("makemigrations --check", True),  # compares with what is applied
        ("import_orders tea orders.csv", True),
        ("check --database default", True),
        ("check --deploy", False),
        ("collectstatic --noinput", False),
        ("import_orders --help", False),
        ("stop_database", False),
        ("--version", False),
        ("", False),
    ],
)
def test_commands_that_need_the_database(command_line: str, needs: bool) -> None:
    assert needs_database(command_line.split()) is needs
