"""Looks at a file before it is imported: what it is, how it would be read, what has to be asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from accounts.models import Store


@dataclass(frozen=True)
class Question:
    """Something the file doesn't tell by itself. `key` is the mapping's key that answers it."""

    key: str
    text: str
    choices: tuple[tuple[str, str], ...]  # (value, label); for a column: its names


@dataclass(frozen=True)
class Proposal:
    """A field of an order and the column it would be read from; `confidence` 0..1, 0 where there is none."""

    field: str
    label: str
    column: str
    confidence: float
    is_required: bool


@dataclass(frozen=True)
class Inspection:
    """What a file is. With a `problem` nothing else counts; with `questions` it can't be imported yet."""

    problem: str = ""
    format: str = ""
    format_label: str = ""
    is_recognised: bool = False
    encoding: str = ""
    separator: str = ""
    header: tuple[str, ...] = ()
    preview: tuple[tuple[str, ...], ...] = ()
    proposals: tuple[Proposal, ...] = ()
    questions: tuple[Question, ...] = ()
    mapping: dict[str, Any] = field(default_factory=dict)  # goes to Import.mapping as it is
    rows: int = 0  # rows under the header
    kind: str = "orders"  # or "customers"

    @property
    def is_ready(self) -> bool:
        return not self.problem and not self.questions


def inspect(path: Path, filename: str, store: Store, mapping: dict[str, Any] | None = None) -> Inspection:
    """Reads the file's head (and as much more as its questions need) and says what it found.

    `mapping`: what a person has chosen so far (columns, answers); without it the store's remembered mapping
    for this header, else a proposal. Never raises for a bad file: `problem` is a sentence for the person.
    """
    raise NotImplementedError
