"""The gate by itself; tests/test_isolation.py holds every store URL to it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from accounts.access import ADMINS, EVERYONE, StoreRequest, store_page, stores_of
from accounts.models import Role, User
from tests.factories.accounts import make_store, make_user

pytestmark = pytest.mark.django_db


@store_page(EVERYONE)
def hour(request: StoreRequest) -> HttpResponse:
    """The hour on the store's clock at noon, 1 July 2025, UTC."""
    noon = timezone.localtime(datetime(2025, 7, 1, 12, tzinfo=UTC))
    return HttpResponse(f"{request.store.slug} {request.role} {noon:%H:%M}")


@store_page(ADMINS)
def secret(request: StoreRequest) -> HttpResponse:
    return HttpResponse("for admins")


def ask(user: User | AnonymousUser, path: str = "/s/harbour/", method: str = "GET") -> HttpRequest:
    request = RequestFactory().generic(method, path)
    request.user = user
    return request


def test_view_is_told_store_role_and_clock() -> None:
    store = make_store("harbour", timezone="Asia/Kolkata")
    response = hour(ask(make_user(store=store, role=Role.SUPPORT)), store="harbour")
    assert response.content == b"harbour support 17:30"
    assert timezone.get_current_timezone_name() == "UTC"


def test_pages_of_a_store_are_kept_by_no_shared_cache() -> None:
    response = hour(ask(make_user(store=make_store("harbour"))), store="harbour")
    assert response["Cache-Control"] == "private"


def test_stranger_and_unknown_store_look_alike() -> None:
    make_store("harbour")
    stranger = make_user(store=make_store("elsewhere"), role=Role.ADMIN)
    answers = []
    for slug in ("harbour", "nowhere"):
        with pytest.raises(Http404) as raised:
            hour(ask(stranger), store=slug)
        answers.append(str(raised.value))
    assert answers[0] == answers[1]


def test_role_that_may_not_is_refused() -> None:
    with pytest.raises(PermissionDenied):
        secret(ask(make_user(store=make_store("harbour"), role=Role.MANAGER)), store="harbour")


def test_anonymous_goes_to_the_sign_in_and_back() -> None:
    response = secret(ask(AnonymousUser()), store="harbour")
    assert (response.status_code, response["Location"]) == (302, "/accounts/login/?next=/s/harbour/")


def test_anonymous_who_sent_something_is_led_to_a_page_and_not_to_where_it_was_sent() -> None:
    sent = ask(AnonymousUser(), "/s/harbour/imports/upload/", "POST")
    assert secret(sent, store="harbour")["Location"] == "/accounts/login/?next=/s/harbour/"
    asked = ask(AnonymousUser(), "/s/harbour/customers/?sort=name", "GET")
    assert (
        secret(asked, store="harbour")["Location"]
        == "/accounts/login/?next=/s/harbour/customers/%3Fsort%3Dname"
    )


def test_stores_of_a_person() -> None:
    make_store("alien")
    bay, abbey = make_store("bay"), make_store("abbey")
    user = make_user(store=bay)
    assert list(stores_of(user)) == [bay]
    user.roles.create(store=abbey, role=Role.SUPPORT)
    assert list(stores_of(user)) == [abbey, bay]
