"""Every URL of a store, and who may call it.

One line a URL. A URL that isn't listed fails, so does a line whose URL is gone. For each line: somebody who isn't
signed in is led to the sign-in, somebody of another store finds nothing, a role that may not is refused, a role
that may is let in. Where the URL names an object, the same object of another store isn't there.

A new kind of object in a URL gets one line in OBJECTS: how to make one in a store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import NamedTuple

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils.timezone import now

from accounts.access import ADMINS, EVERYONE, MANAGERS
from accounts.models import Invitation, Role, Store, StoreRole, User
from jobs.models import Job
from jobs.running import enqueue
from orders.models import Import
from segments.exports.files import link_token
from segments.models import SavedFilter, Segment
from tests.factories.accounts import make_store, make_user, signed_in
from tests.factories.exports import make_finished_export
from tests.factories.orders import make_customer, make_order

pytestmark = pytest.mark.django_db


class Row(NamedTuple):
    """A URL by its name, who may call it and how; `owned` lists what in it belongs to a store.

    An owned thing whose name begins with "?" stands in the query string.
    """

    name: str
    roles: frozenset[Role]
    method: str = "get"
    owned: tuple[str, ...] = ()


TABLE = [
    Row("today", EVERYONE),
    Row("segments:segment_list", MANAGERS),
    Row("segments:segment_page", MANAGERS, "get", ("key",)),
    Row("segments:moves", MANAGERS),
    Row("segments:compare", MANAGERS),
    Row("segments:why", MANAGERS),
    Row("segments:value", MANAGERS),
    Row("segments:calibration", MANAGERS),
    Row("segments:calibrated_people", MANAGERS),
    Row("segments:retention", MANAGERS),
    Row("segments:retention_people", MANAGERS),
    Row("segments:rhythm", MANAGERS),
    Row("segments:grading", MANAGERS),
    Row("segments:refresh_now", MANAGERS, "get", ("?job",)),
    Row("segments:refresh_now", MANAGERS, "post"),
    Row("segments:freshness", EVERYONE),
    Row("segments:version", EVERYONE),
    Row("segments:customer_list", EVERYONE),
    Row("segments:customer_page", EVERYONE, "get", ("customer_id",)),
    Row("segments:customer_export", MANAGERS),
    Row("segments:customer_export", MANAGERS, "post"),
    Row("segments:export_list", MANAGERS),
    Row("segments:export_progress", MANAGERS, "get", ("export_id",)),
    Row("segments:export_stop", MANAGERS, "post", ("export_id",)),
    Row("segments:export_file", MANAGERS, "get", ("token",)),
    Row("segments:filter_save", EVERYONE, "post"),
    Row("segments:filter_change", EVERYONE, "post", ("filter_id",)),
    Row("segments:filter_delete", EVERYONE, "post", ("filter_id",)),
    Row("segments:scheme", ADMINS),
    Row("segments:scheme", ADMINS, "post"),
    Row("segments:segment_add", ADMINS),
    Row("segments:segment_add", ADMINS, "post"),
    Row("segments:segment_edit", ADMINS, "get", ("key",)),
    Row("segments:segment_edit", ADMINS, "post", ("key",)),
    Row("orders:order_list", EVERYONE),
    Row("orders:order_page", EVERYONE, "get", ("order_id",)),
    Row("orders:delivery", MANAGERS),
    Row("orders:payments", MANAGERS),
    Row("orders:guests", MANAGERS),
    Row("orders:import_list", MANAGERS),
    Row("orders:import_upload", MANAGERS, "post"),
    Row("orders:import_page", MANAGERS, "get", ("import_id",)),
    Row("orders:import_page", MANAGERS, "post", ("import_id",)),
    Row("orders:import_start", MANAGERS, "post", ("import_id",)),
    Row("orders:import_progress", MANAGERS, "get", ("import_id",)),
    Row("orders:import_stop", MANAGERS, "post", ("import_id",)),
    Row("orders:import_again", MANAGERS, "post", ("import_id",)),
    Row("orders:import_remove", MANAGERS, "post", ("import_id",)),
    Row("orders:import_rejected", MANAGERS, "get", ("import_id",)),
    Row("settings:store", ADMINS),
    Row("settings:store", ADMINS, "post"),
    Row("settings:team", ADMINS),
    Row("settings:invite", ADMINS, "post"),
    Row("settings:change_role", ADMINS, "post", ("role_id",)),
    Row("settings:remove_role", ADMINS, "post", ("role_id",)),
    Row("settings:revoke_invitation", ADMINS, "post", ("invitation_id",)),
    Row("jobs:task_list", ADMINS),
    Row("jobs:task_progress", ADMINS, "get", ("job_id",)),
    Row("jobs:task_retry", ADMINS, "post", ("job_id",)),
    Row("jobs:task_cancel", ADMINS, "post", ("job_id",)),
]


def make_role(store: Store) -> int:
    user = make_user(store=store, role=Role.MANAGER)
    return StoreRole.objects.get(store=store, user=user).id


def make_invitation(store: Store) -> int:
    invitation = Invitation.objects.create(
        store=store,
        email=f"new@{store.slug}.example.com",
        role=Role.SUPPORT,
        secret_digest=store.slug,
        invited_by=make_user(),
        expires_at=now() + timedelta(days=1),
    )
    return invitation.id


def make_job(store: Store) -> int:
    return Job.objects.create(store=store, kind="tests.any", key="a", state="failed", finished_at=now()).id


def make_refresh_job(store: Store) -> int:
    return enqueue(store=store, kind="segments.refresh", key="demand").id


def make_export_link(store: Store) -> str:
    return link_token(make_finished_export(store))


def make_segment(store: Store) -> str:
    return Segment.objects.create(store=store, key=f"only-{store.slug}", name="Only here", health=1).key


def make_saved_filter(store: Store) -> int:
    kept = SavedFilter(store=store, saved_by=make_user(store=store), name="Lapsed", query="r=1", shared=True)
    kept.save()
    return kept.pk


def make_import(store: Store) -> int:
    made = Import(store=store, filename="april.csv", size=40, format="plain", state=Import.State.DONE)
    made.file.save("april", ContentFile(b"order_id,customer_id,placed_at,total\n"), save=False)
    made.rejected_file.save("rejected", ContentFile(b"row,reason\n2,Why\n"), save=False)
    made.save()
    return made.pk


OBJECTS: dict[str, Callable[[Store], object]] = {
    "role_id": make_role,
    "invitation_id": make_invitation,
    "job_id": make_job,
    "?job": make_refresh_job,
    "export_id": lambda store: make_finished_export(store).pk,
    "token": make_export_link,
    "key": make_segment,
    "customer_id": lambda store: make_customer(store).id,
    "filter_id": make_saved_filter,
    "import_id": make_import,
    "order_id": lambda store: make_order(make_customer(store), "2025-03-04").id,
}

READ = {row.name for row in TABLE if row.method == "get"}
ONLY_POSTED = [row for row in TABLE if row.name not in READ]

rows = pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.name}-{row.method}")


def store_urls(
    patterns: list[URLPattern | URLResolver] | None = None, prefix: str = "", namespace: str = ""
) -> Iterator[str]:
    """Names of all URLs under /s/<store>/."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from store_urls(entry.url_patterns, route, inner)
        elif route.startswith("s/<slug:store>/"):
            yield f"{namespace}{entry.name}"


def path_of(row: Row, store: Store, owner: Store | None = None) -> str:
    """The row's path in the store, with objects of the owner (the store itself unless said otherwise)."""
    objects = {name: OBJECTS[name](owner or store) for name in row.owned}
    arguments = {name: value for name, value in objects.items() if not name.startswith("?")}
    query = {name[1:]: value for name, value in objects.items() if name.startswith("?")}
    return reverse(row.name, kwargs={"store": store.slug, **arguments}, query=query)


def status(user: User | None, row: Row, path: str) -> int:
    client = Client()
    if user is not None:
        client.force_login(user)
    return getattr(client, row.method)(path).status_code


def test_every_store_url_is_listed() -> None:
    assert sorted({row.name for row in TABLE}) == sorted(set(store_urls()))


def test_every_store_url_has_a_name() -> None:
    assert not [name for name in store_urls() if name.endswith("None")]


@rows
def test_every_argument_is_an_object_of_the_store(row: Row) -> None:
    """So that the test of strange objects leaves none out."""
    path_of(row, make_store())  # raises NoReverseMatch where an argument isn't in `owned`


@rows
def test_anonymous_is_led_to_the_sign_in(row: Row) -> None:
    path = path_of(row, make_store())
    client = Client()
    response = getattr(client, row.method)(path)
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/?next=")


@rows
def test_somebody_of_another_store_finds_nothing(row: Row) -> None:
    path = path_of(row, make_store())
    assert status(make_user(store=make_store(), role=Role.ADMIN), row, path) == 404


@rows
@pytest.mark.parametrize("role", list(Role))
def test_role_decides(row: Row, role: Role) -> None:
    store = make_store()
    make_user(store=store, role=Role.ADMIN)
    answer = status(make_user(store=store, role=role), row, path_of(row, store))
    if role in row.roles:
        assert answer in (200, 204, 302, 422)  # 422: let in, and told what is missing in an empty form
    else:
        assert answer == 403


@pytest.mark.parametrize(
    "row", [row for row in TABLE if row.owned], ids=lambda row: f"{row.name}-{row.method}"
)
def test_objects_of_another_store_are_not_there(row: Row) -> None:
    own, other = make_store(), make_store()
    path = path_of(row, own, owner=other)
    assert status(make_user(store=own, role=Role.ADMIN), row, path) == 404


@pytest.mark.parametrize("row", ONLY_POSTED, ids=lambda row: row.name)
def test_what_changes_something_is_not_done_by_a_link(row: Row) -> None:
    store = make_store()
    path = path_of(row, store)
    client = signed_in(store, Role.ADMIN)
    assert client.get(path).status_code == 405


@pytest.mark.parametrize("row", [row for row in TABLE if row.method == "post"], ids=lambda row: row.name)
def test_what_another_site_sends_is_refused(row: Row) -> None:
    store = make_store()
    path = path_of(row, store)
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user(store=store, role=Role.ADMIN))
    assert client.post(path).status_code == 403
