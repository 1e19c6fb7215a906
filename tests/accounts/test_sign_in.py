"""Signing in as people do: password, reset, the second step, and what is refused."""

from __future__ import annotations

import re
from time import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client, override_settings

from accounts.models import User
from tests.factories.accounts import PASSWORD, make_store, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def cache_table(db: None) -> None:
    """The shared cache, which counts tries for all processes."""
    call_command("createcachetable")
    cache.clear()


@pytest.fixture
def ada() -> User:
    return make_user("ada@example.com", store=make_store("harbour"))


def sign_in(client: Client, password: str = PASSWORD, email: str = "ada@example.com"):
    return client.post("/accounts/login/", {"login": email, "password": password})


def code_of(secret: str, *, periods_ago: int = 0) -> str:
    """The code of this half minute, or of one before it."""
    return format_hotp_value(hotp_value(secret, int(time()) // 30 - periods_ago))


def test_password_opens_the_first_store(client: Client, ada: User) -> None:
    assert sign_in(client, email="Ada@Example.com")["Location"] == "/"
    assert client.get("/")["Location"] == "/s/harbour/"


def test_sign_in_leads_back_to_the_page_asked_for(client: Client, ada: User) -> None:
    given = {"login": "ada@example.com", "password": PASSWORD, "next": "/s/harbour/settings/"}
    assert client.post("/accounts/login/", given)["Location"] == "/s/harbour/settings/"


def test_sign_in_leads_to_no_other_site(client: Client, ada: User) -> None:
    given = {"login": "ada@example.com", "password": PASSWORD, "next": "https://evil.example/"}
    assert client.post("/accounts/login/", given)["Location"] == "/"


def test_wrong_password_and_unknown_person_look_alike(client: Client, ada: User) -> None:
    errors = [
        sign_in(client, "wrong password").context["form"].non_field_errors(),
        sign_in(client, email="nobody@example.com").context["form"].non_field_errors(),
    ]
    assert errors[0] == errors[1]
    assert "_auth_user_id" not in client.session


def test_tries_are_limited_in_the_shared_cache(client: Client, ada: User) -> None:
    for _ in range(5):
        sign_in(client, "wrong password")
    assert "Too many tries in a row" in sign_in(client).content.decode()  # the right one, too late
    assert "_auth_user_id" not in client.session


def test_closed_account_cannot_sign_in(client: Client, ada: User) -> None:
    User.objects.filter(id=ada.id).update(is_active=False)
    assert sign_in(client)["Location"] == "/accounts/inactive/"
    assert "This account is closed" in client.get("/accounts/inactive/").content.decode()
    assert client.get("/")["Location"].startswith("/accounts/login/")


def test_person_without_a_password_cannot_sign_in(client: Client) -> None:
    User.objects.create_user("ada@example.com")
    for password in ("", "!", PASSWORD):
        sign_in(client, password)
        assert "_auth_user_id" not in client.session


def test_password_reset(client: Client, ada: User) -> None:
    asked = client.post("/accounts/password/reset/", {"email": "ada@example.com"}, follow=True)
    assert "Check your e-mail" in asked.content.decode()
    (message,) = mail.outbox
    assert message.subject == "Choose a new password for Regulars"
    (path,) = re.findall(r"http://testserver(\S+)", str(message.body))
    form = client.get(path, follow=True)
    new = "a different long one"
    done = client.post(form.wsgi_request.path, {"password1": new, "password2": new}, follow=True)
    assert "Your password is changed" in done.content.decode()
    assert "_auth_user_id" in sign_in(client, new).client.session
    assert "This link doesn't work any more" in Client().get(path, follow=True).content.decode()


def test_password_reset_of_a_stranger_looks_the_same_and_mails_nothing(client: Client) -> None:
    asked = client.post("/accounts/password/reset/", {"email": "nobody@example.com"}, follow=True)
    assert "Check your e-mail" in asked.content.decode()
    assert mail.outbox == []


@override_settings(EMAIL_BACKEND="django.core.mail.backends.console.EmailBackend")
def test_password_reset_without_a_mail_server_prints_no_link(
    client: Client, ada: User, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    client.post("/accounts/password/reset/", {"email": "ada@example.com"})
    assert "No mail server is set up" in caplog.text
    assert "password/reset/key" not in capsys.readouterr().out + caplog.text


def test_second_step(client: Client, ada: User) -> None:
    sign_in(client)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get("/accounts/2fa/totp/activate/")
    secret = page.context["form"].secret
    assert secret in page.content.decode()
    assert 'fill="white"' in page.context["totp_svg"]  # a phone reads it on a dark page too
    late = client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret, periods_ago=3)})
    assert "This code doesn&#x27;t work" in late.content.decode()
    shown = client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)}, follow=True)
    codes = shown.context["unused_codes"]
    assert len(codes) == 10
    assert "On. After your password" in client.get("/accounts/2fa/").content.decode()

    client.logout()
    assert sign_in(client)["Location"] == "/accounts/2fa/authenticate/"
    assert "_auth_user_id" not in client.session  # the password alone isn't enough
    assert "Now the code" in client.get("/accounts/2fa/authenticate/").content.decode()
    refused = client.post("/accounts/2fa/authenticate/", {"code": "000000"}).content.decode()
    assert "This code doesn&#x27;t work. Wait for the app&#x27;s next one" in refused
    assert "_auth_user_id" not in client.session
    client.post("/accounts/2fa/authenticate/", {"code": codes[0]})
    assert client.session["_auth_user_id"] == str(ada.id)

    client.logout()
    sign_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": codes[0]})
    assert "_auth_user_id" not in client.session  # a recovery code works once

    client.post("/accounts/2fa/authenticate/", {"code": codes[1]})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    off = client.post("/accounts/2fa/totp/deactivate/", follow=True).content.decode()
    assert "The second step is off. Your password alone signs you in." in off


def test_password_is_asked_again_before_the_second_step_is_turned_off(client: Client, ada: User) -> None:
    client.force_login(ada)
    response = client.get("/accounts/2fa/totp/activate/")
    assert response["Location"].startswith("/accounts/reauthenticate/")
    assert "give your password once more" in client.get(response["Location"]).content.decode()
    assert client.post(response["Location"], {"password": PASSWORD}).status_code == 302
    assert client.get("/accounts/2fa/totp/activate/").status_code == 200


def test_person_without_a_password_is_not_led_to_change_it(client: Client, ada: User) -> None:
    client.force_login(ada)
    assert "/accounts/password/change/" in client.get("/accounts/2fa/").content.decode()
    ada.set_unusable_password()
    ada.save()
    client.force_login(ada)
    assert "/accounts/password/change/" not in client.get("/accounts/2fa/").content.decode()


@pytest.mark.parametrize(
    "path", ["/accounts/logout/", "/accounts/password/change/", "/accounts/2fa/", "/accounts/password/reset/"]
)
def test_pages_of_a_person_are_there(client: Client, ada: User, path: str) -> None:
    client.force_login(ada)
    assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    "path", ["signup", "email", "confirm-email", "confirm-email/abc", "password/set", "login/code/confirm"]
)
def test_pages_of_open_sign_up_are_not_there(client: Client, ada: User, path: str) -> None:
    for client_ in (Client(), client):
        assert client_.get(f"/accounts/{path}/").status_code == 404
        assert client_.post(f"/accounts/{path}/", {"email": "eve@example.com"}).status_code == 404
        client.force_login(ada)


def test_form_of_another_site_is_refused_in_words(ada: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    response = strict.post("/accounts/login/", {"login": "ada@example.com", "password": PASSWORD})
    assert response.status_code == 403
    assert "Please send that again" in response.content.decode()


def test_unknown_address_says_so(client: Client) -> None:
    response = client.get("/s/nowhere")
    assert response.status_code == 301
    response = client.get("/nowhere/")
    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()


def test_person_without_a_store_is_told_so(client: Client) -> None:
    client.force_login(make_user("eve@example.com"))
    page = client.get("/")
    assert page.status_code == 200
    assert "no shop has given you a role" in page.content.decode()
