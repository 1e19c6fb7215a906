"""Variables of the environment, read as what they should be. One that is set to nothing counts as not set."""

import os

from django.core.exceptions import ImproperlyConfigured

_YES = frozenset({"1", "true", "t", "yes", "y", "on"})
_NO = frozenset({"0", "false", "f", "no", "n", "off"})


def text(name: str, default: str) -> str:
    """The variable as it is written."""
    return os.environ.get(name) or default


def flag(name: str, default: bool) -> bool:
    """Yes or no. Raises ImproperlyConfigured with a sentence."""
    word = text(name, "").strip().lower()
    if word and word not in _YES | _NO:
        raise ImproperlyConfigured(f"{name} is “{word}”. Write true or false.")
    return word in _YES if word else default


def whole_number(name: str, default: int) -> int:
    """A whole number. Raises ImproperlyConfigured with a sentence."""
    word = text(name, str(default))
    try:
        return int(word)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is “{word}”. Write a whole number, in digits alone.") from None


def words(name: str, default: list[str]) -> list[str]:
    """A list whose items are separated by commas."""
    given = text(name, "")
    return [word.strip() for word in given.split(",") if word.strip()] if given else default
