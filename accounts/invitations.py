"""Invitations to a store: a link that works once, within a week.

The link carries a random secret, signed with its time. The row keeps only a digest of the secret, so that neither a
copy of the database nor a guess is a way in.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from django.core import signing
from django.core.validators import validate_email
from django.db import transaction
from django.utils.timezone import now

from accounts.models import Invitation, Role, Store, StoreRole, User
from accounts.people import Refused, create_user, give_role, lock_team

VALID_FOR = timedelta(days=7)
_SALT = "accounts.invitation"

NOT_VALID = (
    "This invitation isn't valid any more: it was used, withdrawn, or is older than a week. "
    "Ask whoever invited you for a new one."
)


@dataclass(frozen=True)
class NewInvitation:
    """An invitation and the token for its link. The token can't be had again."""

    invitation: Invitation
    token: str


def invite(*, store: Store, email: str, role: Role, by: User) -> NewInvitation:
    """Invites somebody by e-mail; an earlier open invitation of theirs is withdrawn.

    Raises ValidationError for an address that is none, Refused for somebody who is in the team already.
    """
    email = email.strip().lower()
    validate_email(email)
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        lock_team(store)
        held = StoreRole.objects.filter(store=store, user__email=email).first()
        if held is not None:
            raise Refused(f"{email} is in the team already, as {held.get_role_display().lower()}.")
        Invitation.objects.filter(store=store, email=email, accepted_at=None).delete()
        invitation = Invitation.objects.create(
            store=store,
            email=email,
            role=role,
            secret_digest=_digest(secret),
            invited_by=by,
            expires_at=now() + VALID_FOR,
        )
    return NewInvitation(invitation, signing.dumps(secret, salt=_SALT))


def revoke_invitation(*, store: Store, invitation_id: int) -> Invitation:
    """Withdraws an open invitation. Raises Invitation.DoesNotExist for a used one or another store's."""
    with transaction.atomic():
        invitation = Invitation.objects.select_for_update().get(
            store=store, id=invitation_id, accepted_at=None
        )
        invitation.delete()
        return invitation


def open_invitation(token: str) -> Invitation | None:
    """The invitation of a link, with its store; None when it can't be used (any more)."""
    secret = _secret(token)
    open_now = Invitation.objects.filter(accepted_at=None, expires_at__gt=now())
    found = open_now.select_related("store", "invited_by").filter(secret_digest=_digest(secret))
    return found.first() if secret else None


def accept_invitation(*, token: str, user: User) -> StoreRole:
    """The signed-in person joins the store. Raises Refused unless it was they who were invited.

    Whoever got a role in the meantime keeps that one.
    """
    with transaction.atomic():
        invitation = _claim(token)
        if user.email != invitation.email:
            raise Refused(
                f"This invitation is for {invitation.email}, and you are signed in as {user.email}. "
                "Sign out, then open the link again."
            )
        return _accept(invitation, user)


def join_by_invitation(*, token: str, name: str, password: str) -> StoreRole:
    """Makes an account for the person who was invited, who joins the store.

    Raises Refused where they have an account, ValidationError by field for a weak password.
    """
    with transaction.atomic():
        invitation = _claim(token)
        if User.objects.filter(email=invitation.email).exists():
            raise Refused(f"{invitation.email} has an account here already. Sign in with it to accept.")
        user = create_user(email=invitation.email, password=password, name=name)
        return _accept(invitation, user)


def _claim(token: str) -> Invitation:
    """The invitation, still open while we hold its team's lock; raises Refused."""
    found = open_invitation(token)
    if found is not None:
        lock_team(found.store)
        found = open_invitation(token)
    if found is None:
        raise Refused(NOT_VALID)
    return found


def _accept(invitation: Invitation, user: User) -> StoreRole:
    held = StoreRole.objects.filter(store=invitation.store, user=user).first()
    if held is None:
        held = give_role(store=invitation.store, user=user, role=Role(invitation.role))
    invitation.accepted_at, invitation.accepted_by = now(), user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    return held


def _secret(token: str) -> str:
    """The secret in a link's token; empty for one that was never signed here or is too old."""
    try:
        secret = signing.loads(token, salt=_SALT, max_age=VALID_FOR)
    except signing.BadSignature:
        return ""
    return secret if isinstance(secret, str) else ""


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
