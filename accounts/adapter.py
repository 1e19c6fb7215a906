"""allauth's hooks: accounts are made by an invitation or the command line, never by signing up."""

from __future__ import annotations

import logging
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from accounts.mail import mail_is_set_up

log = logging.getLogger(__name__)


class InvitationOnlyAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up by themselves."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Sends where there is a mail server; else, and when it fails, the log says so without the message."""
        if not mail_is_set_up():
            log.warning(
                "No mail server is set up (REGULARS_MAIL_URL): a message about the account wasn't sent"
            )
            return
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, SMTPException):
            log.exception("The mail server didn't take a message about an account")
