"""allauth's forms in the words of this site: labels above the fields, nothing in grey inside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from allauth.account.forms import (
    ChangePasswordForm,
    LoginForm,
    ReauthenticateForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
)
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as ReauthenticateByCodeForm
from allauth.mfa.totp.forms import ActivateTOTPForm


class Reworded:
    """Put before one of allauth's forms. `labels`: those of its fields, by their names."""

    labels: ClassVar[Mapping[str, str]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Mapping[str, Any] = self.fields  # type: ignore[attr-defined]
        for name, label in self.labels.items():
            fields[name].label = label
            fields[name].widget.attrs.pop("placeholder", None)


_NEW_PASSWORD = {"password1": "New password", "password2": "New password again"}


class SignInForm(Reworded, LoginForm):  # type: ignore[misc]
    labels = {"login": "E-mail address", "password": "Password"}


class ForgottenPasswordForm(Reworded, ResetPasswordForm):  # type: ignore[misc]
    labels = {"email": "E-mail address"}


class NewPasswordForm(Reworded, ChangePasswordForm):  # type: ignore[misc]
    labels = {"oldpassword": "Your password now"} | _NEW_PASSWORD


class PasswordOfLinkForm(Reworded, ResetPasswordKeyForm):  # type: ignore[misc]
    labels = _NEW_PASSWORD


class PasswordAgainForm(Reworded, ReauthenticateForm):  # type: ignore[misc]
    labels = {"password": "Password"}


class FirstCodeForm(Reworded, ActivateTOTPForm):  # type: ignore[misc]
    labels = {"code": "Code that the app shows"}


class CodeForm(Reworded, AuthenticateForm):  # type: ignore[misc]
    labels = {"code": "Code"}


class CodeAgainForm(Reworded, ReauthenticateByCodeForm):  # type: ignore[misc]
    labels = {"code": "Code"}
