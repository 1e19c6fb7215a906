"""The tasks page and what it lets an admin do."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now
from pytest_django import DjangoAssertNumQueries

from accounts.models import Role, Store, User
from jobs.canary import beat
from jobs.models import Job
from jobs.running import enqueue, run
from tests.factories.accounts import make_store, make_user
from tests.jobs import kinds  # noqa: F401  # registers them

pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    return make_store("harbour")


@pytest.fixture
def admin(store: Store) -> User:
    return make_user(store=store, role=Role.ADMIN, name="Ada")


@pytest.fixture
def browser(client: Client, admin: User) -> Client:
    client.force_login(admin)
    beat()
    return client


def url(name: str, *arguments: object) -> str:
    return reverse(f"jobs:{name}", args=["harbour", *arguments])


def finished_job(store: Store, state: str = "succeeded", *, minutes_ago: int = 0, **fields: object) -> Job:
    over = now() - timedelta(minutes=minutes_ago)
    given = {"created_at": over, "started_at": over, "finished_at": over} | fields
    return Job.objects.create(
        store=store, kind="tests.rename", key=str(minutes_ago), state=state, attempts=1, **given
    )


def finding(browser: Client) -> str:
    page = browser.get(url("task_list")).content.decode()
    return " ".join(page.split('<p class="finding">')[1].split("</p>")[0].split())


def test_empty_page_says_what_will_be_here(browser: Client) -> None:
    assert "No tasks yet" in browser.get(url("task_list")).content.decode()
    assert finding(browser) == "Nothing has run yet."


def test_finding_names_failures_of_the_week(browser: Client, store: Store) -> None:
    with time_machine.travel("2025-03-04T12:00:00+00:00", tick=False):
        finished_job(store, "failed", minutes_ago=6 * 24 * 60)
        finished_job(store, "failed", minutes_ago=8 * 24 * 60)
        finished_job(make_store(), "failed")
        assert re.sub("<.*?>", "", finding(browser)) == (
            "1 task failed in the last seven days, the last one 6 days ago: rename the store."
        )


def test_finding_names_a_silent_cluster(client: Client, admin: User) -> None:
    client.force_login(admin)
    assert finding(client) == (
        "The background tasks have given no sign of life since it was set up. Restart the task cluster."
    )


def test_failure_shows_its_sentence_and_can_be_tried_again(
    browser: Client, store: Store, admin: User
) -> None:
    job = enqueue(store=store, kind="tests.refuse", key="a", requested_by=admin)
    run(job.id)
    page = browser.get(url("task_list")).content.decode()
    assert "The file is empty. Choose another one." in page
    assert '<td data-label="By">Ada</td>' in page
    assert url("task_retry", job.id) in page
    assert browser.post(url("task_retry", job.id)).status_code == 302
    job.refresh_from_db()
    assert job.state == "queued"


def test_success_offers_no_retry(browser: Client, store: Store) -> None:
    job = finished_job(store)
    assert url("task_retry", job.id) not in browser.get(url("task_list")).content.decode()
    browser.post(url("task_retry", job.id))
    job.refresh_from_db()
    assert job.state == "succeeded"


def test_waiting_job_is_under_way_and_can_be_cancelled(browser: Client, store: Store) -> None:
    job = enqueue(store=store, kind="tests.rename", key="a", arguments={"name": "New"})
    page = browser.get(url("task_list")).content.decode()
    assert "Rename the store" in page
    assert f'hx-get="{url("task_progress", job.id)}"' in page
    browser.post(url("task_cancel", job.id))
    job.refresh_from_db()
    assert job.state == "cancelled"


def test_running_job_is_asked_to_stop(browser: Client, store: Store) -> None:
    job = enqueue(store=store, kind="tests.rename", key="a", arguments={"name": "New"})
    Job.objects.filter(id=job.id).update(state="running", attempts=1, started_at=now())
    browser.post(url("task_cancel", job.id))
    assert "Stopping…" in browser.get(url("task_list")).content.decode()


def test_progress_is_asked_for_until_the_job_is_over(browser: Client, store: Store) -> None:
    job = enqueue(store=store, kind="tests.rename", key="a", arguments={"name": "New"})
    begun = now() - timedelta(seconds=10)
    Job.objects.filter(id=job.id).update(
        state="running", attempts=1, started_at=begun, done=500, total=1500, note="Reading"
    )
    part = browser.get(url("task_progress", job.id)).content.decode()
    assert "hx-trigger" in part
    assert "500 of 1,500 rows" in part
    assert "50 a second" in part
    assert "about 20 seconds left" in part
    assert "You can leave this page" in part
    Job.objects.filter(id=job.id).update(state="failed", error="It broke.", finished_at=now())
    part = browser.get(url("task_progress", job.id)).content.decode()
    assert "hx-trigger" not in part
    assert "It broke." in part


def test_pages_follow_each_other_without_loss(browser: Client, store: Store) -> None:
    moment = datetime(2025, 1, 1, tzinfo=UTC)  # many at the same moment: the id decides
    for number in range(70):
        finished_job(store, minutes_ago=number, created_at=moment)
    seen, query = [], ""
    while True:
        response = browser.get(url("task_list") + query)
        seen += [task.job.id for task in response.context["finished"]]
        query = response.context["next_url"]
        if not query:
            break
    assert seen == sorted(Job.objects.values_list("id", flat=True), reverse=True)


@pytest.mark.parametrize("jobs", [1, 3])
def test_page_asks_the_database_the_same_number_of_times(
    browser: Client, store: Store, jobs: int, django_assert_num_queries: DjangoAssertNumQueries, admin: User
) -> None:
    for number in range(jobs):
        finished_job(store, minutes_ago=number + 1, requested_by=admin)
        enqueue(store=store, kind="tests.rename", key=f"w{number}", requested_by=admin)
    # session, person, role, stores of the switcher; over, under way, health and last failure, sign of life
    with django_assert_num_queries(9):
        browser.get(url("task_list"))
