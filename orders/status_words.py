"""The shop's own words for statuses in a table: those we don't know, and what a person says they mean."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.http import QueryDict

from lib.wording import count_text
from orders.reading import Source
from orders.values import NO_STATUS, STATUSES

ROWS_LOOKED_AT = 20_000
MOST_WORDS = 12  # a column of more isn't one of statuses
MEANINGS = (
    ("paid", "Paid, or on its way"),
    ("pending", "Not paid yet"),
    ("cancelled", "Cancelled, or refunded in full"),
    ("voided", "Failed or expired"),
)
_KNOWN_MEANINGS = {meaning for meaning, _label in MEANINGS}
# As a table's rows are rejected (orders.formats.mapped); the other rows of the order say it after a number of their own.
_REJECTED = re.compile(f"“(.*)” {NO_STATUS}; say what it means", re.DOTALL)


@dataclass(frozen=True)
class StatusWord:
    """A word of the file, in lower case, and what it means as orders.values.STATUSES has it; empty: nobody said."""

    word: str
    meaning: str


def status_words(source: Source, mapping: dict[str, Any]) -> tuple[StatusWord, ...]:
    """The words in the status column that aren't known, in the file's order.

    Of the first ROWS_LOOKED_AT rows; none where the mapping reads no such column, or one of anything but statuses.
    """
    columns = mapping.get("columns", {}).get("status", ())
    names = [columns] if isinstance(columns, str) else list(columns)
    if len(names) != 1 or names[0] not in source.header:
        return ()
    place = source.header.index(names[0])
    cells = (row[place] for row in islice(source.rows(), ROWS_LOOKED_AT) if len(row) > place)
    words = dict.fromkeys(word for word in (cell.strip().lower() for cell in cells) if word not in STATUSES)
    said = {word.lower(): meaning for word, meaning in mapping.get("statuses", {}).items()}
    return tuple(StatusWord(word, said.get(word, "")) for word in words) if len(words) <= MOST_WORDS else ()


def statuses_from(posted: QueryDict, before: dict[str, str]) -> dict[str, str]:
    """The meanings given on the page, laid over those known before; words without a meaning are left out."""
    said = dict(before)
    for key, word in posted.items():
        if key.startswith("word-") and isinstance(word, str) and "\x00" not in word:  # JSONB holds no NUL
            meaning = posted.get("meaning-" + key.removeprefix("word-"), "")
            said = {known: value for known, value in said.items() if known.lower() != word}
            if meaning in _KNOWN_MEANINGS:
                said[word] = meaning
    return said


def rejected_words(reasons: Iterable[str]) -> dict[str, int]:
    """The words, in lower case, that orders of a table were rejected for, and how many each; the most orders first.

    `reasons`: of all its rejected rows.
    """
    blamed = (_REJECTED.match(reason) for reason in reasons)
    return dict(Counter(found[1].strip().lower() for found in blamed if found).most_common())


def words_told(rejected: Mapping[str, int], known: Mapping[str, str]) -> Iterator[str]:
    """Lines that say for which words orders were rejected, and how a mapping file explains them.

    `known`: the words that the file was read with, which the mapping file has to say again.
    """
    yield f"Not known as a status of an order: {count_text(len(rejected), 'word')}."
    for word, orders in islice(rejected.items(), MOST_WORDS):
        yield f"  “{word}”: {count_text(orders, 'order')} rejected"
    if len(rejected) > MOST_WORDS:
        yield f"  and {len(rejected) - MOST_WORDS:,} more"
        yield 'Is it the column of the status? A mapping file can name another: status = "…" under [columns].'
        return
    meanings = ", ".join(meaning for meaning, _label in MEANINGS)
    yield f"Say what each means ({meanings}) in a mapping file, and import again with --mapping FILE.toml:"
    yield "[statuses]"
    for word in (*known, *rejected):
        yield f"{_quoted(word)} = {_quoted(known.get(word, '…'))}"


def _quoted(text: str) -> str:
    """As TOML writes a text, which is as JSON does."""
    return json.dumps(text, ensure_ascii=False)
