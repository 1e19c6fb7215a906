"""The words for statuses that an import didn't know, as the command line tells of them."""

from __future__ import annotations

import json
import tomllib
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Store
from orders.models import Order
from orders.status_words import MOST_WORDS, rejected_words, words_told
from tests.factories.accounts import make_store

HEADER = "order_id,customer_id,placed_at,total,status\n"


@pytest.fixture
def store(db: None) -> Store:
    return make_store("tea")


def imported(store: Store, path: Path, *arguments: str) -> list[str]:
    """What the command prints."""
    out = StringIO()
    call_command("import_orders", store.slug, str(path), *arguments, stdout=out)
    return out.getvalue().splitlines()


def orders_file(folder: Path, *statuses: str) -> Path:
    path = folder / "orders.csv"
    rows = (f"{number},ana,2026-01-02,9.99,{status}\n" for number, status in enumerate(statuses))
    path.write_text(HEADER + "".join(rows))
    return path


def snippet(told: list[str]) -> str:
    """The mapping file that the command prints."""
    return "\n".join(told[told.index("[statuses]") :])


def test_command_tells_each_unknown_word_with_its_orders(store: Store, tmp_path: Path) -> None:
    path = orders_file(tmp_path, "paid", "Bezahlt", "storniert", "bezahlt ")
    told = imported(store, path)
    at = told.index("Not known as a status of an order: 2 words.")
    assert told[at + 1 : at + 3] == ["  “bezahlt”: 2 orders rejected", "  “storniert”: 1 order rejected"]


def test_the_mapping_file_that_the_command_prints_answers_it(store: Store, tmp_path: Path) -> None:
    path, mapping = orders_file(tmp_path, "paid", "-", 'a ""b""', "storniert"), tmp_path / "answers.toml"
    path.write_text(path.read_text().replace('a ""b""', '"a ""b"""'))
    mapping.write_text(snippet(imported(store, path)).replace("…", "cancelled"))
    told = imported(store, path, "--mapping", str(mapping))
    assert not any("Not known" in line for line in told)
    assert list(Order.objects.order_by("external_id").values_list("external_id", "status")) == [
        ("0", "paid"),
        ("1", "cancelled"),
        ("2", "cancelled"),
        ("3", "cancelled"),
    ]


def test_words_answered_before_stand_in_the_mapping_file_with_the_new_one(
    store: Store, tmp_path: Path
) -> None:
    path, mapping = orders_file(tmp_path, "bezahlt", "storniert"), tmp_path / "answers.toml"
    mapping.write_text('[statuses]\nbezahlt = "paid"\n')
    answer = tomllib.loads(snippet(imported(store, path, "--mapping", str(mapping))))
    assert answer == {"statuses": {"bezahlt": "paid", "storniert": "…"}}


def test_the_mapping_file_as_it_was_printed_asks_for_a_meaning(store: Store, tmp_path: Path) -> None:
    path, mapping = orders_file(tmp_path, "storniert"), tmp_path / "answers.toml"
    mapping.write_text(snippet(imported(store, path)))
    with pytest.raises(CommandError, match=r"statuses\.storniert must be one of"):
        imported(store, path, "--mapping", str(mapping))


def test_json_has_the_words_too_and_stays_one_object(store: Store, tmp_path: Path) -> None:
    printed = imported(store, orders_file(tmp_path, "bezahlt", "paid"), "--json")
    told = json.loads(printed[-1])
    assert len(printed) == 1
    assert told["unknown_statuses"] == {"bezahlt": 1}
    assert (told["created"], told["rejected"]) == (1, 1)


def test_command_says_nothing_of_statuses_where_all_are_known(store: Store, tmp_path: Path) -> None:
    path = orders_file(tmp_path, "paid", "pending")
    path.write_text(path.read_text() + "9,ana,2026-01-02,much,paid\n")
    told = imported(store, path)
    assert "1 of 3 rows rejected" in told[0]
    assert not any("status" in line for line in told)


def test_an_order_of_many_rows_counts_once(store: Store, tmp_path: Path) -> None:
    path, mapping = tmp_path / "lines.csv", tmp_path / "lines.toml"
    path.write_text("Order,Day,Amount,State\n1,2026-01-02,2,weg\n1,2026-01-02,3,weg\n2,2026-01-02,4,weg\n")
    columns = 'order_id = "Order"\nplaced_at = "Day"\nline_total = "Amount"\nstatus = "State"\n'
    mapping.write_text(f'grain = "line"\n[columns]\n{columns}')
    assert "  “weg”: 2 orders rejected" in imported(store, path, "--mapping", str(mapping))


def test_other_reasons_name_no_word() -> None:
    assert (
        rejected_words(["“many” isn't a number", "Row 2 of the same order was rejected: “x” isn't a status"])
        == {}
    )


def test_a_column_of_remarks_is_doubted_and_not_asked_word_by_word() -> None:
    told = list(words_told({f"remark {number}": 1 for number in range(MOST_WORDS + 3)}, {}))
    assert "  and 3 more" in told
    assert "Is it the column of the status?" in told[-1]
    assert "[statuses]" not in told
