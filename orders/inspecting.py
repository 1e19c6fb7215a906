"""Looks at a file before it is imported: what it is, how it would be read, what has to be asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from accounts.models import Store
from lib.money import minor_digits
from orders.conventions import Conventions, conventions_of
from orders.fields import FIELDS
from orders.formats import (
    Terms,
    format_kind,
    format_label,
    known_mapping,
    named_mapping,
    open_format,
    require_recognised,
)
from orders.mapping import Mapping, MappingError, header_digest, mapping_from, missing_fields
from orders.models import SavedMapping
from orders.proposing import proposed_columns, proposed_mapping, with_grain
from orders.reading import Row, Source, UnreadableFileError, open_source

PREVIEW_ROWS = 8
SAMPLE_ROWS = 500


_ASKED = {"unit_price": "Which column says how much: the order’s total, the line’s total, or the unit price?"}


@dataclass(frozen=True)
class Question:
    """Something the file doesn't tell by itself. `key` is the mapping's key that answers it."""

    key: str
    text: str
    choices: tuple[tuple[str, str], ...]  # (value, label); for a column, the columns' names
    example: str = ""  # a cell of the file that can be read in more than one way

    def for_command_line(self) -> str:
        """The question, and how a mapping file answers it."""
        key = self.key.removeprefix("columns.")
        table = " under [columns]" if key != self.key else ""
        values = " or ".join(f'{key} = "{value}" ({label})' for value, label in self.choices[:3])
        if table:
            values = f'{key} = "…"'
        return f"{self.text} Say it in a mapping file (--mapping){table}: {values}."


@dataclass(frozen=True)
class Proposal:
    """A field of an order and the column it would be read from; `confidence` 0..1, 0 where there is none."""

    field: str
    label: str
    column: str
    confidence: float


@dataclass(frozen=True)
class Inspection:
    """What a file is. With a `problem` nothing else counts; with `questions` it can't be imported yet.

    `mapping` goes into Import.mapping as it is; `rows` are those under the header, about.
    """

    problem: str = ""
    format: str = ""
    format_label: str = ""
    is_recognised: bool = False
    kind: str = "orders"  # or "customers"
    encoding: str = ""
    separator: str = ""
    header: tuple[str, ...] = ()
    header_row: int = 0  # its number; 0 where there is none
    preview: tuple[tuple[str, ...], ...] = ()
    proposals: tuple[Proposal, ...] = ()
    questions: tuple[Question, ...] = ()
    mapping: dict[str, Any] = field(default_factory=dict)
    rows: int = 0

    @property
    def is_ready(self) -> bool:
        return not self.problem and not self.questions


def inspect(path: Path, filename: str, store: Store, mapping: dict[str, Any] | None = None) -> Inspection:
    """Reads the file's head (and as much more as its questions need) and says what it found.

    `mapping`: what a person has chosen so far, a whole mapping or a part of one (a format, columns, answers);
    the rest comes from the format the file is recognised as, the store's remembered mapping for this header, or
    a proposal. Never raises for a bad file or mapping: `problem` is a sentence for the person.
    """
    chosen = dict(mapping or {})
    try:
        partial = mapping_from(chosen)
        with open_source(
            path, filename, encoding=partial.encoding, separator=partial.separator, names=partial.names
        ) as source:
            return inspect_source(source, store, chosen)
    except (UnreadableFileError, MappingError) as error:
        return Inspection(problem=str(error))


def inspect_source(source: Source, store: Store, chosen: dict[str, Any]) -> Inspection:
    """What `inspect` says, of a file that is open already. Raises UnreadableFileError and MappingError."""
    sample = list(islice(source.rows(), SAMPLE_ROWS))
    base, is_recognised = _base(source, store, sample, chosen)
    merged = mapping_from({**base.to_dict(), **chosen})
    if "columns" in chosen and "grain" not in chosen and base.grain == "order":
        merged = with_grain(merged, source.header, sample)
    is_mapped = bool(merged.columns) or merged.format == "mapped"
    questions = _missing(merged, source.header) if is_mapped else ()
    if not questions:
        merged, questions = _with_conventions(source, store, merged, chosen)
    return Inspection(
        format=merged.format,
        format_label=format_label(merged.format),
        is_recognised=is_recognised,
        kind=format_kind(merged.format),
        encoding=source.encoding_name,
        separator=source.separator,
        header=source.header,
        header_row=source.header_rows,
        preview=tuple(tuple(row) for row in sample[:PREVIEW_ROWS]),
        proposals=_proposals(source.header, sample, merged) if is_mapped else (),
        questions=questions,
        mapping=merged.to_dict(),
        rows=source.row_count,
    )


def _base(
    source: Source, store: Store, sample: Sequence[Row], chosen: dict[str, Any]
) -> tuple[Mapping, bool]:
    """The mapping that the chosen part is laid over, and whether the file was recognised."""
    name = chosen.get("format", "")
    if name and name != "mapped":
        require_recognised(name, source.header, sample[0] if sample else [])
        return named_mapping(name, source.header), True
    if "columns" in chosen:
        return Mapping(), False
    if not source.is_json and not name:
        saved = SavedMapping.objects.filter(store=store, header_digest=header_digest(source.header)).first()
        if saved is not None:
            return mapping_from(saved.mapping), True
    known = known_mapping(source.header, sample[0]) if sample and not name else None
    if known is not None:
        return known, True
    if source.is_json:
        raise UnreadableFileError(
            "The file is JSON, but not orders or customers as WooCommerce's REST API writes them."
        )
    return proposed_mapping(source.header, sample), False


def _missing(mapping: Mapping, header: tuple[str, ...]) -> tuple[Question, ...]:
    choices = tuple((name, name) for name in header)
    return tuple(
        Question(
            f"columns.{key}", _ASKED.get(key) or f"Which column is the {FIELDS[key].label.lower()}?", choices
        )
        for key in missing_fields(mapping)
    )


def _with_conventions(
    source: Source, store: Store, mapping: Mapping, chosen: dict[str, Any]
) -> tuple[Mapping, tuple[Question, ...]]:
    """The mapping with the file's way of writing dates and numbers; questions where the file leaves it open."""
    format_ = open_format(source.header, mapping, Terms(store.currency, store.timezone))
    said = {
        **named_mapping(mapping.format, source.header).to_dict(),
        **chosen,
    }  # by the format itself, or a person
    dates = [] if "date_order" in said else format_.date_positions()
    numbers = [] if "decimal_mark" in said else format_.number_positions()
    if not dates and not numbers:
        return mapping, ()
    found = conventions_of(source.rows(), dates, numbers, minor_digits(store.currency))
    mapping = replace(
        mapping,
        date_order=_settled(found.dates, mapping.date_order),
        decimal_mark=_settled(found.marks, mapping.decimal_mark),
    )
    return mapping, tuple(_open_questions(found, mapping, source.separator))


def _settled(allowed: frozenset[str] | None, before: str) -> str:
    """The one possibility; if there are several, the one chosen before; otherwise nothing."""
    if allowed is None:
        return before
    if len(allowed) == 1:
        return next(iter(allowed))
    return before if before in allowed else ""


def _open_questions(found: Conventions, mapping: Mapping, separator: str) -> list[Question]:
    questions = []
    if found.dates is not None and not mapping.date_order:
        example = found.date_example
        choices = (("dmy", "day, month, year"), ("mdy", "month, day, year"), ("ymd", "year, month, day"))
        allowed = found.dates or frozenset({"dmy", "mdy"})
        text = f"Dates such as {example} can be read in more than one way. What comes first?"
        if not found.dates:
            text = (
                "Some dates only make sense with the day first, others with the month first. Which is right?"
            )
        questions.append(
            Question("date_order", text, tuple(item for item in choices if item[0] in allowed), example)
        )
    if found.marks is not None and not mapping.decimal_mark:
        example = found.number_example or "1,234"
        text = f"Numbers such as {example} can be read in two ways. Which sign stands before the decimals?"
        questions.append(
            Question("decimal_mark", text, ((".", "a point: 1,234.50"), (",", "a comma: 1.234,50")), example)
        )
    return questions


def _proposals(header: tuple[str, ...], sample: Sequence[Row], mapping: Mapping) -> tuple[Proposal, ...]:
    """Every field with its column: as the mapping has it, else as its name suggests, for a person to choose."""
    likely = proposed_columns(header, sample)
    made = []
    for key, known in FIELDS.items():
        names = mapping.columns.get(key)
        column, sure = likely.get(key, ("", 0.0))
        if names is not None:
            sure = sure if names == (column,) else 1.0
            column = " + ".join(names)
        made.append(Proposal(key, known.label, column if names else "", sure if names else 0.0))
    return tuple(made)
