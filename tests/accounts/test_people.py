"""Stores, people and roles: what changes, and what is refused."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from accounts import people
from accounts.models import Role, Store, StoreRole, User
from accounts.people import (
    Refused,
    change_role,
    change_store,
    create_store,
    create_user,
    give_role,
    remove_role,
)
from tests.factories.accounts import PASSWORD, make_store, make_user

pytestmark = pytest.mark.django_db

HARBOUR = {"slug": "harbour", "name": "Harbour Coffee", "currency": "GBP", "timezone": "Europe/London"}


class TestStores:
    def test_create_store(self) -> None:
        store = create_store(**HARBOUR)
        assert Store.objects.get(slug="harbour") == store
        assert (store.name, store.currency, store.timezone) == ("Harbour Coffee", "GBP", "Europe/London")

    @pytest.mark.parametrize(
        ("field", "value", "sentence"),
        [
            ("currency", "GBX", "“GBX” is not a currency code. Use one of three letters, such as GBP."),
            ("currency", "XAU", "“XAU” is not a currency code. Use one of three letters, such as GBP."),
            ("timezone", "London", "“London” is not a time zone. Use a name such as Europe/London."),
            (
                "slug",
                "the shop",
                "Enter a valid “slug” consisting of letters, numbers, underscores or hyphens.",
            ),
            ("name", " ", "This field cannot be blank."),
        ],
    )
    def test_create_store_says_what_is_wrong(self, field: str, value: str, sentence: str) -> None:
        with pytest.raises(ValidationError) as raised:
            create_store(**(HARBOUR | {field: value}))
        assert raised.value.message_dict == {field: [sentence]}
        assert not Store.objects.exists()

    def test_create_store_refuses_a_taken_short_name(self) -> None:
        create_store(**HARBOUR)
        with pytest.raises(ValidationError) as raised:
            create_store(**HARBOUR)
        assert raised.value.messages == ["There is a store with this short name already. Choose another one."]

    def test_change_store(self) -> None:
        store = make_store()
        change_store(store=store, name="New", currency="EUR", timezone="Asia/Kolkata")
        store.refresh_from_db()
        assert (store.name, store.currency, store.timezone) == ("New", "EUR", "Asia/Kolkata")

    def test_change_store_refuses_a_held_currency(self, held_currency: None) -> None:
        store = make_store()
        with pytest.raises(ValidationError) as raised:
            change_store(store=store, name="New", currency="EUR", timezone="UTC")
        assert raised.value.message_dict == {"currency": ["It is held."]}
        store.refresh_from_db()
        assert (store.name, store.currency) != ("New", "EUR")

    def test_change_store_changes_the_rest_of_a_store_with_a_held_currency(self, held_currency: None) -> None:
        store = make_store()
        change_store(store=store, name="New", currency="GBP", timezone="UTC")
        store.refresh_from_db()
        assert store.name == "New"


@pytest.fixture
def held_currency() -> Iterator[None]:
    people.currency_holds.append(lambda store: "It is held.")
    yield
    people.currency_holds.pop()


class TestUsers:
    def test_create_user_keeps_the_address_in_lower_case(self) -> None:
        user = create_user(email=" Ada@Example.COM ", password=PASSWORD, name="Ada")
        assert user.email == "ada@example.com"
        assert user.check_password(PASSWORD)

    def test_create_user_without_a_password_cannot_sign_in_by_one(self) -> None:
        assert not create_user(email="ada@example.com", password=None).has_usable_password()

    @pytest.mark.parametrize(
        ("email", "password", "field"),
        [
            ("nobody", PASSWORD, "email"),
            ("ada@example.com", "short", "password"),
            ("ada@example.com", "password123", "password"),
            ("adalovelace@example.com", "adalovelace", "password"),
        ],
    )
    def test_create_user_says_what_is_wrong(self, email: str, password: str, field: str) -> None:
        with pytest.raises(ValidationError) as raised:
            create_user(email=email, password=password)
        assert list(raised.value.message_dict) == [field]
        assert not User.objects.exists()

    def test_create_user_refuses_a_known_address(self) -> None:
        make_user("ada@example.com")
        with pytest.raises(ValidationError) as raised:
            create_user(email="ADA@example.com", password=PASSWORD)
        assert raised.value.messages == ["Somebody has an account with this e-mail address already."]


class TestRoles:
    def test_give_role_to_somebody_new_and_again(self) -> None:
        store, user = make_store(), make_user()
        give_role(store=store, user=user, role=Role.SUPPORT)
        give_role(store=store, user=user, role=Role.MANAGER)
        assert list(StoreRole.objects.values_list("store", "user", "role")) == [
            (store.id, user.id, "manager")
        ]

    def test_last_admin_keeps_the_role(self) -> None:
        store = make_store()
        admin = make_user(store=store, role=Role.ADMIN)
        make_user(store=make_store(), role=Role.ADMIN)  # an admin elsewhere doesn't count
        make_user(store=store, role=Role.MANAGER)
        role_id = admin.roles.get().id
        for verb in (
            lambda: change_role(store=store, role_id=role_id, role=Role.MANAGER),
            lambda: remove_role(store=store, role_id=role_id),
            lambda: give_role(store=store, user=admin, role=Role.SUPPORT),
        ):
            with pytest.raises(Refused, match="A store needs an admin"):
                verb()
        assert admin.roles.get().role == Role.ADMIN

    def test_one_of_two_admins_may_go(self) -> None:
        store = make_store()
        admin, _other = make_user(store=store, role=Role.ADMIN), make_user(store=store, role=Role.ADMIN)
        assert remove_role(store=store, role_id=admin.roles.get().id) == admin
        assert not admin.roles.exists()
        assert User.objects.filter(id=admin.id).exists()

    def test_roles_of_another_store_are_not_there(self) -> None:
        role_id = make_user(store=make_store(), role=Role.MANAGER).roles.get().id
        own = make_store()
        with pytest.raises(StoreRole.DoesNotExist):
            change_role(store=own, role_id=role_id, role=Role.ADMIN)
        with pytest.raises(StoreRole.DoesNotExist):
            remove_role(store=own, role_id=role_id)

    def test_demo_users_are_one_a_role_and_made_once(self) -> None:
        store = make_store()
        first, again = people.demo_users(store=store), people.demo_users(store=store)
        assert first == again
        assert {held.user.email: held.role for held in StoreRole.objects.filter(store=store)} == {
            "demo-manager@example.com": "manager",
            "demo-support@example.com": "support",
            "demo-admin@example.com": "admin",
        }
        assert not any(user.has_usable_password() for user in first)


@pytest.mark.django_db(transaction=True)
def test_two_admins_cannot_remove_each_other_at_once() -> None:
    store = make_store()
    ada, bea = make_user(store=store, role=Role.ADMIN), make_user(store=store, role=Role.ADMIN)
    ada_id, bea_id = ada.roles.get().id, bea.roles.get().id
    outcome: list[str] = []

    def remove_ada() -> None:
        try:
            remove_role(store=store, role_id=ada_id)
        except Refused as refusal:
            outcome.append(str(refusal))
        finally:
            connection.close()

    other = threading.Thread(target=remove_ada)
    with transaction.atomic():
        remove_role(store=store, role_id=bea_id)
        other.start()
        other.join(timeout=0.2)  # it waits for us
        assert outcome == []
    other.join()
    assert outcome == [people.LAST_ADMIN]
    assert list(StoreRole.objects.values_list("id", flat=True)) == [ada_id]
