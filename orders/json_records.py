"""The records of a JSON file, one after the other: a file may be larger than the memory there is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from orders.surveying import BLOCK, UnreadableFileError

_DEEP = "The file holds lists inside of lists, or a number, beyond anything that a shop exports."
_LIST = re.compile(r'\[|\{\s*"(?:orders|customers|data)"\s*:\s*\[')
_BETWEEN = re.compile(r"[\s,]*")


def json_records(path: Path, encoding: str) -> Iterator[str]:
    """The text of each record of a JSON file: of lists, of those in {"orders": [..]}, or one a line.

    Pages fetched one by one and written to one file are read like one. Holds one record and one block in memory.
    Raises UnreadableFileError.
    """
    with path.open(encoding=encoding) as text:
        yield from _Scanner(text).records()


class _Scanner:
    """Where in the file we are: `_list` is what opened the list that is being read, empty between two lists."""

    def __init__(self, text: IO[str]) -> None:
        self._text = text
        self._buffer = ""
        self._position = 0
        self._list = ""
        self._number = 0

    def records(self) -> Iterator[str]:
        while self._is_there():
            if not self._list and (opened := _LIST.match(self._buffer, self._position)):
                self._list, self._position = opened.group(), opened.end()
            elif self._list and self._buffer[self._position] == "]":
                self._position += 1
                if self._list != "[":
                    self._leave_object()
                self._list = ""
            else:
                yield self._record()

    def _is_there(self) -> bool:
        """Whether there is more than spaces and commas; a file mustn't end within a list."""
        while (found := _BETWEEN.match(self._buffer, self._position)) and found.end() == len(self._buffer):
            if not self._reads_on():
                if self._list:
                    raise self._broken()
                return False
        self._position = found.end() if found else self._position
        return True

    def _record(self) -> str:
        value, end = self._decoded("")
        self._number += 1
        if not isinstance(value, dict):
            raise UnreadableFileError(
                f"Record {self._number} of the file isn't an object of names and values."
            )
        start, self._position = self._position, end
        return self._buffer[start:end]

    def _leave_object(self) -> None:
        """Passes over what stands behind the list in its object: {"orders": [..], "page": 2}."""
        if not self._is_there():
            raise self._broken()
        closes = self._buffer[self._position] == "}"
        _rest, self._position = self._decoded('{"": 0' if closes else '{"": 0,')

    def _decoded(self, before: str) -> tuple[object, int]:
        """The value that begins here, as if `before` stood before it, and where it ends."""
        decoder = json.JSONDecoder()
        while True:
            text = before + self._buffer[self._position :] if before else self._buffer
            try:
                value, end = decoder.raw_decode(text, 0 if before else self._position)
            except json.JSONDecodeError:
                if not self._reads_on():
                    raise self._broken() from None
            except (RecursionError, ValueError) as error:  # lists in lists in lists; a number of 5,000 digits
                raise UnreadableFileError(f"{_DEEP} Look at record {self._number + 1}.") from error
            else:
                return value, end + self._position - len(before) if before else end

    def _reads_on(self) -> bool:
        """Reads a block, at least as long as what is left: a record of any length is decoded in few tries."""
        kept = self._buffer[self._position :]
        block = self._text.read(max(BLOCK, len(kept)))
        self._buffer, self._position = kept + block, 0
        return bool(block)

    def _broken(self) -> UnreadableFileError:
        return UnreadableFileError(f"The file breaks off or is damaged after record {self._number}.")
