"""Who bought: which customer a buyer is, and what we then know of that customer. Pure; no database.

A buyer is found by the id at the shop, else by e-mail, else by phone. A guest who comes back with an id and the same
e-mail (or, without one, phone) becomes registered, in the same row; a guest's orders go to a registered customer with
the same e-mail, if there are several to the one known longest. Except for that last choice, the rules don't depend on
the order in which documents come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from orders.documents import NOBODY, Buyer


@dataclass(slots=True)
class Person:
    """A customer's row in the making; fields as of the model. `stored` is the row as it was read, if there is one."""

    id: int = 0
    external_id: str | None = None
    email: str = ""
    phone: str = ""
    name: str = ""
    country: str = ""
    tags: str = ""
    note: str = ""
    accepts_email: bool | None = None
    accepts_sms: bool | None = None
    first_seen_as_guest: bool = False
    registered_at: datetime | None = None
    details_at: datetime | None = None
    first_order_at: datetime | None = None  # of the orders that are stored, and of those that came since
    last_order_at: datetime | None = None
    stored: tuple[Any, ...] | None = None

    def values(self) -> tuple[Any, ...]:
        """The row, in the order of the columns that the statements name."""
        return (
            self.id, self.external_id, self.email, self.phone, self.name, self.country, self.tags, self.note,
            self.accepts_email, self.accepts_sms, self.first_seen_as_guest, self.registered_at, self.details_at,
        )  # fmt: skip

    def is_news(self, at: datetime) -> bool:
        """Whether what a document of this moment says is newer than what is known."""
        listed, ordered = self.details_at, self.last_order_at
        return (listed is None or at >= listed) and (ordered is None or at >= ordered)

    @property
    def has_changed(self) -> bool:
        return self.stored is not None and self.stored != self.values()

    def has_heard(self, buyer: Buyer) -> bool:
        """Whether a buyer with this customer's id at the shop says nothing that isn't known already.

        If so, it doesn't matter when the customer ordered first and last.
        """
        if self.first_seen_as_guest or buyer.is_guest or buyer.email not in ("", self.email):
            return False
        said = _said_by(buyer)
        return said == _NOTHING or all(map(_adds_nothing, said, _said_by(self)))


_SAYING = ("name", "country", "tags", "note", "phone", "accepts_email", "accepts_sms")
_said_by: Callable[[Buyer | Person], tuple[Any, ...]] = attrgetter(*_SAYING)
_NOTHING = _said_by(NOBODY)


def _adds_nothing(said: str | bool | None, known: str | bool | None) -> bool:
    return said in ("", None, known)


class People:
    """The customers that a batch of documents concerns: those stored, and those it brings."""

    def __init__(self, stored: Iterable[Person]) -> None:
        self._all: list[Person] = []
        self._by_external: dict[str, Person] = {}
        self._registered_by_email: dict[str, Person] = {}
        self._guests_by_email: dict[str, Person] = {}
        self._guests_by_phone: dict[str, Person] = {}
        self._by_phone: dict[str, Person] = {}
        self.joined: list[
            tuple[Person, Person]
        ] = []  # (guest, the registered customer they turned out to be)
        for person in sorted(stored, key=lambda person: person.id):
            self._enter(person)

    def __iter__(self) -> Iterator[Person]:
        return iter(self._all)

    def identify(self, buyer: Buyer, at: datetime | None) -> Person:
        """The buyer's customer, made if there is none, updated by what the buyer says.

        `at`: when the buyer's document was placed; None for a list of customers, which overrules every order
        placed before it was brought.
        """
        person = self._found(buyer)
        if person is None:
            person = Person(external_id=buyer.external_id or None, email=buyer.email, phone=buyer.phone)
            person.first_seen_as_guest = buyer.is_guest is True
            self._enter(person)
        self._learn(person, buyer, at)
        return person

    def _found(self, buyer: Buyer) -> Person | None:
        if buyer.external_id:
            return self._by_external.get(buyer.external_id) or self._registering(buyer)
        if buyer.email:
            known = self._registered_by_email.get(buyer.email) or self._guests_by_email.get(buyer.email)
            return known or self._naming(buyer)
        return self._by_phone.get(buyer.phone)

    def _registering(self, buyer: Buyer) -> Person | None:
        """A guest we know by the buyer's e-mail or phone, now with an id at the shop."""
        guest = self._guests_by_email.pop(buyer.email, None) or self._guests_by_phone.pop(buyer.phone, None)
        if guest is not None:
            guest.external_id = buyer.external_id
            self._by_external[buyer.external_id] = guest
            if guest.email:
                self._registered_by_email.setdefault(guest.email, guest)
        return guest

    def _naming(self, buyer: Buyer) -> Person | None:
        """A guest we knew by phone alone, now with an e-mail."""
        guest = self._guests_by_phone.pop(buyer.phone, None)
        if guest is not None:
            guest.email = buyer.email
            self._guests_by_email[buyer.email] = guest
        return guest

    def _enter(self, person: Person) -> None:
        self._all.append(person)
        if person.external_id is not None:
            self._by_external[person.external_id] = person
            if person.email:
                self._registered_by_email.setdefault(person.email, person)
        elif person.email:
            self._guests_by_email[person.email] = person
        elif person.phone:
            self._guests_by_phone[person.phone] = person
        if person.phone:
            self._by_phone.setdefault(person.phone, person)

    def note_change(self, person: Person, today: datetime) -> None:
        """Dates what a list of customers changed, so that earlier orders don't change it back."""
        if person.stored is None or person.has_changed:
            person.details_at = today

    def _learn(self, person: Person, buyer: Buyer, at: datetime | None) -> None:
        """The newest document wins; an older one only fills in what isn't known."""
        said = _said_by(buyer)
        if said != _NOTHING or buyer.email not in ("", person.email):
            is_newest = at is None or person.is_news(at)
            for field, value in zip(_SAYING, said, strict=True):
                if value not in ("", None) and (is_newest or getattr(person, field) in ("", None)):
                    setattr(person, field, value)
            if buyer.email not in ("", person.email) and (is_newest or not person.email):
                self._move(person, buyer.email)
        if at is not None:
            self._date(person, buyer, at)
        since = buyer.registered_at or at
        if buyer.external_id and since and (person.registered_at is None or since < person.registered_at):
            person.registered_at = since

    def _date(self, person: Person, buyer: Buyer, at: datetime) -> None:
        is_guest = buyer.is_guest is True
        if person.first_order_at is None or at < person.first_order_at:
            person.first_order_at, person.first_seen_as_guest = at, is_guest
        elif at == person.first_order_at:
            person.first_seen_as_guest |= is_guest
        if person.last_order_at is None or at > person.last_order_at:
            person.last_order_at = at

    def _move(self, person: Person, email: str) -> None:
        """A registered customer has a new e-mail address; a guest who used it was the same person."""
        if self._registered_by_email.get(person.email) is person:
            del self._registered_by_email[person.email]
        person.email = email
        self._registered_by_email.setdefault(email, person)
        if (guest := self._guests_by_email.pop(email, None)) is not None:
            self.joined.append((guest, person))
            self._all.remove(guest)
            first, ours = guest.first_order_at, person.first_order_at
            if first is not None and (ours is None or first <= ours):
                person.first_order_at, person.first_seen_as_guest = first, guest.first_seen_as_guest
