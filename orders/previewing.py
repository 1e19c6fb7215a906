"""What a file would become: its first rows read by a mapping as the import reads them, and nothing written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from django.utils.timezone import now

from orders.documents import Buyer, OrderDocument
from orders.formats import RejectedError, Terms, format_kind, known_mapping, open_format
from orders.grouping import Group, grouped
from orders.import_queries import Reason, like
from orders.importing import Understanding
from orders.inspecting import Inspection, inspect_source
from orders.mapping import MappingError, mapping_from
from orders.models import Import
from orders.reading import KeyOf, Source, UnreadableFileError, open_source
from orders.recording import stored_orders
from orders.records import Run
from orders.status_words import StatusWord, status_words

SAMPLE_ROWS = 10_000
SHOWN = 6


@dataclass(frozen=True)
class Preview:
    """What the first SAMPLE_ROWS rows become. If that isn't the whole file (`is_whole` False), `rows`, `orders` and
    `credit_notes` are scaled up to it; `customers`, who recur, is a lower bound. `rejected` are rows of the sample,
    `known` and `unchanged` orders of it.
    """

    rows: int
    orders: int
    credit_notes: int
    customers: int
    is_whole: bool
    known: int  # orders of the sample that are in the store already
    unchanged: int  # of those, exactly as the file has them
    rejected: int
    reasons: tuple[Reason, ...]
    first: tuple[OrderDocument | Buyer, ...]
    since: datetime | None = None
    until: datetime | None = None

    @property
    def reaches_ahead(self) -> bool:
        """Whether an order is dated later than any clock says now."""
        return self.until is not None and self.until > now() + timedelta(days=1)

    @property
    def makes_nothing(self) -> bool:
        return not self.orders and not self.credit_notes and not self.customers and not self.unchanged


@dataclass(frozen=True)
class Look:
    """A file as the page shows it before the import. `fixed_format` is the format it was recognised as or is read as,
    if that fixes the columns; `dropped_columns` says that a choice of columns no longer fitted the file.
    """

    inspection: Inspection
    preview: Preview | None = None
    samples: tuple[tuple[str, ...], ...] = ()
    fixed_format: str = ""
    dropped_columns: bool = False
    status_words: tuple[StatusWord, ...] = ()


@dataclass(frozen=True)
class _Head(Source):
    """The first SAMPLE_ROWS records of a source, and those that continue the order of the last."""

    def runs(self, key_of: KeyOf | int) -> Iterator[Run]:
        given = 0
        for run in super().runs(key_of):
            if given >= SAMPLE_ROWS:
                return
            yield run
            given += run[1]


@dataclass
class _Refused:
    """Counts what would be rejected, by reason."""

    count: int = 0
    reasons: dict[str, list[Any]] = field(default_factory=dict)

    def add(self, group: Group, rejection: RejectedError) -> None:
        rows = sum(map(any, group.rows))
        self.count += rows
        text = rejection.reason[:1].upper() + rejection.reason[1:]
        number = str(group.row_number(rejection.row or 0)) if group.rows else ""
        self.reasons.setdefault(like(text), [text, 0, number])[1] += rows

    def most_frequent(self) -> tuple[Reason, ...]:
        return tuple(sorted((Reason(*each) for each in self.reasons.values()), key=lambda each: -each.rows))


def look_at(import_: Import, choices: dict[str, Any]) -> Look:
    """The import's file, read by what the person has chosen so far. Never raises for a bad file: see `problem`.

    Reads the file from end to end once or twice, as `inspect` does.
    """
    try:
        partial = mapping_from(choices)
        with open_source(
            Path(import_.file.path),
            import_.filename,
            encoding=partial.encoding,
            separator=partial.separator,
            names=partial.names,
        ) as source:
            return _look(import_, source, choices)
    except (UnreadableFileError, MappingError) as error:
        return Look(Inspection(problem=str(error)))


def _look(import_: Import, source: Source, choices: dict[str, Any]) -> Look:
    fitting = fitting_choices(choices, source.header)
    found = inspect_source(source, import_.store, fitting)
    known = known_mapping(source.header, next(source.rows(), []))
    return Look(
        found,
        previewed(import_, source, found) if found.is_ready else None,
        column_samples(source),
        known.format if known is not None and not known.columns else "" if found.proposals else found.format,
        fitting != choices,
        status_words(source, found.mapping),
    )


def fitting_choices(choices: dict[str, Any], header: tuple[str, ...]) -> dict[str, Any]:
    """The choices, without columns that the file doesn't have when read with another separator or encoding."""
    columns = choices.get("columns", {})
    names = {
        name for listed in columns.values() for name in ([listed] if isinstance(listed, str) else listed)
    }
    if not names - set(header) - {"#"}:
        return choices
    return {key: value for key, value in choices.items() if key != "columns"}


def column_samples(source: Source, rows: int = 200, shown: int = 3) -> tuple[tuple[str, ...], ...]:
    """The first different values of each column."""
    found: list[dict[str, None]] = [{} for _name in source.header]
    for row in islice(source.rows(), rows):
        for values, cell in zip(found, row, strict=False):
            if cell.strip() and len(values) < shown:
                values[cell.strip()[:60]] = None
    return tuple(tuple(values) for values in found)


def previewed(import_: Import, source: Source, found: Inspection) -> Preview:
    """What the first rows become, by the very code that imports them."""
    mapping = mapping_from(found.mapping)
    terms = Terms(import_.store.currency, import_.store.timezone)
    format_ = open_format(source.header, mapping, terms)
    rows = sum(1 for _row in islice(source.rows(), SAMPLE_ROWS + 1))
    is_whole = rows <= SAMPLE_ROWS
    groups = [group for batch in grouped(_Head(**vars(source)), format_.key) for group in batch]
    if not is_whole and len(groups) > 1:
        groups.pop()  # its other rows may lie beyond the sample
    refused = _Refused()
    understanding = Understanding(import_, source, mapping, format_, refused)
    ids = understanding.named(groups)
    known = len(stored_orders(import_.store, ids)) if format_.kind == "orders" else 0
    same, documents = understanding.changed(ids)
    scale = 1.0 if is_whole else source.row_count / SAMPLE_ROWS
    return _summed(
        documents,
        kind=format_kind(mapping.format),
        scale=scale,
        rows=rows if is_whole else source.row_count,
        is_whole=is_whole,
        known=known,
        unchanged=same.created + same.updated + same.unchanged,
        rejected=refused.count,
        reasons=refused.most_frequent()[:3],
    )


def _summed(documents: list[Any], *, kind: str, scale: float, unchanged: int, **counts: Any) -> Preview:
    if kind == "customers":
        orders, notes, buyers = [], [], documents
    else:
        orders = [document for document in documents if document.total >= 0]
        notes = [document for document in documents if document.total < 0]
        buyers = [document.buyer for document in documents if document.buyer.is_known]
    people = {buyer.external_id or buyer.email or buyer.phone for buyer in buyers}
    moments = [document.placed_at for document in [*orders, *notes]]
    return Preview(
        orders=round(scale * (len(orders) + unchanged)),
        credit_notes=round(scale * len(notes)),
        customers=len(people) if kind == "orders" else round(scale * len(people)),
        unchanged=unchanged,
        first=tuple(documents[:SHOWN]),
        since=min(moments, default=None),
        until=max(moments, default=None),
        **counts,
    )
