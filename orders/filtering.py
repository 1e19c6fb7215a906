"""Which orders a list shows: plain values, made by the form of the page or by a link to it. No database."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date

from django.db.models import TextChoices


class Delivery(TextChoices):
    LATE = "late", "Came late"
    ON_TIME = "on_time", "Came on time"
    OVERDUE = "overdue", "Overdue, not here yet"
    NO_PROMISE = "no_promise", "No day promised"


class Documents(TextChoices):
    REFUNDED = "refunded", "With a refund"
    REFUNDED_IN_FULL = "refunded_in_full", "Refunded in full"
    CREDIT_NOTES = "credit_notes", "Credit notes"


class Buyers(TextChoices):
    REGISTERED = "registered", "Registered"
    GUEST = "guest", "Guests"
    UNKNOWN = "unknown", "Nobody known"


@dataclass(frozen=True, slots=True)
class OrderFilters:
    """An empty value filters nothing. `since` and `until` are local days of placing, both included."""

    search: str = ""
    status: str = ""
    channel: str = ""
    payment: str = ""
    carrier: str = ""
    delivery: str = ""
    documents: str = ""
    buyers: str = ""
    since: date | None = None
    until: date | None = None

    @property
    def any(self) -> bool:
        """Whether anything is filtered."""
        return any(getattr(self, field.name) for field in fields(self))
