"""The command line: what it makes, and the sentences it gives up with."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Role, Store, StoreRole, User
from tests.factories.accounts import PASSWORD, make_store, make_user

pytestmark = pytest.mark.django_db


def create_user(monkeypatch: pytest.MonkeyPatch, *arguments: str, password: str = PASSWORD) -> str:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    said = io.StringIO()
    call_command("create_user", *arguments, stdout=said)
    return said.getvalue()


def create_store(**changes: str) -> str:
    given = {"name": "Harbour Coffee", "currency": "GBP", "timezone": "Europe/London"} | changes
    said = io.StringIO()
    call_command(
        "create_store", "harbour", *(f"--{name}={value}" for name, value in given.items()), stdout=said
    )
    return said.getvalue()


def test_create_store() -> None:
    assert create_store() == "Made the store Harbour Coffee at /s/harbour/.\n"
    assert Store.objects.get().slug == "harbour"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"currency": "pounds"}, "currency: “POUNDS” is not a currency code"),
        ({"timezone": "GMT+1"}, "timezone: “GMT.1” is not a time zone"),
        ({"name": " \n"}, "name: This field cannot be blank"),
    ],
)
def test_create_store_says_what_is_wrong(change: dict[str, str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        create_store(**change)


def test_create_store_keeps_a_name_on_one_line() -> None:
    create_store(name=" Harbour\n Coffee ")
    assert Store.objects.get().name == "Harbour Coffee"


def test_create_store_says_that_the_short_name_is_taken() -> None:
    create_store()
    with pytest.raises(CommandError, match="There is a store with this short name already"):
        create_store()


def test_create_user_makes_a_person_with_a_role(monkeypatch: pytest.MonkeyPatch) -> None:
    make_store("harbour", name="Harbour Coffee")
    arguments = ("Ada@example.com", "--password-stdin", "--store", "harbour", "--role", "admin")
    assert create_user(monkeypatch, *arguments) == "ada@example.com is admin of Harbour Coffee.\n"
    user = User.objects.get()
    assert user.check_password(PASSWORD)
    assert user.roles.get().role == Role.ADMIN


def test_create_user_gives_a_known_person_the_role_and_leaves_the_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    user = make_user("ada@example.com", store=make_store())
    make_store("harbour", name="Harbour Coffee")
    arguments = ("ADA@example.com", "--password-stdin", "--store", "harbour", "--role", "support")
    said = create_user(monkeypatch, *arguments, password="another good one")
    assert said == (
        "ada@example.com is support of Harbour Coffee. They had an account already; its password is as it was.\n"
    )
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert user.roles.count() == 2


@pytest.mark.parametrize(
    ("email", "store", "password", "sentence"),
    [
        ("ada@example.com", "harbor", PASSWORD, "There is no store “harbor”"),
        ("ada@example.com", "harbour", "short", "This password is too short"),
        ("ada", "harbour", PASSWORD, "Enter a valid email address"),
    ],
)
def test_create_user_says_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch, email: str, store: str, password: str, sentence: str
) -> None:
    make_store("harbour")
    with pytest.raises(CommandError, match=sentence):
        create_user(
            monkeypatch, email, "--password-stdin", "--store", store, "--role", "admin", password=password
        )
    assert not User.objects.exists()


def test_create_user_says_that_a_password_is_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    make_store("harbour")
    arguments = ("ada@example.com", "--password-stdin", "--store", "harbour", "--role", "admin")
    with pytest.raises(CommandError, match="isn't text in UTF-8"):
        create_user(
            monkeypatch, *arguments, password=b"\xff a long password".decode(errors="surrogateescape")
        )
    assert not User.objects.exists()


def test_create_user_does_not_take_the_last_admin_away(monkeypatch: pytest.MonkeyPatch) -> None:
    make_user("ada@example.com", store=make_store("harbour"), role=Role.ADMIN)
    with pytest.raises(CommandError, match="A store needs an admin"):
        create_user(
            monkeypatch, "ada@example.com", "--password-stdin", "--store", "harbour", "--role", "support"
        )
    assert StoreRole.objects.get().role == Role.ADMIN


def test_create_user_without_a_password_says_how_to_give_one(monkeypatch: pytest.MonkeyPatch) -> None:
    make_store("harbour")
    with pytest.raises(CommandError, match="--password-stdin"):
        create_user(monkeypatch, "ada@example.com", "--store", "harbour", "--role", "admin")
