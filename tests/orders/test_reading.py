from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from orders.reading import UnreadableFileError, open_source

HEADER = ["order_id", "customer_id", "placed_at", "total"]
ROWS = [["1", "ana", "2026-01-01", "9.99"], ["2", "bo", "2026-01-02", "5.00"]]


def written(folder: Path, content: bytes | str, name: str = "orders.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def rows_of(path: Path, **options: str) -> list[list[str]]:
    with open_source(path, path.name, **options) as source:
        return [list(source.header), *source.rows()]


def problem_of(path: Path) -> str:
    with pytest.raises(UnreadableFileError) as caught, open_source(path, path.name) as source:
        list(source.rows())
    return str(caught.value)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_table_with_any_separator_and_line_end(tmp_path: Path, separator: str, end: str) -> None:
    text = end.join(separator.join(row) for row in [HEADER, *ROWS]) + end
    assert rows_of(written(tmp_path, text)) == [HEADER, *ROWS]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1250"])
def test_table_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    text = "order_id;név;összeg\n1;Győző Ödönné Tűzőgép;1 200\n2;Kovács Őrs;éáúűőöüó\n"
    expected = [line.split(";") for line in text.splitlines()]
    assert rows_of(written(tmp_path, text.encode(encoding))) == expected


def test_columns_separated_by_spaces(tmp_path: Path) -> None:
    text = " customer_id  date cds  value\n 00001 19970101  1   11.77\n 00002 19970112  1   12.00\n"
    assert rows_of(written(tmp_path, text, "master.txt"))[1] == ["00001", "19970101", "1", "11.77"]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize(
    "above",
    ["Orders export 2025\n\n", "\n", '"Orders, by day;\nall of 2025"\n', "sep=;\n", "Orders{0}{0}\n{0}{0}\n"],
)
def test_what_stands_over_the_column_names_is_left_out(tmp_path: Path, separator: str, above: str) -> None:
    above = above.format(separator)
    text = above + "".join(separator.join(row) + "\n" for row in [HEADER, *ROWS])
    path = written(tmp_path, text)
    assert rows_of(path) == [HEADER, *ROWS]
    with open_source(path, path.name) as source:
        assert source.row_count == len(ROWS) + ('"' in above)  # a line break in a cell counts
        assert source.first_row_number == 2 + len(list(csv.reader(above.splitlines(keepends=True))))
        runs = [text for _key, _count, text in source.runs(0)]
        assert source.rows_of(runs) == ROWS


def test_title_over_nothing_is_no_table(tmp_path: Path) -> None:
    assert "only one column" in problem_of(written(tmp_path, "Orders export 2025\n\nNothing sold.\n"))
    assert "no rows" in problem_of(written(tmp_path, "Orders export 2025\n\norder_id,total\n"))


def test_names_for_a_file_without_a_header(tmp_path: Path) -> None:
    path = written(tmp_path, "1,ana\n2,bo\n")
    with open_source(path, path.name, names=("order_id", "customer_id")) as source:
        assert source.header == ("order_id", "customer_id")
        assert list(source.rows()) == [["1", "ana"], ["2", "bo"]]
        assert source.first_row_number == 1


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff"), max_size=12)


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=8))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rows_are_those_that_csv_reads(tmp_path: Path, rows: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([["order_id", "name", "total"], *rows])
    path = written(tmp_path, text.getvalue())
    expected = list(csv.reader(io.StringIO(text.getvalue(), newline="")))
    read = rows_of(path, separator=",", encoding="utf-8")
    assert [row for row in read if any(row)] == [row for row in expected if any(row)]


def test_record_with_a_line_break_and_a_stray_quotation_mark(tmp_path: Path) -> None:
    text = 'order_id,name,total\n1,5" pipe,2\n2,"a\nb",3\n3,"say ""hi""\u2028x",4\n4,7" pipe,5\n'
    assert rows_of(written(tmp_path, text))[1:] == [
        ["1", '5" pipe', "2"],
        ["2", "a\nb", "3"],
        ["3", 'say "hi"\u2028x', "4"],
        ["4", '7" pipe', "5"],
    ]


def test_workbook_is_read_like_the_table_it_shows(tmp_path: Path) -> None:
    from datetime import datetime

    book = Workbook()
    book.active.append(HEADER)
    book.active.append([1001, "ana", datetime.fromisoformat("2026-01-02T03:04:05"), 9.99])
    book.active.append(["1002", None, "2026-01-03", 5])
    book.save(tmp_path / "orders.xlsx")
    assert rows_of(tmp_path / "orders.xlsx") == [
        HEADER,
        ["1001", "ana", "2026-01-02 03:04:05", "9.99"],
        ["1002", "", "2026-01-03", "5"],
    ]


def test_workbook_is_a_workbook_whatever_its_name_ends_in(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(HEADER)
    book.active.append(["1002", "ana", "2026-01-03", 5])
    book.save(tmp_path / "made.xlsx")
    (tmp_path / "made.xlsx").rename(tmp_path / "orders.xls")
    assert rows_of(tmp_path / "orders.xls") == [HEADER, ["1002", "ana", "2026-01-03", "5"]]


def test_table_is_found_behind_notes_and_hidden_sheets(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["hidden", "lists"])
    book.active.append(["a", "b"])
    book.active.sheet_state = "hidden"
    book.create_sheet("Read me").append(["Exported on Monday"])
    orders = book.create_sheet("Orders")
    orders.append(HEADER)
    orders.append(["1002", "ana", "2026-01-03", 5])
    book.active = orders
    book.save(tmp_path / "orders.xlsx")
    assert rows_of(tmp_path / "orders.xlsx") == [HEADER, ["1002", "ana", "2026-01-03", "5"]]


def test_long_number_of_a_workbook_keeps_every_digit(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(HEADER)
    book.active.append([9_007_199_254_740_991, 7_410_991_464_714, "2026-01-03", 5])
    book.save(tmp_path / "orders.xlsx")
    assert rows_of(tmp_path / "orders.xlsx")[1][:2] == ["9007199254740991", "7410991464714"]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([{"id": 1}, {"id": 2}]),
        json.dumps({"orders": [{"id": 1}, {"id": 2}]}),
        '{"id": 1}\n{"id": 2}\n',
        '[\n {"id": 1} ,\n\n {"id": 2}\n]\n',
        '[{"id": 1}]\n[{"id": 2}]\n',
        '[][{"id": 1}, {"id": 2}],[]',
        '{"orders": [{"id": 1}], "page": 1, "links": {"next": [2]}}\n{"orders": [{"id": 2}], "page": 2}',
        '{"data": [{"id": 1}]}{"data": [{"id": 2}] }',
        '[{"id": 1}]\n{"id": 2}',
    ],
)
def test_json_records_however_they_are_wrapped(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, text, "orders.json")
    with open_source(path, path.name) as source:
        assert [json.loads(row[0])["id"] for row in source.rows()] == [1, 2]


def test_json_pages_larger_than_a_block(tmp_path: Path) -> None:
    pages = [[{"id": page * 10 + number, "note": "é" * 70_000} for number in range(3)] for page in range(9)]
    text = "".join(json.dumps({"orders": page, "more": "x" * 90_000}, ensure_ascii=False) for page in pages)
    path = written(tmp_path, text, "orders.json")
    with open_source(path, path.name) as source:
        assert [json.loads(row[0]) for row in source.rows()] == [record for page in pages for record in page]


def test_json_larger_than_a_block(tmp_path: Path) -> None:
    records = [{"id": number, "note": "é" * 70_000} for number in range(40)]
    path = written(tmp_path, json.dumps(records, ensure_ascii=False), "orders.json")
    with open_source(path, path.name) as source:
        assert [json.loads(row[0]) for row in source.rows()] == records


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"", "orders.csv", "empty"),
        (b" \n\n", "orders.csv", "empty"),
        (b"order_id,customer_id,placed_at,total\n", "orders.csv", "no rows"),
        (b"order_id\n1\n2\n", "orders.csv", "only one column"),
        (b"1,2\n3,4\n", "orders.csv", "column names"),
        (bytes(range(256)) * 20, "orders.csv", "other than text"),
        (b"%PDF-1.7 ...", "orders.csv", "PDF"),
        (b"<html><table>\n<tr><td>order_id</td></tr>\n</table></html>", "orders.xls", "web page"),
        (b"\xef\xbb\xbf\n<!DOCTYPE html>\n<html>", "orders.csv", "web page"),
        (b'<?xml version="1.0"?><Workbook/>', "orders.xml", "XML"),
        (b"\x1f\x8b\x08....", "orders.csv.gz", "compressed"),
        (b"\xd0\xcf\x11\xe0....", "orders.xls", ".xlsx"),
        (b"order_id,total\n1,2\n", "orders.xlsx", "isn't one"),
        (b"order_id,total\n1,2\n", "orders.json", "JSON"),
        (b"PK\x03\x04 and no more", "orders.xlsx", "damaged"),
        (b"PK\x03\x04 and no more", "orders.csv", ".xlsx"),
        (b'order_id,name,total\n1,"a,2\n3,b,4\n5,c,6\n', "orders.csv", "never closed"),
        (b'[{"id": 1}, {"id": ', "orders.json", "breaks off"),
        (b'{"id": 1, ', "orders.json", "breaks off"),
        (b"[1, 2]", "orders.json", "object"),
        (b'[{"id": 1}] and more', "orders.json", "after record 1"),
        (b'[{"id": 1}][{"id": 2}', "orders.json", "after record 2"),
        (b'{"orders": [{"id": 1}], "page":', "orders.json", "after record 1"),
        (b'{"orders": [{"id": 1}]', "orders.json", "after record 1"),
        (b"[]", "orders.json", "no records"),
        ("a,b\n1,2".encode("utf-16")[:-1], "orders.csv", "UTF-16"),
    ],
)
def test_unreadable_file_gets_a_sentence(tmp_path: Path, content: bytes, name: str, sentence: str) -> None:
    told = problem_of(written(tmp_path, content, name))
    assert sentence in told
    assert told.endswith(".")


def test_file_too_large_is_refused(tmp_path: Path, settings: object) -> None:
    settings.IMPORT_LARGEST_FILE = 20  # type: ignore[attr-defined]
    assert "too large" in problem_of(written(tmp_path, "order_id,total\n" + "1,2\n" * 10))


def workbook_with(folder: Path, sheet: bytes) -> Path:
    """A workbook whose one sheet is these bytes."""
    book = Workbook()
    book.active.append(HEADER)
    book.save(folder / "plain.xlsx")
    path = folder / "orders.xlsx"
    with (
        zipfile.ZipFile(folder / "plain.xlsx") as plain,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for entry in plain.infolist():
            is_sheet = entry.filename.endswith("sheet1.xml")
            made.writestr(entry.filename, sheet if is_sheet else plain.read(entry))
    return path


def test_workbook_that_declares_too_much_is_not_opened(tmp_path: Path) -> None:
    assert "wasn't opened" in problem_of(workbook_with(tmp_path, b" " * 60_000_000))


def sheet_of(rows: int) -> bytes:
    """A sheet of so many rows of 200 cells of 4 characters: five times that size once it is read."""
    row = b"<row>" + b'<c t="inlineStr"><is><t>cell</t></is></c>' * 200 + b"</row>"
    head = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    return head + row * rows + b"</sheetData></worksheet>"


def test_workbook_that_eats_memory_kills_its_own_process_only(tmp_path: Path, settings: object) -> None:
    settings.IMPORT_WORKBOOK_MEMORY = 45_000_000  # type: ignore[attr-defined]
    assert len(rows_of(workbook_with(tmp_path, sheet_of(20)))) == 20
    assert "wasn't opened" in problem_of(workbook_with(tmp_path, sheet_of(2_400)))


def test_truncated_workbook_is_refused(tmp_path: Path) -> None:
    whole = workbook_with(tmp_path, b"<worksheet/>").read_bytes()
    assert "damaged" in problem_of(written(tmp_path, whole[: len(whole) // 2], "cut.xlsx"))


def test_archive_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "orders.xlsx", "w") as archive:
        archive.writestr("orders.csv", "order_id,total\n1,2\n")
    assert "archive" in problem_of(tmp_path / "orders.xlsx")
