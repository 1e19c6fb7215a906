"""Finding customers by how their e-mail, name, last name, phone or number at the shop begins.

Each way has its index (Customer.Meta), so that a search among a million customers is a few look-ups.
"""

from __future__ import annotations

from django.db.models import CharField, F, Func, Q, Value
from django.db.models.functions import Coalesce, Lower, NullIf
from django.db.models.lookups import StartsWith


def _last(name: str) -> Lower:
    """The last word of a name."""
    return Lower(Func(F(name), Value(" "), Value(-1), function="split_part", output_field=CharField()))


# What the indexes hold and what the search asks for must be the same expressions.
NAME = Lower("name")
LAST_NAME = _last("name")


def listed_name(customer: str = "") -> Lower:
    """What a list shows of a customer, for sorting: their name, or what else there is of them.

    `customer`: the path to them, "customer__", where they aren't the model asked.
    """
    said = [NullIf(f"{customer}{field}", Value("")) for field in ("name", "email", "phone")]
    return Lower(Coalesce(*said, f"{customer}external_id", output_field=CharField()))


def listed_email(customer: str = "") -> NullIf:
    """Their e-mail address, NULL where none is known; `customer` as for listed_name."""
    return NullIf(f"{customer}email", Value(""))


def matching(text: str, customer: str = "") -> Q:
    """A condition on Customer: it begins with `text` in any of the ways; each is answered by one index.

    Case doesn't matter, but in the shop's numbers. Filter by the store as well: the indexes begin with it. `customer`
    as for listed_name.
    """
    wanted = " ".join(text.split())
    small = wanted.lower()
    return (
        Q(**{f"{customer}email__startswith": small})
        | Q(**{f"{customer}external_id__startswith": wanted})
        | Q(StartsWith(Lower(f"{customer}name"), small))
        | Q(StartsWith(_last(f"{customer}name"), small))
        | (~Q(**{f"{customer}phone": ""}) & Q(**{f"{customer}phone__startswith": wanted}))
    )
