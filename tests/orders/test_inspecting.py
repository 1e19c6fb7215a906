from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from accounts.models import Store
from orders.inspecting import Inspection, inspect
from orders.mapping import MappingError, mapping_from, mapping_from_file
from tests.factories.accounts import make_store
from tests.factories.imports import import_text

pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    return make_store()


def inspected(store: Store, folder: Path, text: str, **mapping: Any) -> Inspection:
    path = folder / "orders.csv"
    path.write_text(text, encoding="utf-8")
    return inspect(path, path.name, store, mapping or None)


def mapped(found: Inspection) -> dict[str, Any]:
    columns: dict[str, Any] = found.mapping["columns"]
    return columns


PLAIN = "order_id,customer_id,placed_at,total,email\n"


def test_plain_file_is_recognised_without_a_mapping(store: Store, tmp_path: Path) -> None:
    found = inspected(store, tmp_path, PLAIN + "1,ana,2026-01-01,9.99,ana@example.com\n")
    assert found.is_ready
    assert found.is_recognised
    assert (found.format, found.rows, found.separator, found.encoding) == ("plain", 1, ",", "UTF-8")
    assert found.preview == (("1", "ana", "2026-01-01", "9.99", "ana@example.com"),)


def test_row_of_the_column_names_is_told(store: Store, tmp_path: Path) -> None:
    row = "1,ana,2026-01-01,9.99,ana@example.com\n"
    assert inspected(store, tmp_path, PLAIN + row).header_row == 1
    found = inspected(store, tmp_path, "Orders of January\n\n" + PLAIN + row)
    assert (found.format, found.header_row, found.rows, len(found.preview)) == ("plain", 3, 1, 1)


def test_unknown_table_gets_a_proposal(store: Store, tmp_path: Path) -> None:
    text = "Order No;Kunde-ID;E-Mail;Order Date;Grand Total;Remark\n17;4;ana@example.com;2026-01-01;12,50;x\n"
    found = inspected(store, tmp_path, text.replace("Kunde-ID", "Customer ID"))
    assert found.is_ready
    assert not found.is_recognised
    assert mapped(found) == {
        "order_id": "Order No",
        "customer_id": "Customer ID",
        "email": "E-Mail",
        "placed_at": "Order Date",
        "total": "Grand Total",
    }
    assert found.mapping["decimal_mark"] == ","
    proposals = {proposal.field: proposal for proposal in found.proposals}
    assert proposals["order_id"].confidence > 0.9
    assert proposals["carrier"].column == ""


def test_rows_with_one_id_are_lines_of_an_order(store: Store, tmp_path: Path) -> None:
    text = "Invoice,Date,SKU,Qty,Price,Amount\n1,2026-01-01,A,2,5.50,11.00\n1,2026-01-01,B,1,3.00,3.00\n"
    found = inspected(store, tmp_path, text)
    assert found.mapping["grain"] == "line"
    assert mapped(found)["line_total"] == "Amount"


def test_column_whose_cells_do_not_fit_its_name_is_not_proposed(store: Store, tmp_path: Path) -> None:
    text = "order_id,date,total,email\n1,2026-01-01,9.99,yes\n2,2026-01-02,9.99,no\n"
    assert "email" not in mapped(inspected(store, tmp_path, text))


def test_what_cannot_be_proposed_is_asked(store: Store, tmp_path: Path) -> None:
    found = inspected(store, tmp_path, "ref,when,worth\nA,2026-01-01,9.99\nB,2026-01-02,1.00\n")
    assert not found.is_ready
    assert [question.key for question in found.questions] == [
        "columns.order_id",
        "columns.placed_at",
        "columns.total",
    ]
    assert found.questions[0].choices == (("ref", "ref"), ("when", "when"), ("worth", "worth"))
    assert "order_id" in found.questions[0].for_command_line()


def test_answers_complete_the_mapping(store: Store, tmp_path: Path) -> None:
    text = "ref,when,worth\nA,2026-01-01,9.99\nB,2026-01-02,1.00\n"
    columns = {"order_id": "ref", "placed_at": "when", "total": "worth"}
    found = inspected(store, tmp_path, text, columns=columns)
    assert found.is_ready
    assert found.mapping["columns"] == columns


@pytest.mark.parametrize(
    ("dates", "order"),
    [
        (["03/04/2025", "13/04/2025"], "dmy"),
        (["03/04/2025", "04/13/2025"], "mdy"),
        (["2025-04-03", "2025-04-13"], None),
    ],
)
def test_date_that_settles_the_order_stands_anywhere(
    store: Store, tmp_path: Path, dates: list[str], order: str | None
) -> None:
    rows = [f"{number},ana,{dates[0]},1.50,\n" for number in range(3_000)]
    rows.append(f"9999,ana,{dates[1]},1.50,\n")
    found = inspected(store, tmp_path, PLAIN + "".join(rows))
    assert found.is_ready
    assert found.mapping.get("date_order") == order


def test_ambiguous_dates_are_asked_not_guessed(store: Store, tmp_path: Path) -> None:
    found = inspected(store, tmp_path, PLAIN + "1,ana,03/04/2025,9.99,\n2,ana,05/06/2025,9.99,\n")
    (question,) = found.questions
    assert question.key == "date_order"
    assert "03/04/2025" in question.text
    assert [value for value, _label in question.choices] == ["dmy", "mdy"]
    assert 'date_order = "dmy"' in question.for_command_line()
    answered = inspected(
        store, tmp_path, PLAIN + "1,ana,03/04/2025,9.99,\n2,ana,05/06/2025,9.99,\n", date_order="mdy"
    )
    assert answered.is_ready
    assert answered.mapping["date_order"] == "mdy"


def test_dates_written_both_ways_are_asked(store: Store, tmp_path: Path) -> None:
    found = inspected(store, tmp_path, PLAIN + "1,ana,13/04/2025,9.99,\n2,ana,04/13/2025,9.99,\n")
    assert [question.key for question in found.questions] == ["date_order"]


def test_ambiguous_numbers_are_asked(store: Store, tmp_path: Path) -> None:
    found = inspected(store, tmp_path, PLAIN + '1,ana,2025-04-03,"1,234",\n2,ana,2025-04-04,"2,500",\n')
    assert [question.key for question in found.questions] == ["decimal_mark"]


def test_mapping_is_remembered_for_the_next_file_with_this_header(store: Store, tmp_path: Path) -> None:
    text = "ref,when,worth\nA,03/04/2025,9.99\n"
    columns = {"order_id": "ref", "placed_at": "when", "total": "worth"}
    import_text(store, tmp_path, text, columns=columns, date_order="dmy", grain="order")
    found = inspected(store, tmp_path, "ref,when,worth\nB,05/06/2025,1.99\n")
    assert found.is_ready
    assert found.mapping["date_order"] == "dmy"
    assert found.mapping["columns"] == columns
    assert not inspected(make_store(), tmp_path, "ref,when,worth\nB,05/06/2025,1.99\n").is_ready


def test_remembered_date_order_gives_way_to_what_the_file_proves(store: Store, tmp_path: Path) -> None:
    import_text(store, tmp_path, PLAIN + "1,ana,03/04/2025,9.99,\n", date_order="dmy")
    found = inspected(store, tmp_path, PLAIN + "1,ana,04/13/2025,9.99,\n")
    assert found.is_ready
    assert found.mapping["date_order"] == "mdy"


def test_problem_is_a_sentence(store: Store, tmp_path: Path) -> None:
    assert inspected(store, tmp_path, "").problem == "The file is empty."
    assert "nobody reads" in inspected(store, tmp_path, PLAIN + "1,a,2026-01-01,1,\n", colums={}).problem


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"grain": "basket"}, "grain"),
        ({"date_order": "ydm"}, "date_order"),
        ({"decimal_mark": ";"}, "decimal_mark"),
        ({"timezone": "Mars/Base"}, "timezone"),
        ({"columns": {"colour": "x"}}, "columns.colour"),
        ({"columns": {"total": 5}}, "columns.total"),
        ({"statuses": {"sent": "gone"}}, "statuses.sent"),
        ({"formats": "x"}, "formats"),
        ({"date_order": 5}, "date_order"),
        ({"columns": "order_id"}, "columns"),
        ({"statuses": ["paid"]}, "statuses"),
        ({"rows_apart": "yes"}, "rows_apart"),
    ],
)
def test_wrong_mapping_names_the_key(values: dict[str, Any], named: str) -> None:
    with pytest.raises(MappingError) as caught:
        mapping_from(values)
    assert named in str(caught.value)


def test_mapping_survives_being_kept_as_json() -> None:
    values = {
        "format": "mapped",
        "grain": "line",
        "columns": {"order_id": ["customer", "date", "#"], "total": "sum"},
        "date_order": "dmy",
        "names": ["customer", "date", "sum"],
        "statuses": {"sent": "paid"},
    }
    assert mapping_from(values).to_dict() == values
    assert mapping_from(values).digest() == mapping_from(mapping_from(values).to_dict()).digest()


def test_mapping_file_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text("grain = ")
    with pytest.raises(MappingError, match="can't be read"):
        mapping_from_file(path)
    with pytest.raises(MappingError, match="no mapping file"):
        mapping_from_file(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("days", "order"),
    [(("2010-12-01 08:26", "2010-12-13 08:26"), ""), (("12/1/2010 8:26", "12/13/2010 8:26"), "mdy")],
)
def test_online_retail_is_read_with_either_way_of_writing_its_days(
    store: Store, tmp_path: Path, days: tuple[str, str], order: str
) -> None:
    path = tmp_path / "retail.csv"
    rows = "".join(f"53636{number},A,Mug,6,{at},2.55,17850,UK\n" for number, at in enumerate(days))
    path.write_text(
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n" + rows
    )
    found = inspect(path, path.name, store)
    assert (found.format, found.is_ready, found.mapping.get("date_order", "")) == (
        "online_retail",
        True,
        order,
    )


def test_amounts_of_three_decimals_are_no_question_in_a_currency_that_has_them(
    db: None, tmp_path: Path
) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(PLAIN + "1,ana,2025-04-03,10.500,\n2,ana,2025-04-04,2.250,\n")
    assert inspect(path, path.name, make_store(slug="kuwait", currency="KWD")).is_ready
    asked = inspect(path, path.name, make_store(slug="london", currency="GBP")).questions
    assert [question.key for question in asked] == ["decimal_mark"]
