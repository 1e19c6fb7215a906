"""The settings pages and the page behind an invitation."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.messages import get_messages
from django.core import mail
from django.test import Client, override_settings
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts import people
from accounts.models import Invitation, Role, Store, User
from accounts.people import demo_users
from tests.factories.accounts import PASSWORD, make_store, make_user

pytestmark = pytest.mark.django_db

NO_MAIL = override_settings(EMAIL_BACKEND="django.core.mail.backends.console.EmailBackend")


@pytest.fixture
def store() -> Store:
    return make_store("harbour", name="Harbour Coffee")


@pytest.fixture
def admin(store: Store) -> User:
    return make_user("ada@example.com", store=store, role=Role.ADMIN, name="Ada")


@pytest.fixture
def browser(client: Client, admin: User) -> Client:
    client.force_login(admin)
    return client


def settings_url(name: str, *arguments: object) -> str:
    return reverse(f"settings:{name}", args=["harbour", *arguments])


def said(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


class TestStorePage:
    def test_saves_name_time_zone_and_currency(self, browser: Client, store: Store) -> None:
        given = {"name": "Harbour", "timezone": "Asia/Kolkata", "currency": "EUR"}
        response = browser.post(settings_url("store"), given)
        assert response.status_code == 302
        assert said(response) == ["Saved. Days are counted anew at the next refresh."]
        store.refresh_from_db()
        assert (store.name, store.timezone, store.currency) == ("Harbour", "Asia/Kolkata", "EUR")

    def test_keeps_what_was_typed_beside_the_error(self, browser: Client, store: Store) -> None:
        given = {"name": "", "timezone": "Asia/Kolkata", "currency": "EUR"}
        response = browser.post(settings_url("store"), given)
        assert response.context["form"].errors == {"name": ["This field is required."]}
        assert response.context["form"]["currency"].value() == "EUR"

    def test_says_why_the_currency_stays(
        self, browser: Client, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(people, "currency_holds", [lambda store: "Orders are in it."])
        page = browser.get(settings_url("store")).content.decode()
        assert "Orders are in it." in page
        browser.post(settings_url("store"), {"name": "Harbour", "timezone": "UTC", "currency": "EUR"})
        store.refresh_from_db()
        assert (store.name, store.currency) == ("Harbour", "GBP")

    def test_offers_a_currency_and_a_time_zone_off_the_usual_lists(
        self, browser: Client, store: Store
    ) -> None:
        Store.objects.filter(id=store.id).update(currency="MGA", timezone="EST5EDT")
        form = browser.get(settings_url("store")).context["form"]
        assert (form["currency"].value(), form["timezone"].value()) == ("MGA", "EST5EDT")
        response = browser.post(
            settings_url("store"), {"name": "H", "timezone": "EST5EDT", "currency": "MGA"}
        )
        assert response.status_code == 302


class TestTeamPage:
    def test_invites_by_mail(self, browser: Client, admin: User) -> None:
        response = browser.post(settings_url("invite"), {"email": "Bea@example.com", "role": "support"})
        assert response.status_code == 302
        assert said(response) == ["An invitation is on its way to bea@example.com."]
        (message,) = mail.outbox
        assert message.to == ["bea@example.com"]
        assert message.subject == "Harbour Coffee: you are invited to Regulars"
        (path,) = re.findall(r"http://testserver(/accounts/invitation/\S+/)", str(message.body))
        assert "Ada invites you to work with Harbour Coffee" in message.body
        assert Client().get(path).status_code == 200

    @NO_MAIL
    def test_shows_the_link_once_where_no_mail_can_be_sent(
        self, browser: Client, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
    ) -> None:
        response = browser.post(settings_url("invite"), {"email": "bea@example.com", "role": "support"})
        (path,) = re.findall(r"http://testserver(/accounts/invitation/[^\"]+/)", response.content.decode())
        assert response["Cache-Control"] == "no-store, private"
        assert Client().get(path).status_code == 200
        assert "/accounts/invitation/" not in browser.get(settings_url("team")).content.decode()
        token = path.split("/")[3]
        assert token not in capsys.readouterr().out + caplog.text

    @override_settings(EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", EMAIL_PORT=9)
    def test_shows_the_link_where_the_mail_server_fails(self, browser: Client) -> None:
        response = browser.post(settings_url("invite"), {"email": "bea@example.com", "role": "support"})
        assert "Pass this link on to bea@example.com" in response.content.decode()

    def test_refuses_somebody_of_the_team_at_the_field(self, browser: Client) -> None:
        response = browser.post(settings_url("invite"), {"email": "ada@example.com", "role": "support"})
        assert response.context["form"].errors == {
            "email": ["ada@example.com is in the team already, as admin."]
        }

    def test_changes_a_role(self, browser: Client, store: Store) -> None:
        bea = make_user(store=store, name="Bea")
        response = browser.post(settings_url("change_role", bea.roles.get().id), {"role": "support"})
        assert said(response) == ["Bea is support now."]
        assert bea.roles.get().role == "support"

    def test_keeps_the_last_admin(self, browser: Client, admin: User) -> None:
        for name, given in (("change_role", {"role": "support"}), ("remove_role", {})):
            response = browser.post(settings_url(name, admin.roles.get().id), given)
            assert said(response)[-1] == people.LAST_ADMIN
        assert admin.roles.get().role == "admin"

    def test_leads_an_admin_who_leaves_to_where_they_may_be(
        self, browser: Client, admin: User, store: Store
    ) -> None:
        make_user(store=store, role=Role.ADMIN)
        response = browser.post(settings_url("change_role", admin.roles.get().id), {"role": "manager"})
        assert response["Location"] == "/s/harbour/"
        people.give_role(store=store, user=admin, role=Role.ADMIN)
        response = browser.post(settings_url("remove_role", admin.roles.get().id))
        assert response["Location"] == "/"

    def test_withdraws_an_invitation(self, browser: Client) -> None:
        browser.post(settings_url("invite"), {"email": "bea@example.com", "role": "support"})
        browser.post(settings_url("revoke_invitation", Invitation.objects.get().id))
        assert not Invitation.objects.exists()

    @pytest.mark.parametrize("people_there", [1, 3])
    def test_asks_the_database_the_same_number_of_times(
        self,
        browser: Client,
        store: Store,
        people_there: int,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        for number in range(people_there):
            make_user(store=store)
            browser.post(settings_url("invite"), {"email": f"new-{number}@example.com", "role": "support"})
        list(get_messages(browser.get(settings_url("team")).wsgi_request))
        with django_assert_num_queries(6):  # session, person, role, stores of the switcher, team, invitations
            browser.get(settings_url("team"))


class TestInvitationPage:
    @pytest.fixture
    def path(self, browser: Client) -> str:
        browser.post(settings_url("invite"), {"email": "bea@example.com", "role": "support"})
        browser.logout()
        (path,) = re.findall(r"http://testserver(\S+)", str(mail.outbox[0].body))
        return str(path)

    def test_a_new_person_joins_and_is_signed_in(self, path: str) -> None:
        new = Client()
        response = new.post(path, {"name": "Bea", "password": PASSWORD})
        assert response["Location"] == "/s/harbour/"
        assert User.objects.get(email="bea@example.com").roles.get().role == "support"
        assert new.get("/")["Location"] == "/s/harbour/"
        assert new.get(path).status_code == 410

    def test_a_weak_password_is_said_at_the_field(self, path: str) -> None:
        response = Client().post(path, {"name": "Bea", "password": "short"})
        assert list(response.context["form"].errors) == ["password"]
        assert response.context["form"]["name"].value() == "Bea"

    def test_a_known_person_signs_in_and_accepts(self, path: str) -> None:
        bea = make_user("bea@example.com")
        known = Client()
        assert f"/accounts/login/?next={quote(path)}" in known.get(path).content.decode()
        assert known.post(path, {"name": "Mallory", "password": PASSWORD}).status_code == 200
        assert not bea.roles.exists()
        known.force_login(bea)
        assert known.post(path)["Location"] == "/s/harbour/"
        assert bea.roles.get().role == "support"

    def test_somebody_else_who_is_signed_in_cannot_take_it(self, path: str) -> None:
        carl = make_user("carl@example.com")
        other = Client()
        other.force_login(carl)
        assert "You are signed in as carl@example.com" in other.get(path).content.decode()
        assert "This invitation is for bea@example.com" in other.post(path).content.decode()
        assert not carl.roles.exists()

    def test_a_link_that_is_over_says_so(self) -> None:
        response = Client().get("/accounts/invitation/forged/")
        assert response.status_code == 410
        assert "isn&#x27;t valid any more" in response.content.decode()


class TestDemo:
    def test_there_are_no_buttons_and_no_way_in_outside_of_the_demo(self, client: Client) -> None:
        demo_users(store=make_store(is_demo=True))
        assert "/accounts/demo/" not in client.get("/accounts/login/").content.decode()
        assert client.post("/accounts/demo/", {"role": "admin"}).status_code == 404

    @override_settings(DEMO=True)
    @pytest.mark.parametrize("role", Role.values)
    def test_a_button_signs_in_as_the_role(self, client: Client, role: str) -> None:
        store = make_store("demo", is_demo=True)
        demo_users(store=store)
        assert f'name="role" value="{role}"' in client.get("/accounts/login/").content.decode()
        assert client.post("/accounts/demo/", {"role": role})["Location"] == "/"
        assert client.get("/")["Location"] == "/s/demo/"
        assert User.objects.get(id=client.session["_auth_user_id"]).roles.get().role == role

    @override_settings(DEMO=True)
    def test_a_button_opens_nothing_but_the_demo(self, client: Client) -> None:
        demo_users(store=make_store())  # a store that is no demo
        assert client.post("/accounts/demo/", {"role": "admin"}).status_code == 404
        assert client.post("/accounts/demo/", {"role": "owner"}).status_code == 404
        assert client.get("/accounts/demo/").status_code == 405
