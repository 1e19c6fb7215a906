"""The commands as a person or a script uses them."""

import csv
import json
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils.timezone import now

from accounts.models import Store
from jobs.models import Job
from jobs.progress import Progress
from lib.periods import local_today
from segments.models import CustomerStats, Refresh, SchemeVersion
from segments.schemes.versions import current_scheme
from segments.scoring import rescore_customers
from segments.tasks import fit_customer_value, grade_segments, make_retention_tables
from tests.factories.accounts import make_store
from tests.factories.orders import make_customer, make_order
from tests.factories.segments import make_buyers

pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    return make_store("tea-shop")


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def exported(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_unknown_store_is_told_which_there_are(store: Store) -> None:
    with pytest.raises(CommandError, match=r"no store “coffee”\. Stores here: tea-shop"):
        run("refresh_store", "coffee")


class TestSetScheme:
    def test_puts_a_preset_in_force(self, store: Store) -> None:
        assert "Thirds, version 1" in run("set_scheme", "tea-shop", "--preset", "thirds")
        assert current_scheme(store).preset == "thirds"

    def test_fixes_cut_points_from_a_file_with_money_in_major_units(
        self, store: Store, tmp_path: Path
    ) -> None:
        file = tmp_path / "cuts.toml"
        file.write_text("recency = [30, 60, 90, 180]\nmonetary = [10, 49.90, 100, 1000.5]\n")
        run("set_scheme", "tea-shop", "--preset", "classic", "--thresholds", str(file))
        assert current_scheme(store).thresholds == {
            "recency": [30, 60, 90, 180],
            "monetary": [1000, 4990, 10000, 100050],
        }

    def test_reads_tables_with_one_list_as_well(self, store: Store, tmp_path: Path) -> None:
        file = tmp_path / "cuts.toml"
        file.write_text("[recency]\ncuts = [30, 90]\n[frequency]\ncut_points = [2, 5]\n")
        run("set_scheme", "tea-shop", "--preset", "thirds", "--thresholds", str(file))
        assert current_scheme(store).thresholds == {"recency": [30, 90], "frequency": [2, 5]}

    def test_cut_point_between_two_values_begins_at_the_next_one(self, store: Store, tmp_path: Path) -> None:
        file = tmp_path / "cuts.toml"
        file.write_text(
            "recency = [30.0, 60.5, 90, 1e2]\nfrequency = [1.5, 2.5, 4.001, 10]\n"
            "monetary = [-0.005, 10.001, 16.639999999999998, 20.005]\n"
        )
        run("set_scheme", "tea-shop", "--preset", "classic", "--thresholds", str(file))
        assert current_scheme(store).thresholds == {
            "recency": [30, 61, 90, 100],
            "frequency": [2, 3, 5, 10],
            "monetary": [0, 1001, 1664, 2001],
        }

    def test_limits_the_window(self, store: Store) -> None:
        run("set_scheme", "tea-shop", "--preset", "classic", "--window-months", "12")
        assert current_scheme(store).window_months == 12

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("recency = [30", "is not a TOML file"),
            ("recency = 30", "should be a list of cut points"),
            ("recency = [true, 2, 3, 4]", "“True” is not a number"),
            ("monetary = ['much', 2, 3, 4]", "“much” is not a number"),
            ("monetary = [inf, 2, 3, 4]", "“Infinity” is not a number"),
            ("frequency = [1.2, 1.5, 3, 4]", "must rise"),
            ("recency = [30, 60]", "needs 4 cut points"),
            ("recency = [10, 20, 30, 40000]", "recency are too large"),
            ("frequency = [2, 3, 4, 99999999999]", "frequency are too large"),
            ("monetary = [1, 2, 3, 1e30]", "too large"),
            ("monetary = [-1e400, 2, 3, 4]", "too large"),
            ("turnover = [1, 2, 3, 4]", "“turnover” cannot have cut points"),
        ],
    )
    def test_file_that_makes_no_sense_is_refused(
        self, store: Store, tmp_path: Path, text: str, sentence: str
    ) -> None:
        file = tmp_path / "cuts.toml"
        file.write_text(text)
        with pytest.raises(CommandError, match=sentence):
            run("set_scheme", "tea-shop", "--preset", "classic", "--thresholds", str(file))
        assert not SchemeVersion.objects.exists()

    @pytest.mark.parametrize(("months", "sentence"), [("0", "at least one"), ("99999", "240 months at most")])
    def test_window_that_makes_no_sense_is_refused(self, store: Store, months: str, sentence: str) -> None:
        with pytest.raises(CommandError, match=sentence):
            run("set_scheme", "tea-shop", "--preset", "classic", "--window-months", months)
        assert not SchemeVersion.objects.exists()

    def test_missing_file_is_refused(self, store: Store, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match=r"none.toml could not be read"):
            run("set_scheme", "tea-shop", "--preset", "classic", "--thresholds", str(tmp_path / "none.toml"))


class TestRefreshStore:
    def test_prints_one_json_object(self, store: Store) -> None:
        make_buyers(store, [5, 4, 3, 2, 1], last_on=date(2025, 6, 30))
        result = json.loads(run("refresh_store", "tea-shop", "--as-of", "2025-06-30", "--json"))
        assert list(result) == ["as_of", "customers", "segments", "moved", "cut_points", "seconds"]
        assert (result["as_of"], result["customers"], result["moved"]) == ("2025-06-30", 5, 5)
        assert result["segments"]["Champions"] == 1
        assert result["segments"]["Hibernating"] == 2
        assert sum(result["segments"].values()) == 5
        assert result["cut_points"] == {
            "recency": [1, 2, 3, 4],
            "frequency": [2, 3, 4, 5],
            "monetary": [10.01, 20.01, 30.01, 40.01],
        }
        assert result["seconds"] > 0

    def test_prints_the_same_for_people(self, store: Store) -> None:
        make_buyers(store, [1])
        lines = run("refresh_store", "tea-shop", "--as-of", "2025-06-30").splitlines()
        assert lines[:3] == ["as_of       2025-06-30", "customers   1", "segments"]
        assert "  Hibernating          1" in lines

    def test_a_day_still_to_come_is_refused(self, store: Store) -> None:
        today = local_today(store.timezone)
        with pytest.raises(CommandError, match="is still to come"):
            run("refresh_store", "tea-shop", "--as-of", str(today + timedelta(days=2)))
        assert not Refresh.objects.exists()
        assert run("refresh_store", "tea-shop", "--as-of", str(today))

    def test_asks_for_every_other_figure_as_of_the_same_day(self, store: Store) -> None:
        make_order(make_customer(store), "2025-06-01T10:00")
        for day in ("2025-06-30", "2025-06-20"):
            run("refresh_store", "tea-shop", "--as-of", day)
            jobs = {job.kind: job for job in Job.objects.filter(store=store, finished_at=None)}
            assert set(jobs) >= {"segments.value", "segments.retention", "segments.grading"}
            for kind, work in (("value", fit_customer_value), ("retention", make_retention_tables)):
                assert work(jobs[f"segments.{kind}"], Progress())["as_of"] == day
            grade_segments(jobs["segments.grading"], Progress())
            Job.objects.update(state="succeeded", finished_at=now())
            run("refresh_store", "tea-shop", "--as-of", day)
            assert not Job.objects.filter(store=store, finished_at=None).exists()

    def test_rebuilds_when_told_to(self, store: Store) -> None:
        make_buyers(store, [1])
        run("refresh_store", "tea-shop", "--as-of", "2025-06-30")
        run("refresh_store", "tea-shop", "--as-of", "2025-06-30", "--rebuild")
        assert [refresh.rebuilt for refresh in Refresh.objects.order_by("pk")] == [True, True]
        run("refresh_store", "tea-shop", "--as-of", "2025-06-30")
        assert not Refresh.objects.latest("pk").rebuilt


@pytest.mark.parametrize(
    ("day", "sentence"),
    [("tomorrow", "“tomorrow” is no day"), ("2025-02-30", "is no day"), ("9999-12-31", "is too far away")],
)
@pytest.mark.parametrize("command", ["refresh_store --as-of", "fit_clv --until"])
def test_day_that_is_none_is_refused(store: Store, command: str, day: str, sentence: str) -> None:
    name, option = command.split()
    with pytest.raises(CommandError, match=sentence):
        run(name, "tea-shop", f"{option}={day}")


class TestExportCustomers:
    def test_writes_every_customer_of_the_store(self, store: Store, tmp_path: Path) -> None:
        ann = make_customer(store, "ann")
        make_order(ann, "2025-01-05T10:00", total=1999)
        make_order(ann, "2025-06-20T10:00", total=1)
        make_customer(store, external_id=None, email="guest@example.com")
        make_order(make_customer(make_store(), "stranger"), "2025-01-05T10:00")
        run("refresh_store", "tea-shop", "--as-of", "2025-06-30")
        output = tmp_path / "out.csv"
        assert "2 customers" in run("export_customers", "tea-shop", "--output", str(output))
        assert output.read_text().splitlines() == [
            "external_id,email,first_order_on,last_order_on,recency_days,frequency,monetary,r,f,m,segment",
            "ann,ann@example.com,2025-01-05,2025-06-20,10,2,20.00,1,1,1,Hibernating",
            ",guest@example.com,,,,0,0.00,,,,",
        ]
        assert list(tmp_path.iterdir()) == [output]

    def test_money_has_the_currency_s_decimals(self, tmp_path: Path) -> None:
        yen = make_store("yen-shop", currency="JPY")
        make_order(make_customer(yen), "2025-01-05T10:00", total=1999)
        run("refresh_store", "yen-shop", "--as-of", "2025-06-30")
        run("export_customers", "yen-shop", "--output", str(tmp_path / "out.csv"))
        assert exported(tmp_path / "out.csv")[0]["monetary"] == "1999"

    def test_formulas_are_neutralised(self, store: Store, tmp_path: Path) -> None:
        make_customer(store, "bad", external_id="=1+1", email="@sum(a1)")
        run("refresh_store", "tea-shop")
        run("export_customers", "tea-shop", "--output", str(tmp_path / "out.csv"))
        (row,) = exported(tmp_path / "out.csv")
        assert (row["external_id"], row["email"]) == ("'=1+1", "'@sum(a1)")

    def test_order_since_the_refresh_is_no_days_ago(
        self, store: Store, tmp_path: Path, time_machine: object
    ) -> None:
        time_machine.move_to("2025-07-02T11:00:00+00:00", tick=False)  # type: ignore[attr-defined]
        ids = make_buyers(store, [1, 2])
        run("refresh_store", "tea-shop", "--as-of", "2025-06-30")
        make_order(CustomerStats.objects.get(customer_id=ids[0]).customer, "2025-07-02T10:00")
        rescore_customers(store=store, customer_ids=ids[:1])
        run("export_customers", "tea-shop", "--output", str(tmp_path / "out.csv"))
        assert exported(tmp_path / "out.csv")[0]["recency_days"] == "0"

    def test_store_that_was_never_refreshed_gives_the_header_alone(
        self, store: Store, tmp_path: Path
    ) -> None:
        make_customer(store)
        run("export_customers", "tea-shop", "--output", str(tmp_path / "out.csv"))
        assert exported(tmp_path / "out.csv") == []

    @pytest.mark.parametrize("place", [".", "{folder}"])
    def test_folder_is_no_file_to_write(self, store: Store, tmp_path: Path, place: str) -> None:
        with pytest.raises(CommandError, match="could not be written: Is a directory"):
            run("export_customers", "tea-shop", "--output", place.format(folder=tmp_path))
        assert not list(tmp_path.iterdir())

    def test_folder_that_isn_t_there_is_told(self, store: Store, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="could not be written"):
            run("export_customers", "tea-shop", "--output", str(tmp_path / "none" / "out.csv"))
