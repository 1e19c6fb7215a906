"""The command reproduces what was published of CDNOW, and says why where there is nothing to fit."""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts.models import Store
from segments.models import CustomerValue, ValueFit
from tests.factories.accounts import make_store
from tests.factories.orders import make_customer, make_order
from tests.segments.value.value_shop import cdnow_purchases, record_purchases

pytestmark = pytest.mark.django_db

UNTIL = "1997-09-30"
# Fader & Hardie (2013), note 025: E(M) of the sample's customers 1 to 10.
PUBLISHED_SPEND = [24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17]


@pytest.fixture
def cdnow(shared_data: Path) -> Store:
    store = make_store("cdnow", currency="USD", timezone="America/New_York")
    record_purchases(store, cdnow_purchases(shared_data))
    return store


@pytest.fixture
def imported_cdnow(shared_data: Path, tmp_path: Path) -> Store:
    """The sample as a shop would bring it: a file of orders, imported."""
    store, path = make_store("cdnow", currency="USD", timezone="America/New_York"), tmp_path / "orders.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["order_id", "customer_id", "placed_at", "total"])
        for place, (name, day, amount) in enumerate(cdnow_purchases(shared_data), 1):
            writer.writerow([place, name, day.isoformat(), f"{amount / 100:.2f}"])
    call_command("import_orders", "cdnow", str(path), stdout=StringIO())
    return store


def run(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("fit_clv", *arguments, stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue().splitlines()[-1])
    return found


def written(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_cdnow_imported_gives_every_published_figure(imported_cdnow: Store, tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    found = run(
        "cdnow", "--until", UNTIL, "--unit", "week", "--json", "--customers", str(path), "--horizon", "39"
    )
    orders, spend = found["bg_nbd"], found["gamma_gamma"]
    assert (found["customers"], found["repeat_buyers"]) == (2357, 946)
    # Fader, Hardie & Lee (2005), Marketing Science 24(2)
    assert f"{orders['r']:.3f}" == "0.243"
    assert f"{orders['alpha']:.3f}" == "4.414"
    assert f"{orders['a']:.3f}" == "0.793"
    assert f"{orders['b']:.3f}" == "2.426"
    assert f"{orders['log_likelihood']:.1f}" == "-9582.4"
    # Fader & Hardie (2013), note 025
    assert f"{spend['p']:.2f}" == "6.25"
    assert f"{spend['q']:.2f}" == "3.74"
    assert f"{spend['v']:.2f}" == "15.44"
    assert f"{spend['log_likelihood']:.2f}" == "-4055.92"
    rows = {int(row["external_id"]): row for row in written(path)}
    first_ten = [
        float(rows[place]["expected_value"]) / float(rows[place]["expected_orders"]) for place in range(1, 11)
    ]
    assert [f"{spend:.2f}" for spend in first_ten] == [f"{spend:.2f}" for spend in PUBLISHED_SPEND]
    # Hardie's spreadsheet: customer 1 in the next 39 weeks
    assert f"{float(rows[1]['expected_orders']):.3f}" == "1.226"


def test_cdnow_s_histories_are_those_of_the_reference(
    cdnow: Store, shared_data: Path, tmp_path: Path
) -> None:
    path = tmp_path / "customers.csv"
    run("cdnow", "--until", UNTIL, "--unit", "week", "--json", "--customers", str(path))
    rows = {int(row["external_id"]): row for row in written(path)}
    reference = written(shared_data / "cdnow" / "cbs_39wk_reference.csv")
    assert len(rows) == len(reference) == 2357
    for expected in reference:
        row = rows[int(expected["id"])]
        assert int(row["x"]) == int(expected["x"])
        assert [float(row[name]) for name in ("t_x", "T", "m_x")] == pytest.approx(
            [float(expected[name]) for name in ("tx", "T", "m")]
        )


def test_days_and_weeks_tell_the_same_story(cdnow: Store, tmp_path: Path) -> None:
    days, weeks = tmp_path / "days.csv", tmp_path / "weeks.csv"
    by_day = run("cdnow", "--until", UNTIL, "--json", "--customers", str(days), "--horizon", "273")
    by_week = run(
        "cdnow", "--until", UNTIL, "--unit", "week", "--json", "--customers", str(weeks), "--horizon", "39"
    )
    assert by_day["bg_nbd"]["alpha"] == pytest.approx(7 * by_week["bg_nbd"]["alpha"], rel=1e-4)
    assert by_day["bg_nbd"]["a"] == pytest.approx(by_week["bg_nbd"]["a"], rel=1e-4)
    for one, other in zip(written(days)[:50], written(weeks)[:50], strict=True):
        assert float(one["expected_value"]) == pytest.approx(float(other["expected_value"]), rel=1e-4)


def test_one_time_buyers_have_no_p_alive_and_the_others_one_below_1(cdnow: Store, tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    run("cdnow", "--until", UNTIL, "--json", "--customers", str(path))
    rows = written(path)
    assert {row["p_alive"] for row in rows if row["x"] == "0"} == {""}
    assert all(0 < float(row["p_alive"]) < 1 for row in rows if row["x"] != "0")


def test_nothing_is_kept(cdnow: Store) -> None:
    run("cdnow", "--until", UNTIL, "--json")
    assert not ValueFit.objects.exists()
    assert not CustomerValue.objects.exists()


def test_too_small_a_store_is_told_why_and_gets_histories_without_figures(tmp_path: Path) -> None:
    store = make_store("tea-shop")
    customer = make_customer(store, "=ada")
    make_order(customer, "2025-03-01T12:00", 500)
    make_order(customer, "2025-03-11T12:00", 900)
    path, out = tmp_path / "customers.csv", StringIO()
    with pytest.raises(CommandError, match="There is 1 customer; it takes at least 200"):
        call_command(
            "fit_clv", "tea-shop", "--until", "2025-03-31", "--json", "--customers", str(path), stdout=out
        )
    assert "at least 200" in json.loads(out.getvalue())["bg_nbd"]["problem"]
    assert path.read_text().splitlines()[1:] == ["'=ada,1,10.0,30.0,9.0,,,"]


def test_a_horizon_that_is_none_is_refused(cdnow: Store) -> None:
    with pytest.raises(CommandError, match="no number of units"):
        run("cdnow", "--until", UNTIL, "--json", "--horizon", "-1")


def test_a_file_that_cannot_be_written_is_named(cdnow: Store, tmp_path: Path) -> None:
    path = tmp_path / "missing" / "customers.csv"
    with pytest.raises(CommandError, match="could not be written"):
        run("cdnow", "--until", UNTIL, "--json", "--customers", str(path))
