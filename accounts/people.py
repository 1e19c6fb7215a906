"""Stores, people and who has which role where: every change to them, except invitations."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Role, Store, StoreRole, User

# Asked before a store's currency changes; one that returns a sentence prevents it. Filled by the site from the apps
# above this one, whose amounts are in that currency.
currency_holds: list[Callable[[Store], str | None]] = []

LAST_ADMIN = "A store needs an admin. Make somebody else an admin first."


class Refused(Exception):  # noqa: N818  # reads as what happened
    """What was asked for can't be done; the message is a sentence for the person who asked."""


def create_store(*, slug: str, name: str, currency: str, timezone: str, is_demo: bool = False) -> Store:
    """A new store. Raises ValidationError, by field, with sentences for people."""
    with transaction.atomic():
        store = Store(
            slug=slug,
            name=_one_line(name),
            currency=currency.strip().upper(),
            timezone=timezone,
            is_demo=is_demo,
        )
        store.full_clean()
        store.save()
        return store


def change_store(*, store: Store, name: str, currency: str, timezone: str) -> Store:
    """Changes what a store is called and how its money and days are counted.

    Raises ValidationError by field; on `currency` when something holds it (see `currency_holds`).
    """
    with transaction.atomic():
        changed = Store.objects.select_for_update(no_key=True).get(id=store.id)
        if currency != changed.currency and (held := currency_held(store=changed)):
            raise ValidationError({"currency": held})
        changed.name, changed.currency, changed.timezone = _one_line(name), currency, timezone
        changed.full_clean()
        changed.save()
        return changed


def currency_held(*, store: Store) -> str | None:
    """Why the store's currency can't change, in a sentence; None where it can."""
    return next((sentence for hold in currency_holds if (sentence := hold(store))), None)


def create_user(*, email: str, password: str | None, name: str = "") -> User:
    """A person who can sign in with the password; without one, after a reset alone.

    Raises ValidationError, by field, for an e-mail address that is none or is taken, and for a weak password.
    """
    with transaction.atomic():
        user = User(email=email.strip().lower(), name=_one_line(name))
        user.set_unusable_password()
        user.full_clean()
        if password is not None:
            _check_password(user, password)
            user.set_password(password)
        user.save()
        return user


def give_role(*, store: Store, user: User, role: Role) -> StoreRole:
    """The person has this role in the store from now on, whatever they had before. Raises Refused."""
    with transaction.atomic():
        lock_team(store)
        held, made = StoreRole.objects.get_or_create(store=store, user=user, defaults={"role": role})
        return held if made else _change(held, role)


def change_role(*, store: Store, role_id: int, role: Role) -> StoreRole:
    """Another role for somebody of the team.

    Raises Refused for the last admin, StoreRole.DoesNotExist for another store's.
    """
    with transaction.atomic():
        lock_team(store)
        return _change(StoreRole.objects.get(store=store, id=role_id), role)


def remove_role(*, store: Store, role_id: int) -> User:
    """Takes somebody out of the team; their account stays.

    Raises Refused for the last admin, StoreRole.DoesNotExist for another store's.
    """
    with transaction.atomic():
        lock_team(store)
        held = StoreRole.objects.select_related("user").get(store=store, id=role_id)
        _keep_an_admin(held)
        held.delete()
        return held.user


def demo_users(*, store: Store) -> list[User]:
    """One person per role for the demo store, who can sign in only by the demo buttons. Safe to call again."""
    users = []
    with transaction.atomic():
        for role in Role:
            email = demo_email(role)
            user = User.objects.filter(email=email).first()
            if user is None:
                user = create_user(email=email, password=None, name=f"Demo {role.label.lower()}")
            give_role(store=store, user=user, role=role)
            users.append(user)
    return users


def demo_email(role: Role) -> str:
    """The address of the demo person with the role; example.com belongs to nobody."""
    return f"demo-{role.value}@example.com"


def _change(held: StoreRole, role: Role) -> StoreRole:
    if role != Role.ADMIN:
        _keep_an_admin(held)
    held.role = role
    held.save(update_fields=["role"])
    return held


def lock_team(store: Store) -> None:
    """Two changes to a team wait for each other: two admins can't remove one another at the same moment."""
    Store.objects.select_for_update(no_key=True).get(id=store.id)


def _keep_an_admin(leaving: StoreRole) -> None:
    others = StoreRole.objects.filter(store_id=leaving.store_id, role=Role.ADMIN).exclude(id=leaving.id)
    if leaving.role == Role.ADMIN and not others.exists():
        raise Refused(LAST_ADMIN)


def _one_line(name: str) -> str:
    return " ".join(name.split())


def _check_password(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise ValidationError({"password": error.messages}) from error
