"""A figure of retention whose people can be opened: what the page of any of them shows, and what an export says."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import QueryDict

from accounts.models import Store
from lib.keyset import PARAMETER, page_of
from segments.addresses import export_query, page_url
from segments.models import CustomerStats, RetentionState
from segments.people import BY_VALUE, Choice, PeopleList, Switch


@dataclass(frozen=True)
class Figure(ABC):
    """What some customers did or didn't do, as of the day of the tables.

    `tab` is the page that shows the figure, `nobody` what its list says where there is nobody.
    """

    state: RetentionState

    tab: ClassVar[str] = "retention"
    back_label: ClassVar[str] = "Who comes back"
    nobody: ClassVar[str] = "Nobody, of those who had the time."

    @property
    @abstractmethod
    def title(self) -> str:
        """Of the page of its people."""

    @property
    @abstractmethod
    def words(self) -> str:
        """What comes after "12 customers"."""

    @property
    @abstractmethod
    def file_name(self) -> str:
        """Of its export, but for the store."""

    @abstractmethod
    def finding(self, store: Store) -> str:
        """How many they are, in a sentence. One query."""

    @abstractmethod
    def people(self) -> QuerySet[CustomerStats]:
        """One row per customer, unsorted."""

    @abstractmethod
    def query(self) -> Mapping[str, str]:
        """What an address says of it."""

    @abstractmethod
    def switches(self) -> Sequence[Switch]:
        """The figures beside it."""

    def back(self, store: Store) -> str:
        """The address of the page that shows it."""
        return page_url(store, self.tab, {})

    def listed(self, store: Store, query: QueryDict) -> PeopleList:
        """Its page at the address's cursor. At most three queries."""
        return PeopleList(
            title=self.title,
            finding=f"{self.finding(store)} The best customers first.",
            people=page_of(self.people(), BY_VALUE, query.get(PARAMETER, "")),
            back=self.back(store),
            back_label=self.back_label,
            export_query=export_query("retention", query),
            nobody=self.nobody,
            tab=self.tab,
            switches=self.switches(),
        )

    def switch(self, label: str, name: str, choices: Iterable[tuple[str, str]]) -> Switch:
        """The figures that differ in what their address says of `name`; `choices`: the words and the value of each."""
        here = self.query()
        return Switch(
            label,
            [
                Choice(words, urlencode({**here, name: value}), value == here[name])
                for words, value in choices
            ],
        )


@dataclass(frozen=True)
class Return(Figure):
    """A figure of those who ordered again in time, or of those who had the time and didn't."""

    returned: bool

    def query(self) -> Mapping[str, str]:
        return {"back": "yes" if self.returned else "no"}

    def came_back(self) -> Switch:
        """Those who did, or those who didn't."""
        return self.switch("Whether", "back", (("Came back", "yes"), ("Did not", "no")))
