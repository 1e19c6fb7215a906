"""Cohorts, second orders, concentration and gaps of real shops against pandas, which starts from the raw files."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from accounts.models import Store
from segments.models import CohortMonth, ConcentrationStep, GapSummary, SecondOrderWindow
from segments.retention.tables import WINDOWS, refresh_retention
from segments.scoring import refresh_store
from tests.factories.accounts import make_store
from tests.segments.test_online_retail import put_in
from tests.segments.value.value_shop import cdnow_purchases, record_purchases

pytestmark = pytest.mark.django_db


def held_against_pandas(store: Store, documents: pd.DataFrame, as_of: date) -> None:
    """`documents`: customer, day, counts (bool), minor; a row each. Every one of them is valued."""
    orders = documents[documents["counts"]]
    first = orders.groupby("customer")["day"].min().rename("first")
    documents = documents.join(first, on="customer", how="inner")  # without those who have credit notes only
    cohort, month = documents["first"].dt.to_period("M"), documents["day"].dt.to_period("M")
    documents = documents.assign(cohort=cohort, month=month.where(month >= cohort, cohort))
    ordered = documents[documents["counts"]]
    expected = pd.DataFrame(
        {
            "customers": ordered.groupby(["cohort", "month"])["customer"].nunique(),
            "orders": ordered.groupby(["cohort", "month"]).size(),
            "net": documents.groupby(["cohort", "month"])["minor"].sum(),
        }
    )
    wanted = {
        (cohort.start_time.date(), (month - cohort).n): tuple(0 if pd.isna(x) else int(x) for x in row)
        for (cohort, month), *row in expected.itertuples(name=None)
    }
    kept = CohortMonth.objects.filter(store=store, facet="all")
    assert {(row.cohort, row.age): (row.customers, row.orders, row.net) for row in kept} == wanted
    _second_orders(store, orders, first, as_of)
    _concentration(store, documents)
    _gaps(store, orders)


def _second_orders(store: Store, orders: pd.DataFrame, first: pd.Series, as_of: date) -> None:
    second = orders.sort_values("day").groupby("customer")["day"].nth(1)
    second.index = orders.loc[second.index, "customer"]
    gap = (second.reindex(first.index) - first).dt.days
    for days in WINDOWS:
        elapsed = first + pd.Timedelta(days=days) < pd.Timestamp(as_of)
        kept = SecondOrderWindow.objects.filter(store=store, days=days)
        by_cohort = {row.cohort: (row.elapsed, row.returned) for row in kept}
        months = first[elapsed].dt.to_period("M")
        wanted = {
            cohort.start_time.date(): (len(people), int((gap[people.index] <= days).sum()))
            for cohort, people in months.groupby(months)
        }
        assert by_cohort == wanted


def _concentration(store: Store, documents: pd.DataFrame) -> None:
    spent = documents.groupby("customer")["minor"].sum().clip(lower=0).sort_values(ascending=False)
    total = spent.cumsum().tolist()
    steps = ConcentrationStep.objects.filter(store=store).order_by("percent")
    places = [-(-percent * len(spent) // 100) for percent in range(1, 101)]
    assert [(step.customers, step.net) for step in steps] == [(place, total[place - 1]) for place in places]


def _gaps(store: Store, orders: pd.DataFrame) -> None:
    ordered = orders.sort_values(["customer", "day"])
    place = ordered.groupby("customer").cumcount().clip(upper=10)  # of the gap before it, from 1 on
    gaps = ordered.groupby("customer")["day"].diff().dt.days
    known = pd.DataFrame({"number": place, "days": gaps}).dropna().astype("int64")
    wanted = {number: rows["days"] for number, rows in known.groupby("number")} | {0: known["days"]}
    kept = {row.number: (row.gaps, row.median, row.long) for row in GapSummary.objects.filter(store=store)}
    assert kept == {
        number: (len(days), *np.quantile(days, [0.5, 0.9], method="inverted_cdf").tolist())
        for number, days in wanted.items()
    }


def test_a_wholesaler_of_gifts(shared_data: Path) -> None:
    lines = pd.read_csv(shared_data / "online_retail" / "online_retail.csv.gz", dtype=str)
    store, as_of = make_store(currency="GBP", timezone="Europe/London"), date(2011, 12, 10)
    put_in(store, lines)
    refresh_store(store=store, as_of=as_of)
    state = refresh_retention(store=store, as_of=as_of)
    known = lines[lines["CustomerID"].notna()]
    thousandths = (known["UnitPrice"].astype(float) * 1000).round().astype("int64")
    amounts = known.assign(
        amount=known["Quantity"].astype("int64") * thousandths,
        day=pd.to_datetime(known["InvoiceDate"]).dt.normalize(),
    )
    invoices = amounts.groupby(["CustomerID", "InvoiceNo"]).agg(day=("day", "min"), amount=("amount", "sum"))
    invoices = invoices.reset_index().rename(columns={"CustomerID": "customer"})
    invoices["minor"] = (invoices["amount"] / 10).round().astype("int64")  # halves to even
    invoices["counts"] = ~invoices["InvoiceNo"].str.startswith("C")
    assert state.customers == 4_339
    held_against_pandas(store, invoices, as_of)


def test_a_shop_of_compact_discs(shared_data: Path) -> None:
    store, as_of = make_store(currency="USD", timezone="America/New_York"), date(1998, 7, 1)
    rows = cdnow_purchases(shared_data)
    record_purchases(store, rows)
    refresh_store(store=store, as_of=as_of)
    assert refresh_retention(store=store, as_of=as_of).customers == 2_357
    documents = pd.DataFrame(rows, columns=["customer", "day", "minor"])
    documents["day"] = pd.to_datetime(documents["day"])
    held_against_pandas(store, documents.assign(counts=True), as_of)
