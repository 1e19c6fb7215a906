"""The people behind a figure: what every page that lists them shows of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.http import HttpResponse

from accounts.access import StoreRequest
from lib.keyset import Page, Sort
from lib.pages import render_page
from segments.customers.bulk import bulk_of

BY_VALUE = Sort((("monetary", int), ("customer_id", int)))


@dataclass(frozen=True)
class PeopleList:
    """People of a figure, a page at a time; each row of `people` has a `customer`, and with it their statistics.

    `back` is an address, `export_query` how the export page's address names all of them. Rows that are moves
    say on which day (`dated`), and the end of the move that the heading doesn't name (`end`).
    """

    title: str
    finding: str
    people: Page[Any]
    back: str
    back_label: str
    export_query: str
    nobody: str
    tab: str = ""
    dated: bool = False
    end: Literal["", "before", "after"] = ""
    switches: Sequence[Switch] = ()


@dataclass(frozen=True)
class Choice:
    """One of a few: its words, the address's query that chooses it, and whether it is chosen."""

    label: str
    query: str
    is_chosen: bool


@dataclass(frozen=True)
class Switch:
    """A few lists to choose from, beside the one shown."""

    label: str
    choices: Sequence[Choice]


def people_page(request: StoreRequest, listed: PeopleList) -> HttpResponse:
    """The page of a figure's people."""
    context = {
        "listed": listed,
        "bulk": bulk_of(request.role, listed.export_query),
        **listed.people.links(request.GET),
    }
    return render_page(request, "segments/people_page.html", context)
