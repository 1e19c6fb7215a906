"""Files as shops export them, made of a few orders."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta, timezone

# The columns of Shopify's orders export in its order, up to the last one that is read or that recognises it.
SHOPIFY_HEADER = (
    "Name", "Email", "Financial Status", "Paid at", "Fulfillment Status", "Fulfilled at", "Accepts Marketing",
    "Currency", "Subtotal", "Shipping", "Taxes", "Total", "Discount Code", "Discount Amount", "Shipping Method",
    "Created at", "Lineitem quantity", "Lineitem name", "Lineitem price", "Lineitem compare at price",
    "Lineitem sku", "Lineitem requires shipping", "Lineitem taxable", "Lineitem fulfillment status",
    "Billing Name", "Billing Street", "Billing Address1", "Billing Address2", "Billing Company", "Billing City",
    "Billing Zip", "Billing Province", "Billing Country", "Billing Phone", "Shipping Name", "Shipping Street",
    "Shipping Address1", "Shipping Address2", "Shipping Company", "Shipping City", "Shipping Zip",
    "Shipping Province", "Shipping Country", "Shipping Phone", "Notes", "Note Attributes", "Cancelled at",
    "Payment Method", "Payment Reference", "Refunded Amount", "Vendor", "Outstanding Balance", "Employee",
    "Location", "Device ID", "Id", "Tags", "Risk Level", "Source", "Lineitem discount",
)  # fmt: skip


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[object]], separator: str = ",") -> bytes:
    """A CSV file in UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def shopify_export(orders: int, *, customers: int, newest: datetime, currency: str = "GBP") -> bytes:
    """An orders export, newest first: every third order has a second line, every tenth is refunded in full.

    Customer k buys every `customers`-th order, so that those with the least k are here last.
    """
    rows = []
    for place in range(orders):
        number, buyer = 1000 + orders - place, place % customers
        said = _order(number, buyer, newest - timedelta(days=place), currency, is_refunded=number % 10 == 0)
        rows.append([said.get(name, "") for name in SHOPIFY_HEADER])
        if number % 3 == 0:
            line = {key: said[key] for key in ("Name", "Email", "Created at")} | _line("Plate", "PLT", "5.00")
            rows.append([line.get(name, "") for name in SHOPIFY_HEADER])
    return csv_bytes(SHOPIFY_HEADER, rows)


def _order(
    number: int, buyer: int, placed_at: datetime, currency: str, *, is_refunded: bool
) -> Mapping[str, str]:
    total = f"{20 + number % 7}.50"
    local = placed_at.astimezone(timezone(timedelta(hours=1)))
    return {
        "Name": f"#{number}",
        "Email": f"buyer{buyer}@example.com",
        "Financial Status": "refunded" if is_refunded else "paid",
        "Currency": currency,
        "Subtotal": total,
        "Shipping": "0.00",
        "Taxes": "0.00",
        "Total": total,
        "Discount Amount": "0.00",
        "Created at": f"{local:%Y-%m-%d %H:%M:%S +0100}",
        "Billing Name": f"Buyer {buyer}",
        "Billing Country": "GB",
        "Payment Method": "Shopify Payments",
        "Refunded Amount": total if is_refunded else "0.00",
        "Id": str(7_410_000_000_000 + number),
        "Source": "web",
        **_line("Mug", "MUG", total),
    }


def _line(title: str, sku: str, price: str) -> dict[str, str]:
    return {
        "Lineitem quantity": "1",
        "Lineitem name": title,
        "Lineitem price": price,
        "Lineitem sku": sku,
        "Lineitem discount": "0.00",
    }
