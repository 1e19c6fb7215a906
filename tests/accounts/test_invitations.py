"""An invitation's link works once, for whom it was meant, for a week."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError

from accounts.invitations import (
    NewInvitation,
    accept_invitation,
    invite,
    join_by_invitation,
    open_invitation,
    revoke_invitation,
)
from accounts.models import Invitation, Role, Store, User
from accounts.people import Refused, give_role
from tests.factories.accounts import PASSWORD, make_store, make_user

pytestmark = pytest.mark.django_db


def invited(store: Store | None = None, email: str = "bea@example.com") -> NewInvitation:
    store = store or make_store()
    return invite(store=store, email=email, role=Role.SUPPORT, by=make_user(store=store, role=Role.ADMIN))


def test_a_new_person_joins() -> None:
    made = invited()
    held = join_by_invitation(token=made.token, name="Bea", password=PASSWORD)
    assert (held.store, held.role) == (made.invitation.store, Role.SUPPORT)
    assert (held.user.email, held.user.name) == ("bea@example.com", "Bea")
    assert held.user.check_password(PASSWORD)
    made.invitation.refresh_from_db()
    assert made.invitation.accepted_by == held.user


def test_a_person_with_an_account_accepts() -> None:
    bea = make_user("bea@example.com", store=make_store())
    made = invited()
    held = accept_invitation(token=made.token, user=bea)
    assert (held.store, held.user, held.role) == (made.invitation.store, bea, Role.SUPPORT)
    assert bea.roles.count() == 2


def test_a_link_works_once() -> None:
    made = invited()
    bea = join_by_invitation(token=made.token, name="Bea", password=PASSWORD).user
    assert open_invitation(made.token) is None
    with pytest.raises(Refused, match="isn't valid any more"):
        accept_invitation(token=made.token, user=bea)


def test_a_link_is_for_whom_it_was_meant() -> None:
    made, carl = invited(), make_user("carl@example.com")
    with pytest.raises(
        Refused, match=re.escape("for bea@example.com, and you are signed in as carl@example.com")
    ):
        accept_invitation(token=made.token, user=carl)
    assert not carl.roles.exists()
    assert open_invitation(made.token) == made.invitation


def test_a_link_makes_no_second_account() -> None:
    make_user("bea@example.com")
    with pytest.raises(Refused, match="has an account here already"):
        join_by_invitation(token=invited().token, name="Bea", password=PASSWORD)


def test_a_weak_password_leaves_the_link_as_it_was() -> None:
    made = invited()
    with pytest.raises(ValidationError) as raised:
        join_by_invitation(token=made.token, name="Bea", password="short")
    assert list(raised.value.message_dict) == ["password"]
    assert not User.objects.filter(email="bea@example.com").exists()
    assert open_invitation(made.token) == made.invitation


def test_a_link_lasts_a_week() -> None:
    with time_machine.travel(datetime(2025, 5, 1, 12, tzinfo=UTC), tick=False) as clock:
        made = invited()
        clock.shift(timedelta(days=7) - timedelta(seconds=1))
        assert open_invitation(made.token) == made.invitation
        clock.shift(timedelta(seconds=2))
        assert open_invitation(made.token) is None


@pytest.mark.parametrize(
    "change", [lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"), lambda token: "x"]
)
def test_a_forged_link_opens_nothing(change) -> None:
    assert open_invitation(change(invited().token)) is None


def test_the_database_holds_no_way_in() -> None:
    made = invited()
    row = Invitation.objects.values().get()
    assert not any(
        isinstance(value, str) and value in made.token for name, value in row.items() if name != "role"
    )
    assert open_invitation(row["secret_digest"]) is None


def test_a_second_invitation_replaces_the_first() -> None:
    store = make_store()
    first, second = invited(store), invited(store, "BEA@example.com")
    assert open_invitation(first.token) is None
    assert open_invitation(second.token) == second.invitation
    assert Invitation.objects.count() == 1


def test_an_expired_invitation_can_be_replaced() -> None:
    store = make_store()
    with time_machine.travel(datetime(2025, 5, 1, tzinfo=UTC), tick=False):
        invited(store)
    assert open_invitation(invited(store).token) is not None


def test_somebody_of_the_team_is_not_invited() -> None:
    store = make_store()
    make_user("bea@example.com", store=store, role=Role.MANAGER)
    with pytest.raises(Refused, match=re.escape("bea@example.com is in the team already, as manager.")):
        invited(store)


def test_an_address_that_is_none_is_not_invited() -> None:
    with pytest.raises(ValidationError):
        invited(email="bea")


def test_a_role_given_in_the_meantime_stays() -> None:
    bea = make_user("bea@example.com")
    made = invited()
    give_role(store=made.invitation.store, user=bea, role=Role.MANAGER)
    assert accept_invitation(token=made.token, user=bea).role == Role.MANAGER
    assert open_invitation(made.token) is None


def test_a_withdrawn_invitation_opens_nothing() -> None:
    made = invited()
    revoke_invitation(store=made.invitation.store, invitation_id=made.invitation.id)
    assert open_invitation(made.token) is None


def test_only_open_invitations_of_the_own_store_are_withdrawn() -> None:
    made = invited()
    with pytest.raises(Invitation.DoesNotExist):
        revoke_invitation(store=make_store(), invitation_id=made.invitation.id)
    join_by_invitation(token=made.token, name="Bea", password=PASSWORD)
    with pytest.raises(Invitation.DoesNotExist):
        revoke_invitation(store=made.invitation.store, invitation_id=made.invitation.id)
