"""allauth's hooks: accounts are made by an invitation or the command line, never by signing up."""

from __future__ import annotations

import logging
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest

from accounts.mail import mail_is_set_up

log = logging.getLogger(__name__)


class InvitationOnlyAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "Address and password don't belong together. Check both, or get a new password.",
        "too_many_login_attempts": "Too many tries in a row. Wait five minutes, then try again.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up by themselves."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Sends if there is a mail server; if there is none, or it fails, the log says so, without the message."""
        if not mail_is_set_up():
            log.warning(
                "No mail server is set up (REGULARS_MAIL_URL): a message about the account wasn't sent"
            )
            return
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, SMTPException):
            log.exception("The mail server didn't take a message about an account")


class SecondStepAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "This code doesn't work. Wait for the app's next one and type that; a recovery code works once.",
    }

    def build_totp_svg(self, url: str) -> str:
        """The key as a picture on a white ground of its own: on a dark page no phone could read it otherwise."""
        import qrcode  # only this page needs it
        from qrcode.image.svg import SvgPathFillImage

        picture = qrcode.make(url, image_factory=SvgPathFillImage)
        return str(picture.to_string(encoding="unicode"))
