"""The tables that the customer list reads, with the columns that sorts and filters name.

Whatever a table calls them, every queryset here has its columns under the names of segments.customers.sorts, so that
one condition fits them all: `last_day` and `last_contact` (NEVER for none), `listed_scores`, `listed_name`,
`listed_email`, `expected_value`, `p_alive`, and the customer's id as `customer_id`, of values also as `valued_id`.
"""

from __future__ import annotations

from django.db.models import DateField, F, FilteredRelation, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from accounts.models import Store
from orders.customer_search import listed_email, listed_name
from orders.models import Customer
from segments.models import LAST_CONTACT, LAST_DAY, NEVER, CustomerStats, CustomerValue


def statistics(store: Store) -> QuerySet[CustomerStats]:
    """The statistics of all customers; with what they are expected to be worth, if a query asks for it."""
    rows: QuerySet[CustomerStats] = CustomerStats.objects.filter(store=store).annotate(
        last_day=LAST_DAY,
        last_contact=LAST_CONTACT,
        listed_scores=F("scores"),
        # A relation of its own: through `value` the ORM would take the customer's id from the statistics, and an index
        # of values can be read from a cursor only by its own.
        valuation=FilteredRelation("value"),
        expected_value=F("valuation__expected_value"),
        p_alive=F("valuation__p_alive"),
        valued_id=F("valuation__customer_id"),
    )
    return rows


def valued_statistics(store: Store) -> QuerySet[CustomerStats]:
    """The statistics of those who have a value, with the columns that CustomerValue has, too, taken from there: so that
    its indexes can be used for them.
    """
    return (
        statistics(store)
        .filter(Q(valuation__store=store))
        .annotate(
            last_day=Coalesce("valuation__last_on", Value(NEVER), output_field=DateField()),
            listed_scores=F("valuation__scores"),
        )
    )


def values(store: Store) -> QuerySet[CustomerValue]:
    """What customers are expected to be worth, without their statistics."""
    rows: QuerySet[CustomerValue] = CustomerValue.objects.filter(store=store).annotate(
        valued_id=F("customer_id"), last_day=LAST_DAY, listed_scores=F("scores")
    )
    return rows


def people(store: Store) -> QuerySet[Customer]:
    """Who the customers are, without their statistics."""
    rows: QuerySet[Customer] = Customer.objects.filter(store=store).annotate(
        listed_name=listed_name(), listed_email=listed_email(), customer_id=F("id")
    )
    return rows


def with_people(rows: QuerySet[CustomerStats]) -> QuerySet[CustomerStats]:
    """Statistics with the person and the segment; left out of statements that need neither."""
    named: QuerySet[CustomerStats] = rows.select_related("customer", "segment").annotate(
        listed_name=listed_name("customer__"), listed_email=listed_email("customer__")
    )
    return named


def shown(store: Store) -> QuerySet[CustomerStats]:
    """All customers, with everything that a row of the list shows."""
    return with_people(statistics(store))
