from __future__ import annotations

from pathlib import Path

from orders.surveying import survey


def test_file_that_changed_is_surveyed_anew(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("a,b\n1,2\n")
    assert survey(path).lines == 2
    path.write_text('a,b\n1,2\n3,"4"\n')
    assert (survey(path).lines, survey(path).quotes) == (3, 2)
    path.write_bytes("név,ár\nŐ,2\n".encode("cp1250"))
    assert survey(path).encoding == "cp1250"
