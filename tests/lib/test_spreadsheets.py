from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lib.spreadsheets import Cell, CsvFile, XlsxFile, neutral_cell, neutral_text

FORMULAS = ["=1+1", "+44 20", "-5 apples", "@sum(a1)", "\t=1", "\r=1", "\n=1", "-", "+", '=cmd|"/c calc"!A1']


@pytest.mark.parametrize("text", [*FORMULAS, "-5"])
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert neutral_text(text) == "'" + text


@pytest.mark.parametrize("text", ["", "Ann", "a=1", "'=1", "ann@example.com"])
def test_other_text_stays(text: str) -> None:
    assert neutral_text(text) == neutral_cell(text) == text


@pytest.mark.parametrize("text", ["-5", "+447911123456", "-1,204.50"])
def test_cell_that_is_a_number_stays(text: str) -> None:
    assert neutral_cell(text) == text


def csv_rows(*rows: Sequence[Cell], marked: bool = False) -> list[list[str]]:
    file = io.BytesIO()
    with CsvFile(file, ["a"] * len(rows[0]), marked=marked) as table:
        for row in rows:
            table.add(row)
    assert not file.closed
    text = file.getvalue().decode("utf-8-sig" if marked else "utf-8")
    return list(csv.reader(io.StringIO(text, newline="")))[1:]


def test_csv_has_days_in_iso_form_and_plain_numbers() -> None:
    row = ["Zoë, née Ω", 1204, 0.25, Decimal("-7.50"), date(2025, 3, 1), datetime(2025, 3, 1, 9, 5), None]
    assert csv_rows(row) == [["Zoë, née Ω", "1204", "0.25", "-7.50", "2025-03-01", "2025-03-01 09:05", ""]]


def one_line_end(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize("text", FORMULAS)
def test_csv_neutralises_formulas(text: str) -> None:
    assert csv_rows([text]) == [["'" + one_line_end(text)]]


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
@example("a\r=1+1")
@example("\r\r\n=1+1")
def test_no_text_in_a_csv_makes_a_cell_that_a_spreadsheet_would_run(text: str) -> None:
    ((cell, other),) = csv_rows([text, "x"])
    assert other == "x"
    assert not cell.startswith(("=", "@", "\t", "\r", "\n"))
    assert cell in (one_line_end(text), "'" + one_line_end(text))


def test_csv_is_marked_when_asked() -> None:
    for marked in (True, False):
        file = io.BytesIO()
        with CsvFile(file, ["é"], marked=marked):
            pass
        assert file.getvalue().startswith(b"\xef\xbb\xbf") is marked


def workbook(folder: Path, columns: Sequence[str], rows: Sequence[Sequence[Cell]], **options: Any) -> Any:
    file = io.BytesIO()
    with XlsxFile(file, columns, name="People", folder=folder, **options) as table:
        for row in rows:
            table.add(row)
    assert list(folder.iterdir()) == []  # what lay aside is gone
    return openpyxl.load_workbook(io.BytesIO(file.getvalue()))


def test_workbook_has_real_numbers_and_days_under_a_header_that_stays(tmp_path: Path) -> None:
    row = [
        "Zoë",
        1204,
        0.25,
        Decimal("-7.50"),
        date(2025, 3, 1),
        datetime(2025, 3, 1, 9, 5),
        None,
        Decimal(9),
    ]
    sheet = workbook(tmp_path, list("abcdefgh"), [row])["People"]
    assert sheet.freeze_panes == "A2"
    assert [cell.value for cell in sheet[1]] == list("abcdefgh")
    read = [cell.value for cell in sheet[2]]
    assert read == ["Zoë", 1204, 0.25, -7.5, datetime(2025, 3, 1), datetime(2025, 3, 1, 9, 5), None, 9]
    formats = [cell.number_format for cell in sheet[2]]
    assert formats[3:6] == ["#,##0.00", "yyyy-mm-dd", "yyyy-mm-dd hh:mm"]
    assert formats[7] == "#,##0"


@pytest.mark.parametrize("text", FORMULAS)
def test_workbook_has_formulas_as_texts_that_stay_so(tmp_path: Path, text: str) -> None:
    cell = workbook(tmp_path, ["a"], [[text]])["People"]["A2"]
    assert cell.data_type == "s"
    assert cell.value.replace("_x000D_", "\r") == text
    assert cell.quotePrefix


def test_what_a_sheet_can_t_hold_goes_on_on_the_next(tmp_path: Path) -> None:
    book = workbook(tmp_path, ["n"], [[number] for number in range(5)], rows_a_sheet=3)
    assert book.sheetnames == ["People", "People 2", "People 3"]
    values = [[cell.value for cell in sheet["A"]] for sheet in book]
    assert values == [["n", 0, 1], ["n", 2, 3], ["n", 4]]


def test_workbook_that_failed_leaves_nothing_aside(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        workbook(tmp_path, ["n"], ([1 // number] for number in (1, 0)))  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []
