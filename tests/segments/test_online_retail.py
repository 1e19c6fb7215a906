"""Statistics and scores of a real shop against pandas, customer by customer.

The orders are put in by a few lines here rather than imported: what is compared with pandas is the scoring.
Every figure of the comparison is computed from the raw lines again, in whole thousandths of a pound.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from accounts.models import Store
from lib.money import to_minor
from orders.models import Customer, Order
from segments.models import CustomerStats
from segments.scoring import refresh_store
from tests.factories.accounts import make_store

AS_OF = date(2011, 12, 10)


@pytest.fixture(scope="module")
def lines(shared_data: Path) -> pd.DataFrame:
    return pd.read_csv(shared_data / "online_retail" / "online_retail.csv.gz", dtype=str)


def put_in(store: Store, lines: pd.DataFrame) -> None:
    """One order an invoice; those that begin with C are credit notes by their negative total. UTC is London's
    winter time, and nobody ordered in the hour around midnight in summer.
    """
    known = lines["CustomerID"].dropna().unique()
    rows = Customer.objects.bulk_create(Customer(store=store, external_id=number) for number in known)
    customers = {row.external_id: row for row in rows}
    orders: dict[str, Order] = {}
    exact: dict[str, Decimal] = {}
    columns = lines[["InvoiceNo", "CustomerID", "InvoiceDate", "Quantity", "UnitPrice"]]
    for invoice, number, moment, quantity, price in columns.itertuples(index=False, name=None):
        exact[invoice] = exact.get(invoice, Decimal(0)) + int(quantity) * Decimal(price)
        if invoice not in orders:
            placed_at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
            orders[invoice] = Order(store=store, external_id=invoice, number=invoice, placed_at=placed_at)
            orders[invoice].customer = customers.get(number)
    for invoice, order in orders.items():
        order.total = to_minor(exact[invoice], store.currency)
    Order.objects.bulk_create(orders.values(), batch_size=2_000)


def by_pandas(lines: pd.DataFrame) -> pd.DataFrame:
    """recency, frequency, monetary (pence) and r, f, m of every customer with a counted order."""
    known = lines[lines["CustomerID"].notna()]
    thousandths = (known["UnitPrice"].astype(float) * 1000).round().astype("int64")
    frame = pd.DataFrame(
        {
            "customer": known["CustomerID"],
            "invoice": known["InvoiceNo"],
            "day": pd.to_datetime(known["InvoiceDate"]).dt.normalize(),
            "amount": known["Quantity"].astype("int64") * thousandths,
        }
    )
    invoices = frame.groupby(["customer", "invoice"]).agg(day=("day", "min"), amount=("amount", "sum"))
    invoices["pence"] = (invoices["amount"] / 10).round().astype("int64")  # halves to even
    purchases = invoices[~invoices.index.get_level_values("invoice").str.startswith("C")]
    result = pd.DataFrame(
        {
            "recency": (pd.Timestamp(AS_OF) - purchases.groupby("customer")["day"].max()).dt.days,
            "frequency": purchases.groupby("customer").size(),
            "monetary": invoices.groupby("customer")["pence"].sum(),
        }
    ).dropna()
    worse = {
        "r": result["recency"].rank(method="min", ascending=False) - 1,
        "f": result["frequency"].rank(method="min") - 1,
        "m": result["monetary"].rank(method="min") - 1,
    }
    for score, count in worse.items():
        result[score] = 1 + 5 * count.astype("int64") // len(result)
    return result.astype("int64")


@pytest.mark.django_db
def test_every_customer_has_the_figures_that_pandas_computes(lines: pd.DataFrame) -> None:
    store = make_store(currency="GBP", timezone="Europe/London")
    put_in(store, lines)
    refresh = refresh_store(store=store, as_of=AS_OF)
    expected = by_pandas(lines)
    assert len(expected) == refresh.customers == 4_339
    stats = CustomerStats.objects.filter(store=store, frequency__gt=0).values_list(
        "customer__external_id", "last_on", "frequency", "monetary", "r", "f", "m"
    )
    kept = pd.DataFrame(
        [(row[0], (AS_OF - row[1]).days, *row[2:]) for row in stats],
        columns=["customer", *expected.columns],
    ).set_index("customer")
    pd.testing.assert_frame_equal(kept.sort_index(), expected.sort_index(), check_index_type=False)
    assert CustomerStats.objects.filter(store=store).count() == 4_372
    assert sum(CustomerStats.objects.filter(store=store).values_list("monetary", flat=True)) == 830_006_581
