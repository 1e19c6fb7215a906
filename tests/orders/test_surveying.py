from __future__ import annotations

from pathlib import Path

import pytest

from orders.surveying import readable_size, survey


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (900, "900 bytes"),
        (47_109_517, "47 MB"),
        (999_000_000, "999 MB"),
        (1_000_000_000, "1 GB"),
        (1_250_000_000, "1.25 GB"),
    ],
)
def test_size_as_people_read_it(size: int, text: str) -> None:
    assert readable_size(size) == text


def test_file_that_changed_is_surveyed_anew(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("a,b\n1,2\n")
    assert survey(path).lines == 2
    path.write_text('a,b\n1,2\n3,"4"\n')
    assert (survey(path).lines, survey(path).quotes) == (3, 2)
    path.write_bytes("név,ár\nŐ,2\n".encode("cp1250"))
    assert survey(path).encoding == "cp1250"
