"""Files of customers: whole or not there, whoever interrupts; who is in them and who is left out."""

from __future__ import annotations

import csv
import gc
import io
import os
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import signing
from django.utils.timezone import now

from accounts.models import Role, Store
from jobs.kinds import JobFailed
from jobs.models import Job
from jobs.progress import JobCancelled, Progress
from segments.exports.files import expires_at, job_of_token, link_token, path_of, sweep_files
from segments.exports.kinds import KINDS
from segments.exports.lists import picked_people
from segments.exports.making import Written, begin_export, counts, make_export, write_people, write_scores
from segments.models import CustomerStats
from segments.scoring import refresh_store
from segments.tasks import sweep_exports
from tests.factories.accounts import make_store, make_user
from tests.factories.exports import make_export_job, make_finished_export
from tests.factories.orders import make_customer
from tests.factories.segments import make_buyers

pytestmark = pytest.mark.django_db

DAY = date(2025, 6, 30)


@pytest.fixture
def store() -> Store:
    """Six buyers, a guest known by phone alone, one who refused e-mail and one who allowed it."""
    store = make_store()
    make_buyers(store, [6, 5, 4, 2, 1, 1], last_on=DAY)
    make_customer(store, "silent", external_id=None, email="", phone="+44 20 555")
    make_customer(store, "refuser", accepts_email=False)
    make_customer(store, "friend", accepts_email=True)
    refresh_store(store=store, as_of=DAY)
    return store


class Told(Progress):
    """Keeps what it is told; may break off the work at a report."""

    def __init__(self, end: BaseException | None = None, after: int = 0) -> None:
        self.done: list[int] = []
        self.total = 0
        self._end, self._after = end, after

    def report(self, *, done: int | None = None, total: int | None = None, **_words: Any) -> None:
        self.total = total or self.total
        self.done.append(done or 0)
        if self._end and len(self.done) > self._after:
            raise self._end


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))


def written(store: Store, kind: str, **options: Any) -> tuple[Written, list[dict[str, str]]]:
    file = io.BytesIO()
    rows = CustomerStats.objects.filter(store=store).order_by("customer_id")
    made = write_people(store=store, rows=rows, kind=KINDS[kind], file=file, **options)
    return made, list(csv.DictReader(io.StringIO(file.getvalue().decode("utf-8-sig"))))


def test_file_for_a_spreadsheet_holds_everybody(store: Store) -> None:
    made, rows = written(store, "csv")
    assert made == Written(9)
    assert [row["Name"] for row in rows][-3:] == ["Silent", "Refuser", "Friend"]


@pytest.mark.parametrize(("kind", "address"), [("klaviyo", "Email"), ("mailchimp", "Email Address")])
def test_file_that_mails_leaves_out_who_can_t_or_won_t_be_mailed(
    store: Store, kind: str, address: str
) -> None:
    made, rows = written(store, kind)
    assert made == Written(rows=7, without_email=1, refused=1)
    assert "refuser@example.com" not in {row[address] for row in rows}
    made, rows = written(store, kind, with_refused=True)
    assert made == Written(rows=8, without_email=1)
    assert "refuser@example.com" in {row[address] for row in rows}


def test_small_list_is_counted_for_what_a_file_that_mails_leaves_out(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody = list(CustomerStats.objects.filter(store=store).values_list("customer_id", flat=True))
    found = counts(picked_people(store, everybody))
    assert found
    assert (found.people, found.without_email, found.refused, found.unknown) == (9, 1, 1, 6)
    monkeypatch.setattr("segments.exports.making.SMALL", 8)
    assert counts(picked_people(store, everybody)) is None


def test_scores_are_those_the_store_keeps(store: Store, tmp_path: Path) -> None:
    assert write_scores(store=store, path=tmp_path / "scores.csv") == 9
    row = next(csv.DictReader((tmp_path / "scores.csv").open(encoding="utf-8")))
    assert (row["frequency"], row["monetary"], row["recency_days"]) == ("6", "60.00", "0")


@pytest.mark.parametrize("kind", ["csv", "xlsx", "klaviyo"])
def test_job_makes_the_file_and_says_what_is_in_it(store: Store, kind: str) -> None:
    job = make_export_job(store, kind=kind)
    told = Told()
    result = make_export(job=job, progress=told)
    assert told.total == 9
    mails = KINDS[kind].mails
    assert result == {
        "rows": 7 if mails else 9,
        "without_email": int(mails),
        "refused": int(mails),
        "bytes": path_of(job).stat().st_size,
    }
    assert [path.name for path in path_of(job).parent.iterdir()] == [path_of(job).name]


def test_files_are_for_the_server_alone(store: Store) -> None:
    job = make_export_job(store)
    make_export(job=job, progress=Progress())
    assert path_of(job).parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_job_that_is_stopped_leaves_no_file(store: Store, kind: str) -> None:
    job = make_export_job(store, kind=kind)
    with pytest.raises(JobCancelled):
        make_export(job=job, progress=Told(JobCancelled(), after=1))
    assert list(path_of(job).parent.iterdir()) == []


def test_job_that_is_stopped_breaks_nobody_s_transaction_later(store: Store) -> None:
    """As the server's cursor would, were it left to the garbage collector."""
    with pytest.raises(JobCancelled):
        make_export(job=make_export_job(store), progress=Told(JobCancelled(), after=1))
    gc.collect()
    assert CustomerStats.objects.filter(store=store).count() == 9


def test_job_run_again_writes_one_whole_file(store: Store) -> None:
    job = make_export_job(store)
    make_export(job=job, progress=Progress())
    first = path_of(job).read_bytes()
    path_of(job).write_bytes(b"half of")
    make_export(job=job, progress=Progress())
    assert path_of(job).read_bytes() == first
    assert len(rows_of(path_of(job))) == 9
    assert list(path_of(job).parent.iterdir()) == [path_of(job)]


def test_list_that_is_gone_is_told_to_the_person(store: Store) -> None:
    job = make_export_job(store, list="compare", query="before=gone&after=nothing")
    with pytest.raises(JobFailed, match="Choose it again"):
        make_export(job=job, progress=Progress())


def test_same_export_asked_for_twice_is_made_once(store: Store) -> None:
    people = picked_people(store, [])
    asked = {
        "store": store,
        "people": people,
        "name": "customers",
        "kind": KINDS["csv"],
        "with_refused": False,
    }
    by = make_user(store=store, role=Role.MANAGER)
    first = begin_export(**asked, query="r=1", by=by)
    assert begin_export(**asked, query="r=1", by=by) == first
    assert begin_export(**asked, query="r=2", by=by) != first


# Links and how long files are kept


def test_link_is_good_for_its_store_alone(store: Store) -> None:
    job = make_finished_export(store)
    token = link_token(job)
    assert job_of_token(store, token) == job
    assert job_of_token(make_store(), token) is None


def test_link_that_was_changed_or_is_of_something_else_opens_nothing(store: Store) -> None:
    token = link_token(make_finished_export(store))
    assert job_of_token(store, token[:-1] + ("a" if token[-1] != "a" else "b")) is None
    assert job_of_token(store, "") is None
    assert job_of_token(store, signing.dumps(1, salt="another")) is None
    other = Job.objects.create(store=store, kind="tests.any", key="a")
    assert job_of_token(store, link_token(other)) is None


def test_link_runs_out_after_a_day(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    job = make_finished_export(store)
    token = link_token(job)
    clock = signing.time.time() + 24 * 3600 + 5
    monkeypatch.setattr(signing.time, "time", lambda: clock)
    with pytest.raises(signing.SignatureExpired):
        job_of_token(store, token)


def test_file_is_to_be_had_for_a_day_after_it_was_made(store: Store) -> None:
    job = make_finished_export(store)
    assert expires_at(job) == job.finished_at + timedelta(hours=24)
    job.finished_at -= timedelta(hours=24)
    assert expires_at(job) is None
    assert expires_at(make_export_job(make_store())) is None


def test_old_files_are_swept_and_new_ones_stay(store: Store) -> None:
    old, new = make_finished_export(store), make_finished_export(make_store())
    left = path_of(old).with_name("7.csv.part")
    left.write_bytes(b"half")
    yesterday = (now() - timedelta(hours=24, minutes=1)).timestamp()
    for path in (path_of(old), left):
        os.utime(path, (yesterday, yesterday))
    sweep_exports()
    assert (path_of(old).exists(), left.exists(), path_of(new).exists()) == (False, False, True)
    assert expires_at(old) is None
    assert sweep_files() == 0
