"""A mapping: how the columns of a file become orders. Comes from a page, a TOML file or a known format.

A mapping is complete or it raises: nothing in it is guessed while importing. What it needs to be asked is
found by `orders.inspecting`.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping as Dictionary
from dataclasses import asdict, dataclass, field, fields
from hashlib import blake2b, sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from orders.fields import FIELDS
from orders.values import STATUSES

COUNTER = "#"  # in a composed order id: the how-many-th row with the same other parts
GRAINS = ("order", "line")
DATE_ORDERS = ("dmy", "mdy", "ymd")
DECIMAL_MARKS = (".", ",")
Columns = dict[str, tuple[str, ...]]


class MappingError(Exception):
    """The mapping can't be used; the message says which key to set or correct."""


@dataclass(frozen=True)
class Mapping:
    """How a file is read.

    `columns`: field (orders.fields) -> the columns whose texts, joined, are its value; an order id of several
    columns is joined by «-», everything else by a space. `grain`: a row is an order or a line of one.
    `credit_note_prefix`: orders whose id begins so are credit notes: their total is negative whichever sign the
    file writes. `statuses`: the shop's own words for statuses -> ours.
    """

    format: str = "mapped"
    grain: str = "order"
    columns: Columns = field(default_factory=dict)
    date_order: str = ""
    decimal_mark: str = ""
    timezone: str = ""  # of times without an offset; the store's where empty
    credit_note_prefix: str = ""
    statuses: dict[str, str] = field(default_factory=dict)
    encoding: str = ""
    separator: str = ""
    names: tuple[str, ...] = ()  # of a file without a header
    rows_apart: bool = False  # rows of one order stand apart in such files: gather them first

    def to_dict(self) -> dict[str, Any]:
        """What JSON holds of it: everything that isn't as by default."""
        default = asdict(Mapping())
        values = {key: value for key, value in asdict(self).items() if value != default[key]}
        if self.columns:
            values["columns"] = {
                key: names[0] if len(names) == 1 else list(names) for key, names in self.columns.items()
            }
        if self.names:
            values["names"] = list(self.names)
        return {"format": self.format, **values}

    def digest(self) -> bytes:
        """Of everything that decides how rows become orders."""
        values = {key: value for key, value in self.to_dict().items() if key != "rows_apart"}
        return blake2b(json.dumps(values, sort_keys=True).encode(), digest_size=16).digest()

    def column_names(self) -> set[str]:
        """Every column of the file that the mapping reads."""
        return {name for names in self.columns.values() for name in names if name != COUNTER}


def mapping_from(values: Dictionary[str, Any]) -> Mapping:
    """The mapping that a TOML file or a JSON object writes. Raises MappingError naming what is wrong."""
    known = {item.name for item in fields(Mapping)}
    if unknown := sorted(set(values) - known):
        raise MappingError(
            f"The mapping has a key nobody reads: {unknown[0]}. It may have {', '.join(sorted(known))}."
        )
    _require_types(values)
    made = Mapping(
        **{**values, "columns": _columns(values.get("columns", {})), "names": tuple(values.get("names", ()))}
    )
    _require_one_of("grain", made.grain, GRAINS)
    _require_one_of("date_order", made.date_order, ("", *DATE_ORDERS))
    _require_one_of("decimal_mark", made.decimal_mark, ("", *DECIMAL_MARKS))
    for word, meaning in made.statuses.items():
        _require_one_of(f"statuses.{word}", meaning, tuple(sorted(set(STATUSES.values()))))
    if made.timezone:
        _require_zone(made.timezone)
    return made


def mapping_from_file(path: Path) -> Mapping:
    """The mapping in a TOML file. Raises MappingError."""
    try:
        return mapping_from(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise MappingError(f"There is no mapping file {path}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, TypeError) as error:
        raise MappingError(f"The mapping file {path.name} can't be read: {error}.") from None


def _require_types(values: Dictionary[str, Any]) -> None:
    forms: dict[str, tuple[type | tuple[type, ...], str]] = {
        "columns": (dict, "a table"),
        "statuses": (dict, "a table"),
        "names": ((list, tuple), "a list"),
        "rows_apart": (bool, "true or false"),
    }
    for key, value in values.items():
        form, words = forms.get(key, (str, "a text"))
        if not isinstance(value, form):
            raise MappingError(f"{key} must be {words}.")


def _columns(values: Any) -> Columns:
    columns: Columns = {}
    for key, names in values.items():
        if key not in FIELDS:
            raise MappingError(f"columns.{key} isn't a field of an order. Fields: {', '.join(FIELDS)}.")
        listed = tuple(names) if isinstance(names, (list, tuple)) else (names,)
        if listed and all(isinstance(name, str) for name in listed):
            columns[key] = listed
        elif listed:
            raise MappingError(f"columns.{key} must be the name of a column, or a list of names.")
    return columns


def _require_one_of(key: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        choices = ", ".join(f'"{choice}"' for choice in allowed if choice)
        raise MappingError(f"{key} must be one of {choices}, not “{value}”.")


def _require_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise MappingError(
            f"timezone “{name}” isn't a time zone. Use a name such as Europe/London."
        ) from None


def missing_fields(mapping: Mapping) -> list[str]:
    """What a mapped file still lacks to make orders, as field keys: the id, the date, something to sum up."""
    missing = [key for key in ("order_id", "placed_at") if key not in mapping.columns]
    if mapping.grain == "order" and "total" not in mapping.columns:
        missing.append("total")
    if mapping.grain == "line" and not {"total", "line_total", "unit_price"} & set(mapping.columns):
        missing.append("unit_price")
    return missing


def require_complete(mapping: Mapping, header: tuple[str, ...]) -> None:
    """Raises MappingError unless the mapping makes orders of a file with this header."""
    if missing := missing_fields(mapping):
        raise MappingError(
            f"The mapping doesn't say which column is the {FIELDS[missing[0]].label.lower()}. "
            f"Set {missing[0]} under [columns]."
        )
    if absent := sorted(mapping.column_names() - set(header)):
        raise MappingError(f"The mapping reads a column “{absent[0]}” that the file doesn't have.")
    if COUNTER in mapping.columns["order_id"] and len(mapping.columns["order_id"]) == 1:
        raise MappingError(
            f"order_id can't be “{COUNTER}” alone: it counts the rows that share the other columns."
        )


def header_digest(header: tuple[str, ...]) -> str:
    """What identifies a store's files of one kind: the names of their columns, in order."""
    return sha256("\x1f".join(name.strip().lower() for name in header).encode()).hexdigest()
