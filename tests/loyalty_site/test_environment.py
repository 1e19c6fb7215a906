"""Variables of the environment."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from loyalty_site import environment

NAME = "REGULARS_SOMETHING"


@pytest.mark.parametrize("said", ["1", "true", "True", "YES", " on "])
def test_a_flag_is_yes_in_the_usual_words(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv(NAME, said)
    assert environment.flag(NAME, False) is True


@pytest.mark.parametrize("said", ["0", "false", "FALSE", "no", "off"])
def test_a_flag_is_no_in_the_usual_words(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv(NAME, said)
    assert environment.flag(NAME, True) is False


def test_what_is_not_set_or_set_to_nothing_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(NAME, raising=False)
    assert environment.flag(NAME, True)
    monkeypatch.setenv(NAME, "")
    assert environment.flag(NAME, True)
    assert environment.text(NAME, "a") == "a"
    assert environment.whole_number(NAME, 7) == 7
    assert environment.words(NAME, ["a", "b"]) == ["a", "b"]


def test_words_stand_between_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "shop.example.com, localhost,")
    assert environment.words(NAME, []) == ["shop.example.com", "localhost"]


def test_what_cannot_be_understood_is_said_with_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "ten")
    with pytest.raises(ImproperlyConfigured, match=f"{NAME} is “ten”. Write a whole number"):
        environment.whole_number(NAME, 1)
    with pytest.raises(ImproperlyConfigured, match=f"{NAME} is “ten”. Write true or false"):
        environment.flag(NAME, False)
