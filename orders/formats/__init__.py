"""The formats we know, and what makes a file one of them. One file per format."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from orders.documents import Buyer, OrderDocument
from orders.fields import FIELDS
from orders.formats.base import Format, RejectedError, Terms
from orders.formats.mapped import MappedOrders
from orders.formats.shopify_customers import ShopifyCustomers
from orders.formats.shopify_orders import ShopifyOrders
from orders.formats.webtoffee_orders import WebToffeeOrders
from orders.formats.woocommerce_json import WooCommerceCustomers, WooCommerceOrders
from orders.mapping import Mapping, MappingError, mapping_from_file, require_complete
from orders.reading import Row

__all__ = [
    "AnyFormat",
    "Format",
    "RejectedError",
    "Terms",
    "format_kind",
    "format_label",
    "format_names",
    "known_mapping",
    "named_mapping",
    "open_format",
    "require_recognised",
]

AnyFormat = Format[OrderDocument] | Format[Buyer]
_FIXED: tuple[type[Format[Any]], ...] = (
    ShopifyOrders,
    ShopifyCustomers,
    WooCommerceOrders,
    WooCommerceCustomers,
    WebToffeeOrders,
)
_MAPPED_LABELS = {"plain": "Plain orders CSV", "online_retail": "Online Retail", "mapped": MappedOrders.label}
_PLAIN_NEEDS = frozenset({"order_id", "customer_id", "placed_at", "total"})


def format_names() -> tuple[str, ...]:
    """The names that `--format` takes."""
    return (*(format_.name for format_ in _FIXED), *_MAPPED_LABELS)


def format_label(name: str) -> str:
    """The format's name for people."""
    fixed = {format_.name: format_.label for format_ in _FIXED}
    return fixed.get(name) or _MAPPED_LABELS.get(name, name)


def format_kind(name: str) -> str:
    """What files of the format hold: "orders" or "customers"."""
    return next((format_.kind for format_ in _FIXED if format_.name == name), "orders")


def known_mapping(header: tuple[str, ...], first: Row) -> Mapping | None:
    """The mapping of a file we know by its header (in JSON by its first record); None for any other."""
    for format_ in _FIXED:
        if format_.recognises(header, first):
            return Mapping(format=format_.name)
    names = set(header)
    if names >= _PLAIN_NEEDS:
        return _plain(names)
    retail = _online_retail()
    return retail if names >= retail.column_names() else None


def named_mapping(name: str, header: tuple[str, ...]) -> Mapping:
    """The mapping of the format that somebody named. Raises MappingError where there is none of that name."""
    if name not in format_names():
        raise MappingError(f"There is no format “{name}”. Formats: {', '.join(format_names())}.")
    if name == "plain":
        return _plain(set(header))
    return _online_retail() if name == "online_retail" else Mapping(format=name)


def require_recognised(name: str, header: tuple[str, ...], first: Row) -> None:
    """Raises MappingError if the format that somebody named has fixed columns and the file lacks them."""
    for format_ in _FIXED:
        if format_.name == name and not format_.recognises(header, first):
            raise MappingError(f"The file isn't a {format_.label}: it hasn't the columns of one.")


def _plain(names: set[str]) -> Mapping:
    own = {"customer_name": "customer_name"} | {key: key for key in FIELDS}
    return Mapping(format="plain", columns={key: (name,) for key, name in own.items() if name in names})


@lru_cache(maxsize=1)
def _online_retail() -> Mapping:
    return replace(mapping_from_file(Path(__file__).with_name("online_retail.toml")), format="online_retail")


def open_format(header: tuple[str, ...], mapping: Mapping, terms: Terms) -> AnyFormat:
    """The format of a mapping, ready to read rows. Raises MappingError where the mapping isn't complete."""
    for format_ in _FIXED:
        if format_.name == mapping.format:
            return format_(header, mapping, terms)
    require_complete(mapping, header)
    return MappedOrders(header, mapping, terms)
