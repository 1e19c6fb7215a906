"""The import pages: what a person sees and can do at each step, and what they are told when it doesn't work."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from accounts.models import Role, Store
from jobs import running
from jobs.models import Job
from orders import previewing
from orders.models import Customer, Import, Order, SavedMapping
from tests.factories.accounts import make_store, make_user
from tests.factories.files import csv_bytes, shopify_export

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
PLAIN_HEADER = ("order_id", "customer_id", "placed_at", "total")
PLAIN = csv_bytes(PLAIN_HEADER, [("1", "ann", "2025-04-13", "10.50"), ("2", "bob", "2025-04-14", "7.00")])
AMBIGUOUS = csv_bytes(
    ("Order number", "Customer id", "Order date", "Total"),
    [("1", "ann", "03/04/2025", "10.50"), ("2", "bob", "05/04/2025", "7.00")],
)
UNKNOWN = csv_bytes(
    ("Ref", "Who", "When exactly", "Paid in"),
    [("A1", "ann", "2025-04-13", "10.50"), ("A2", "bob", "2025-04-14", "7.00")],
)
TABLE_ANSWERS = {
    "name-0": "Ref", "field-0": "order_id", "name-1": "Who", "field-1": "customer_id",
    "name-2": "When exactly", "field-2": "placed_at", "name-3": "Paid in", "field-3": "total",
}  # fmt: skip


@pytest.fixture
def store() -> Store:
    return make_store("harbour")


@pytest.fixture
def manager(store: Store, client: Client) -> Client:
    client.force_login(make_user(store=store, role=Role.MANAGER))
    return client


def page(name: str, *arguments: Any) -> str:
    return reverse(f"orders:{name}", args=["harbour", *arguments])


def upload(client: Client, content: bytes, name: str = "orders.csv", **headers: Any) -> Any:
    file = SimpleUploadedFile(name, content)
    return client.post(page("import_upload"), {"file": file}, headers=headers)


def uploaded(client: Client, content: bytes, name: str = "orders.csv") -> Import:
    assert upload(client, content, name).status_code == 302
    return Import.objects.latest("id")


def imported(client: Client, content: bytes, name: str = "orders.csv") -> Import:
    """A file that was uploaded, confirmed, and imported by the job that the page asked for."""
    import_ = uploaded(client, content, name)
    client.post(page("import_start", import_.id))
    import_.refresh_from_db()
    assert import_.job is not None
    running.run(import_.job.id)
    return Import.objects.select_related("job").get(id=import_.id)


def kept_files() -> set[Path]:
    return {path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()}


class TestList:
    def test_empty_list_says_what_will_be_here(self, manager: Client) -> None:
        answer = manager.get(page("import_list")).content.decode()
        assert "Nothing yet" in answer
        assert 'type="file"' in answer

    def test_list_tells_what_came_of_each_file(self, manager: Client) -> None:
        imported(manager, PLAIN, "april.csv")
        row = manager.get(page("import_list")).content.decode()
        assert "april.csv" in row
        assert "Imported" in row

    @pytest.mark.parametrize("count", [1, 3])
    def test_list_takes_the_same_queries_whatever_its_length(
        self, manager: Client, store: Store, count: int, django_assert_num_queries: Any
    ) -> None:
        for number in range(count):
            Import.objects.create(
                store=store,
                filename=f"{number}.csv",
                size=1,
                imported_by=make_user(),
                state=Import.State.DONE,
            )
        with django_assert_num_queries(5):
            manager.get(page("import_list"))

    def test_list_asks_again_only_while_something_is_under_way(self, manager: Client) -> None:
        import_ = uploaded(manager, PLAIN)
        assert "every 2s" not in manager.get(page("import_list")).content.decode()
        manager.post(page("import_start", import_.id))
        part = manager.get(page("import_list"), headers=HTMX).content.decode()
        assert "every 2s" in part
        assert "<html" not in part


class TestUpload:
    def test_upload_keeps_the_file_under_a_name_of_ours(self, manager: Client) -> None:
        import_ = uploaded(manager, PLAIN, "../../april <b>.csv")
        assert import_.filename == "april <b>.csv"
        assert import_.size == len(PLAIN)
        assert "april" not in str(import_.file.name)
        assert Path(import_.file.path).read_bytes() == PLAIN
        assert Path(import_.file.path).stat().st_mode & 0o077 == 0

    def test_upload_by_htmx_leads_to_the_import(self, manager: Client) -> None:
        answer = upload(manager, PLAIN, **HTMX)
        assert answer.headers["HX-Redirect"] == page("import_page", Import.objects.get().id)

    @pytest.mark.parametrize(
        ("content", "name", "sentence"),
        [
            (b"", "empty.csv", "The file is empty."),
            (b"order_id,total\n", "header.csv", "The file has a header and no rows under it."),
            (b"%PDF-1.7 ...", "orders.pdf", "This is a PDF document."),
            (b"\x1f\x8b\x08\x00", "orders.csv.gz", "The file is compressed (gzip)."),
            (b"a,b\n1,2\n", "orders.xlsx", "named like an Excel workbook"),
            (b"PK\x03\x04 broken", "orders.xlsx", "The workbook is damaged"),
            (b"{", "orders.json", "damaged"),
            (b'order_id,customer_id,placed_at,total\n1,a,2025-04-13,"10\n', "o.csv", "never closed"),
        ],
    )
    def test_unreadable_file_is_refused_in_a_sentence_and_not_kept(
        self,
        manager: Client,
        content: bytes,
        name: str,
        sentence: str,
        django_capture_on_commit_callbacks: Any,
    ) -> None:
        before = kept_files()
        with django_capture_on_commit_callbacks(execute=True):
            answer = upload(manager, content, name, **HTMX)
        assert answer.status_code == 422
        assert sentence in answer.content.decode()
        assert not Import.objects.exists()
        assert kept_files() == before

    def test_file_beyond_the_limit_is_refused_and_not_kept(self, manager: Client, settings: Any) -> None:
        settings.IMPORT_LARGEST_FILE = 50
        before = kept_files()
        answer = upload(manager, PLAIN)
        assert answer.status_code == 422
        assert "The file is too large" in answer.content.decode()
        assert not Import.objects.exists()
        assert kept_files() == before

    def test_no_file_is_said_at_the_field(self, manager: Client) -> None:
        answer = manager.post(page("import_upload"))
        assert answer.status_code == 422
        assert "Choose a file first." in answer.content.decode()

    def test_upload_needs_the_token_of_the_page(self, store: Store) -> None:
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(make_user(store=store, role=Role.MANAGER))
        assert upload(strict, PLAIN).status_code == 403
        assert not Import.objects.exists()

    def test_stranger_can_put_nothing_on_the_disk(self, store: Store, client: Client) -> None:
        client.force_login(make_user(store=make_store("elsewhere"), role=Role.ADMIN))
        before = kept_files()
        assert upload(client, PLAIN).status_code == 404
        assert kept_files() == before


class TestReading:
    def test_known_table_shows_what_it_becomes(self, manager: Client) -> None:
        answer = manager.get(page("import_page", uploaded(manager, PLAIN).id)).content.decode()
        assert "Plain orders CSV" in answer
        assert "13 April 2025, 00:00" in answer
        assert "£10.50" in answer
        assert "disabled" not in answer.split(">Import<")[0].rsplit("<button", 1)[1]

    def test_shopify_file_is_recognised(self, manager: Client) -> None:
        content = shopify_export(12, customers=4, newest=datetime(2025, 4, 30, 12, tzinfo=UTC))
        answer = manager.get(page("import_page", uploaded(manager, content).id)).content.decode()
        assert "Shopify orders export" in answer
        assert "buyer0@example.com" in answer or "Buyer 0" in answer
        assert "What each column is" not in answer

    def test_ambiguous_dates_are_asked_with_an_example_of_the_file(self, manager: Client) -> None:
        import_ = uploaded(manager, AMBIGUOUS)
        answer = manager.get(page("import_page", import_.id)).content.decode()
        assert "03/04/2025" in answer
        assert "3 April 2025" in answer
        assert "4 March 2025" in answer

    @pytest.mark.parametrize(("order", "day"), [("dmy", "3 April 2025"), ("mdy", "4 March 2025")])
    def test_an_answer_shows_at_once_how_the_orders_are_read(
        self, manager: Client, order: str, day: str
    ) -> None:
        import_ = uploaded(manager, AMBIGUOUS)
        part = manager.post(
            page("import_page", import_.id), {"date_order": order}, headers=HTMX
        ).content.decode()
        assert f"{day}, 00:00" in part
        assert "<html" not in part

    def test_missing_columns_are_named_and_nothing_starts_without_them(self, manager: Client) -> None:
        import_ = uploaded(manager, UNKNOWN)
        answer = manager.get(page("import_page", import_.id)).content.decode()
        assert "Which column is the order?" in answer
        assert "Which column is the date?" in answer
        assert "2025-04-13" in answer
        refused = manager.post(page("import_start", import_.id), {"name-0": "Ref", "field-0": "order_id"})
        assert refused.status_code == 422
        assert "Which column is the date?" in refused.content.decode()
        import_.refresh_from_db()
        assert (import_.state, import_.job) == (Import.State.UPLOADED, None)

    def test_columns_that_were_chosen_stay_when_the_page_is_left(self, manager: Client) -> None:
        import_ = uploaded(manager, UNKNOWN)
        manager.post(page("import_page", import_.id), TABLE_ANSWERS, headers=HTMX)
        answer = manager.get(page("import_page", import_.id)).content.decode()
        assert '<option value="placed_at" selected>' in answer
        assert "13 April 2025, 00:00" in answer

    @pytest.mark.parametrize(("year", "warned"), [("2025", False), ("2099", True)])
    def test_orders_dated_in_the_future_are_pointed_out(
        self, manager: Client, year: str, warned: bool
    ) -> None:
        content = csv_bytes(PLAIN_HEADER, [("1", "ann", f"{year}-12-31", "10.50")])
        shown = manager.get(page("import_page", uploaded(manager, content).id)).content.decode()
        assert ("Some orders are dated in the future." in shown) is warned

    def test_the_shop_s_own_words_for_statuses_are_asked_and_remembered(self, manager: Client) -> None:
        header = (*PLAIN_HEADER, "status")
        rows = [
            ("1", "ann", "2025-04-13", "10.50", "Bezahlt"),
            ("2", "bo", "2025-04-14", "20.00", "storniert"),
            ("3", "cy", "2025-04-15", "30.00", "paid"),
        ]
        import_ = uploaded(manager, csv_bytes(header, rows))
        shown = manager.get(page("import_page", import_.id))
        assert [word.word for word in shown.context["look"].status_words] == ["bezahlt", "storniert"]
        assert shown.context["preview"].rejected == 2
        said = {"word-1": "bezahlt", "meaning-1": "paid", "word-2": "storniert", "meaning-2": "nonsense"}
        shown = manager.post(page("import_page", import_.id), said, headers=HTMX)
        assert shown.context["preview"].rejected == 1
        said["meaning-2"] = "cancelled"
        manager.post(page("import_start", import_.id), said)
        import_.refresh_from_db()
        assert import_.job is not None
        running.run(import_.job.id)
        statuses = dict(Order.objects.values_list("external_id", "status"))
        assert statuses == {"1": "paid", "2": "cancelled", "3": "paid"}
        again = uploaded(manager, csv_bytes(header, [*rows, ("4", "di", "2025-04-16", "5.00", "BEZAHLT")]))
        shown = manager.get(page("import_page", again.id))
        assert [word.meaning for word in shown.context["look"].status_words] == ["paid", "cancelled"]
        assert shown.context["preview"].rejected == 0

    def test_a_column_of_remarks_is_none_of_statuses(self, manager: Client) -> None:
        rows = [(str(n), "ann", "2025-04-13", "10.50", f"remark {n}") for n in range(13)]
        import_ = uploaded(manager, csv_bytes((*PLAIN_HEADER, "status"), rows))
        assert manager.get(page("import_page", import_.id)).context["look"].status_words == ()

    def test_two_columns_for_one_amount_are_refused(self, manager: Client) -> None:
        import_ = uploaded(manager, UNKNOWN)
        answers = TABLE_ANSWERS | {"field-1": "total"}
        answer = manager.post(page("import_start", import_.id), answers)
        assert answer.status_code == 422
        assert "Two columns are read as “Total”. Choose one of them." in answer.content.decode()

    def test_second_column_of_a_name_is_not_used_and_says_so(self, manager: Client) -> None:
        content = csv_bytes((*PLAIN_HEADER, "total"), [("1", "ann", "2025-04-13", "10.50", "99.00")])
        import_ = uploaded(manager, content)
        shown = manager.get(page("import_page", import_.id)).content.decode()
        assert "another column before it has this name" in shown
        assert shown.count('name="field-') == len(PLAIN_HEADER)
        answers = {f"name-{index}": name for index, name in enumerate(PLAIN_HEADER)} | {
            f"field-{index}": name for index, name in enumerate(PLAIN_HEADER)
        }
        assert manager.post(page("import_start", import_.id), answers).status_code == 302
        import_.refresh_from_db()
        assert import_.job is not None
        running.run(import_.job.id)
        assert Order.objects.get().total == 1050

    def test_file_without_order_numbers_gets_them_from_customer_and_date(self, manager: Client) -> None:
        import_ = uploaded(manager, UNKNOWN)
        answers = TABLE_ANSWERS | {"field-0": "", "counted_ids": "on"}
        part = manager.post(page("import_page", import_.id), answers, headers=HTMX).content.decode()
        assert "13 April 2025, 00:00" in part
        assert "checked" in part

    def test_a_wrong_separator_is_said_and_can_be_changed_back(self, manager: Client) -> None:
        import_ = uploaded(manager, UNKNOWN)
        answer = manager.post(
            page("import_page", import_.id), {"separator": ";"}, headers=HTMX
        ).content.decode()
        assert "only one column" in answer
        back = manager.post(page("import_page", import_.id), {"separator": ""}, headers=HTMX).content.decode()
        assert "When exactly" in back

    def test_rows_that_would_be_rejected_are_told_before(self, manager: Client) -> None:
        content = csv_bytes(
            PLAIN_HEADER, [("1", "a", "2025-04-13", "10.50"), ("2", "b", "2025-04-13", "ten")]
        )
        answer = manager.get(page("import_page", uploaded(manager, content).id)).content.decode()
        assert "1 row would be rejected." in answer
        assert "“ten” isn’t a number" in answer or "“ten” isn&#x27;t a number" in answer

    def test_order_without_a_total_is_told_before(self, manager: Client) -> None:
        content = csv_bytes(
            PLAIN_HEADER,
            [("1", "a", "2025-04-13", "0"), ("2", "b", "2025-04-13", ""), ("3", "c", "2025-04-13", " ")],
        )
        answer = manager.get(page("import_page", uploaded(manager, content).id))
        preview = answer.context["preview"]
        assert (preview.orders, preview.rejected) == (1, 2)
        assert "The cell is blank; write the number, even if it is 0" in answer.content.decode()
        assert [(reason.rows, reason.first_row) for reason in preview.reasons] == [(2, "3")]

    def test_large_file_is_estimated_from_its_first_rows_and_says_so(
        self, manager: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(previewing, "SAMPLE_ROWS", 10)
        rows = [(str(number), f"c{number % 4}", "2025-04-13", "1") for number in range(100)]
        answer = manager.get(page("import_page", uploaded(manager, csv_bytes(PLAIN_HEADER, rows)).id))
        preview = answer.context["preview"]
        assert (preview.rows, preview.orders, preview.customers) == (100, 90, 4)
        assert "Orders, about" in answer.content.decode()
        assert "Customers, at least" in answer.content.decode()

    def test_reading_takes_a_fixed_number_of_queries(
        self, manager: Client, django_assert_num_queries: Any
    ) -> None:
        rows = [(str(number), f"c{number}", "2025-04-13", "1") for number in range(300)]
        for content in (PLAIN, csv_bytes(PLAIN_HEADER, rows)):
            import_ = uploaded(manager, content)
            with django_assert_num_queries(7):
                manager.get(page("import_page", import_.id))

    def test_orders_that_are_here_already_are_counted(self, manager: Client) -> None:
        imported(manager, PLAIN)
        answer = manager.get(page("import_page", uploaded(manager, PLAIN).id)).content.decode()
        assert "2 of the orders are here already, 2 exactly as the file has them." in answer


class TestImporting:
    def test_import_brings_the_orders_in(self, manager: Client, store: Store) -> None:
        import_ = imported(manager, PLAIN)
        assert (import_.state, import_.created) == (Import.State.DONE, 2)
        assert list(
            Order.objects.filter(store=store).order_by("placed_at").values_list("total", flat=True)
        ) == [1050, 700]
        answer = manager.get(page("import_page", import_.id)).content.decode()
        assert "2 orders created, 0 updated, 0 as they were, no row rejected." in answer

    def test_import_is_read_as_it_was_chosen_and_remembered_for_the_next(
        self, manager: Client, store: Store
    ) -> None:
        import_ = uploaded(manager, UNKNOWN)
        manager.post(page("import_start", import_.id), TABLE_ANSWERS)
        import_.refresh_from_db()
        assert import_.job is not None
        running.run(import_.job.id)
        assert Customer.objects.filter(store=store, external_id="ann").exists()
        assert SavedMapping.objects.filter(store=store).count() == 1
        again = manager.get(page("import_page", uploaded(manager, UNKNOWN).id)).content.decode()
        assert '<option value="placed_at" selected>' in again

    def test_starting_twice_asks_for_one_import(self, manager: Client) -> None:
        import_ = uploaded(manager, PLAIN)
        for _time in range(2):
            assert manager.post(page("import_start", import_.id)).status_code == 302
        assert Job.objects.filter(kind="orders.import").count() == 1

    def test_progress_asks_again_while_under_way_and_loads_the_page_when_over(self, manager: Client) -> None:
        import_ = uploaded(manager, PLAIN)
        manager.post(page("import_start", import_.id))
        url = page("import_progress", import_.id) + "?watched=import"
        part = manager.get(url, headers=HTMX).content.decode()
        assert "every 1s" in part
        assert "You can leave this page" in part
        import_.refresh_from_db()
        assert import_.job is not None
        running.run(import_.job.id)
        assert manager.get(url, headers=HTMX).headers["HX-Refresh"] == "true"

    def test_summary_waits_for_the_refresh_and_then_leads_to_the_segments(self, manager: Client) -> None:
        import_ = imported(manager, PLAIN)
        refresh = Job.objects.get(kind="segments.refresh")
        assert (
            "Sorting customers into segments" in manager.get(page("import_page", import_.id)).content.decode()
        )
        running.run(refresh.id)
        answer = manager.get(page("import_page", import_.id)).content.decode()
        assert "The segments are up to date." in answer
        assert "every 1s" not in answer

    def test_failed_refresh_is_told_beside_the_summary(self, manager: Client) -> None:
        import_ = imported(manager, PLAIN)
        Job.objects.filter(kind="segments.refresh").update(
            state=Job.State.FAILED, error="The disk is full.", finished_at=now()
        )
        answer = manager.get(page("import_page", import_.id)).content.decode()
        assert "the segments are not up to date" in answer
        assert "The disk is full." in answer

    def test_rejected_rows_are_grouped_by_reason_and_can_be_downloaded(self, manager: Client) -> None:
        rows = [
            ("1", "a", "2025-04-13", "10"),
            ("2", "b", "2025-04-13", "ten"),
            ("3", "c", "2025-04-13", "four"),
            ("4", "d", "soon", "1"),
        ]
        import_ = imported(manager, csv_bytes(PLAIN_HEADER, rows), "april.csv")
        answer = manager.get(page("import_page", import_.id))
        found = answer.context["rejected"].reasons
        assert [(reason.rows, reason.first_row) for reason in found] == [(2, "3"), (1, "5")]
        assert "“ten” isn't a number" in found[0].text
        file = manager.get(page("import_rejected", import_.id))
        assert 'filename="april rejected rows.csv"' in file.headers["Content-Disposition"]
        assert b"".join(file.streaming_content).decode("utf-8-sig").splitlines()[1].startswith("3,")

    def test_a_file_of_which_every_row_is_rejected_is_said_to_be_so_and_not_remembered(
        self, manager: Client, store: Store
    ) -> None:
        import_ = uploaded(manager, UNKNOWN)
        manager.post(
            page("import_start", import_.id), TABLE_ANSWERS | {"field-1": "placed_at", "field-2": ""}
        )
        import_.refresh_from_db()
        assert import_.job is not None
        running.run(import_.job.id)
        answer = manager.get(page("import_page", import_.id)).content.decode()
        assert "Nothing could be read: every row was rejected." in answer
        assert not SavedMapping.objects.exists()

    def test_nothing_rejected_has_no_file(self, manager: Client) -> None:
        assert manager.get(page("import_rejected", imported(manager, PLAIN).id)).status_code == 404


class TestAfterwards:
    def failed(self, store: Store, **fields: Any) -> Import:
        made = Import(
            store=store,
            filename="orders.csv",
            size=1,
            state=Import.State.FAILED,
            error="Line 7 can't be read.",
            **fields,
        )
        made.file.save("kept", ContentFile(PLAIN), save=False)
        made.save()
        return made

    def test_failed_import_says_why_and_can_be_read_again(self, manager: Client, store: Store) -> None:
        import_ = self.failed(store)
        answer = manager.get(page("import_page", import_.id)).content.decode()
        assert "Line 7 can&#x27;t be read." in answer
        assert "Nothing was written." in answer
        manager.post(page("import_again", import_.id))
        import_.refresh_from_db()
        assert (import_.state, import_.error) == (Import.State.UPLOADED, "")
        assert "What it becomes" in manager.get(page("import_page", import_.id)).content.decode()

    @pytest.mark.parametrize(
        ("state", "error", "sentence"),
        [
            (Job.State.FAILED, "It took too long.", "It took too long."),
            (Job.State.CANCELLED, "", "It was stopped."),
        ],
    )
    def test_import_whose_job_ended_badly_says_so(
        self, manager: Client, state: Job.State, error: str, sentence: str
    ) -> None:
        import_ = uploaded(manager, PLAIN)
        manager.post(page("import_start", import_.id))
        Job.objects.update(state=state, error=error, finished_at=now())
        assert sentence in manager.get(page("import_page", import_.id)).content.decode()

    def test_waiting_import_can_be_stopped(self, manager: Client) -> None:
        import_ = uploaded(manager, PLAIN)
        manager.post(page("import_start", import_.id))
        manager.post(page("import_stop", import_.id))
        assert Job.objects.get().state == Job.State.CANCELLED

    def test_removing_a_file_that_was_never_imported_leaves_nothing(
        self, manager: Client, django_capture_on_commit_callbacks: Any
    ) -> None:
        before = kept_files()
        import_ = uploaded(manager, PLAIN)
        with django_capture_on_commit_callbacks(execute=True):
            manager.post(page("import_remove", import_.id))
        assert not Import.objects.exists()
        assert kept_files() == before

    def test_removing_an_imported_file_leaves_its_orders_and_its_record(
        self, manager: Client, store: Store, django_capture_on_commit_callbacks: Any
    ) -> None:
        import_ = imported(manager, PLAIN)
        path = Path(import_.file.path)
        with django_capture_on_commit_callbacks(execute=True):
            manager.post(page("import_remove", import_.id))
        assert not path.exists()
        assert Order.objects.filter(store=store).count() == 2
        answer = manager.get(page("import_page", import_.id))
        assert answer.status_code == 200
        assert "Read the file again" not in answer.content.decode()

    def test_running_import_is_neither_removed_nor_read_again(self, manager: Client) -> None:
        import_ = uploaded(manager, PLAIN)
        manager.post(page("import_start", import_.id))
        for verb in ("import_remove", "import_again"):
            manager.post(page(verb, import_.id))
        import_.refresh_from_db()
        assert import_.state == Import.State.QUEUED
        assert import_.file

    def test_import_of_the_command_line_has_its_page(self, manager: Client, store: Store) -> None:
        import_ = Import.objects.create(
            store=store, filename="x.csv", size=1, state=Import.State.RUNNING, rows=7
        )
        answer = manager.get(page("import_page", import_.id)).content.decode()
        assert "Importing from the command line" in answer


GETS = ("import_page", "import_progress", "import_rejected")
POSTS = ("import_page", "import_start", "import_stop", "import_again", "import_remove")


class TestGate:
    @pytest.mark.parametrize(("method", "name"), [("get", n) for n in GETS] + [("post", n) for n in POSTS])
    def test_import_of_another_store_is_not_there(self, manager: Client, method: str, name: str) -> None:
        other = Import.objects.create(store=make_store("elsewhere"), filename="x.csv", size=1)
        assert getattr(manager, method)(page(name, other.id)).status_code == 404
        assert Import.objects.filter(id=other.id, state=Import.State.UPLOADED).exists()

    def test_support_may_not_import(self, store: Store, client: Client) -> None:
        client.force_login(make_user(store=store, role=Role.SUPPORT))
        assert client.get(page("import_list")).status_code == 403
        assert upload(client, PLAIN).status_code == 403
