import pytest

from lib.spreadsheets import neutral_text


@pytest.mark.parametrize("text", ["=1+1", "+44 20", "-5", "@sum(a1)", "\t=1", "\r=1", "\n=1"])
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert neutral_text(text) == "'" + text


@pytest.mark.parametrize("text", ["", "Ann", "a=1", "'=1", "ann@example.com"])
def test_other_text_stays(text: str) -> None:
    assert neutral_text(text) == text
