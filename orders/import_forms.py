"""What a person says about a file: what each column is, and how dates, numbers and text are written in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict

from lib.choices import offer
from orders.encodings import NAMES
from orders.fields import FIELDS, NUMBER_FIELDS
from orders.formats import format_label
from orders.mapping import COUNTER
from orders.previewing import Look
from orders.status_words import statuses_from
from orders.values import NotUnderstoodError, moment_reader

SURE = 0.9
ONE_COLUMN_ONLY = NUMBER_FIELDS | {"email", "phone", "currency", "status"}
_SEPARATORS = ((",", "Comma"), (";", "Semicolon"), ("\t", "Tab"), ("|", "Bar |"), ("whitespace", "Spaces"))
_DATE_ORDERS = (("dmy", "Day, month, year"), ("mdy", "Month, day, year"), ("ymd", "Year, month, day"))
_DECIMAL_MARKS = ((".", "A point: 1,234.50"), (",", "A comma: 1.234,50"))
SEPARATOR_NAMES = {key: f"{name.lower()}s between columns" for key, name in _SEPARATORS[:3]} | {
    "|": "bars between columns",
    "whitespace": "spaces between columns",
}
_TAB = "tab"  # a tab is lost on its way through a form


@dataclass(frozen=True)
class ColumnRow:
    """One column of the file beside what it is read as.

    Columns are identified by name, so of several with the same name only the first is read: the others are
    `is_repeated`.
    """

    index: int
    name: str
    samples: tuple[str, ...]
    field: str
    is_unsure: bool = False
    is_repeated: bool = False


class ReadingForm(forms.Form):
    """Everything about reading a file except its columns. Empty: as the file itself shows."""

    format = forms.ChoiceField(label="The file is", required=False)
    date_order = forms.ChoiceField(label="Dates", required=False)
    decimal_mark = forms.ChoiceField(label="Decimals", required=False)
    credit_note_prefix = forms.CharField(
        label="Credit notes begin with",
        required=False,
        max_length=20,
        help_text="Orders whose number begins so give money back, whichever sign the file writes.",
    )
    counted_ids = forms.BooleanField(
        label="The file has no order number",
        required=False,
        help_text="One is made of the customer and the date; a row is an order.",
    )
    encoding = forms.ChoiceField(label="Letters", required=False)
    separator = forms.ChoiceField(label="Columns are separated by", required=False)

    def __init__(self, *args: Any, look: Look | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = look.inspection if look else None
        named = look.fixed_format if look else ""
        offer(
            self,
            "format",
            [
                ("", format_label(named) if named else "Table"),
                ("mapped", "A table: I say what its columns are"),
            ],
        )
        offer(self, "encoding", _as_found(NAMES.items(), found.encoding if found else ""))
        parting = dict(_SEPARATORS).get(found.separator, "") if found else ""
        offer(self, "separator", _as_found(((_posted(key), name) for key, name in _SEPARATORS), parting))
        offer(self, "date_order", _as_found(_DATE_ORDERS, ""))
        offer(self, "decimal_mark", _as_found(_DECIMAL_MARKS, ""))


def _as_found(choices: Any, found: str) -> list[tuple[str, str]]:
    listed = [(key, name) for key, name in choices]
    return [("", f"As recognised: {found}" if found else "As recognised"), *listed]


def _posted(separator: str) -> str:
    return _TAB if separator == "\t" else separator


def choices_from(posted: QueryDict, carried: dict[str, Any]) -> dict[str, Any]:
    """The part of a mapping that the page's form says, over what is carried along. What the form doesn't offer
    is left out, so that nothing posted can be wrong.
    """
    form = ReadingForm(posted)
    form.is_valid()
    said = {key: value for key, value in form.cleaned_data.items() if value}
    if said.get("separator") == _TAB:
        said["separator"] = "\t"
    is_counted = said.pop("counted_ids", False)
    chosen = {**carried, **said}
    if "credit_note_prefix" in posted and "credit_note_prefix" not in said:
        chosen.pop("credit_note_prefix", None)
    if said.get("format") == "mapped" and carried.get("format") not in (None, "mapped"):
        chosen["format"] = "mapped"
    is_fixed = "format" in posted and "format" not in said  # its columns are laid down
    if statuses := statuses_from(posted, chosen.pop("statuses", {})):
        chosen["statuses"] = statuses
    columns = {} if is_fixed else _columns(posted)
    if is_counted:
        counted = [columns[key] for key in ("customer_id", "email", "placed_at") if key in columns]
        columns["order_id"] = [name for names in counted for name in names] + [COUNTER]
    return {**chosen, "columns": columns} if columns else chosen


def _columns(posted: QueryDict) -> dict[str, list[str]]:
    columns: dict[str, list[str]] = {}
    for key, name in posted.items():
        if key.startswith("name-") and isinstance(name, str) and "\x00" not in name:  # JSONB holds no NUL
            field = posted.get("field-" + key.removeprefix("name-"), "")
            if field in FIELDS:
                columns.setdefault(field, []).append(name)
    return columns


def doubled_fields(choices: dict[str, Any]) -> list[str]:
    """Labels of fields for which two columns were chosen, but which can't be composed of two."""
    columns = choices.get("columns", {})
    return [
        FIELDS[key].label
        for key, names in columns.items()
        if key in ONE_COLUMN_ONLY and not isinstance(names, str) and len(names) > 1
    ]


def column_rows(look: Look) -> list[ColumnRow]:
    """Every column of the file with its first values and the field it is read as."""
    found = look.inspection
    columns: dict[str, list[str]] = {
        key: [names] if isinstance(names, str) else list(names)
        for key, names in found.mapping.get("columns", {}).items()
    }
    fields = {name: key for key, names in columns.items() if COUNTER not in names for name in names}
    sure = {proposal.field: proposal.confidence for proposal in found.proposals}
    return [
        ColumnRow(
            index,
            name,
            samples,
            fields.get(name, ""),
            is_unsure=0 < sure.get(fields.get(name, ""), 1) < SURE,
            is_repeated=found.header.index(name) < index,
        )
        for index, (name, samples) in enumerate(zip(found.header, look.samples, strict=True))
    ]


def has_counted_ids(mapping: dict[str, Any]) -> bool:
    """Whether the mapping makes order numbers by itself."""
    return COUNTER in mapping.get("columns", {}).get("order_id", ())


@dataclass(frozen=True)
class Answer:
    """One way to read something ambiguous: what to post, and how the example would read."""

    value: str
    label: str


def answers(key: str, choices: tuple[tuple[str, str], ...], example: str) -> list[Answer]:
    """The choices of a question, each saying what the example would then be."""
    if key != "date_order" or not example:
        return [Answer(value, label[:1].upper() + label[1:]) for value, label in choices]
    made = []
    for value, label in choices:
        try:
            moment: datetime | None = moment_reader("UTC", value)(example)
        except NotUnderstoodError:
            moment = None
        said = f"{moment.day} {moment:%B %Y}" if moment else ""
        made.append(Answer(value, f"{said} ({label})" if said else label.capitalize()))
    return made
