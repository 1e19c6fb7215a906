"""Mail of this app, and what happens where the site has no mail server."""

from __future__ import annotations

import logging
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string

from accounts.models import Invitation

log = logging.getLogger(__name__)


def mail_is_set_up() -> bool:
    """Whether mail reaches people. The console backend doesn't: it would only put secret links in a log."""
    return not settings.EMAIL_BACKEND.endswith(".console.EmailBackend")


def send_invitation(invitation: Invitation, link: str) -> bool:
    """Mails the link; False where it couldn't be sent, and has to be handed over in another way."""
    if not mail_is_set_up():
        return False
    context = {"invitation": invitation, "link": link}
    text = render_to_string("accounts/email/invitation_message.txt", context)
    subject = f"{invitation.store.name}: you are invited to Regulars"
    try:
        send_mail(" ".join(subject.split()), text, None, [invitation.email])
    except (OSError, SMTPException):
        log.exception("The mail server didn't take an invitation")
        return False
    return True
