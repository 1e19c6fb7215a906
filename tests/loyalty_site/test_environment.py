import pytest
from django.core.exceptions import ImproperlyConfigured

from loyalty_site import environment


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REGULARS_THING", raising=False)


def test_what_is_not_said_is_as_by_default() -> None:
    assert environment.text("REGULARS_THING", "tea") == "tea"
    assert environment.words("REGULARS_THING", ["tea"]) == ["tea"]
    assert environment.whole_number("REGULARS_THING", 7) == 7
    assert environment.yes_or_no("REGULARS_THING", True) is True


@pytest.mark.parametrize(
    ("said", "is_yes"),
    [("true", True), ("Yes", True), ("1", True), (" no ", False), ("FALSE", False), ("0", False)],
)
def test_yes_and_no_are_said_in_the_usual_words(
    monkeypatch: pytest.MonkeyPatch, said: str, is_yes: bool
) -> None:
    monkeypatch.setenv("REGULARS_THING", said)
    assert environment.yes_or_no("REGULARS_THING", not is_yes) is is_yes


def test_words_stand_between_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGULARS_THING", "shop.example.com, www.shop.example.com,")
    assert environment.words("REGULARS_THING", []) == ["shop.example.com", "www.shop.example.com"]


def test_numbers_are_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGULARS_THING", "1000000")
    assert environment.whole_number("REGULARS_THING", 7) == 1_000_000


@pytest.mark.parametrize("said", ["-1", "1.5", "many", "²"])
def test_what_is_no_whole_number_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv("REGULARS_THING", said)
    with pytest.raises(ImproperlyConfigured, match="REGULARS_THING"):
        environment.whole_number("REGULARS_THING", 7)


def test_a_word_that_is_neither_yes_nor_no_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGULARS_THING", "perhaps")
    with pytest.raises(ImproperlyConfigured, match="REGULARS_THING is “perhaps”"):
        environment.yes_or_no("REGULARS_THING", True)
