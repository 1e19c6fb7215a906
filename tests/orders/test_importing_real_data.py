"""Real shops' files, reconciled to the penny with an independent reading of the same lines."""

from __future__ import annotations

import csv
import gzip
import shutil
from collections import defaultdict
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Count, Sum

from loyalty_site.paths import BASE_DIR
from orders.mapping import mapping_from_file
from orders.models import Import, Order, OrderLine
from tests.factories.accounts import make_store
from tests.factories.imports import counts, import_file

MAPPINGS = BASE_DIR / "docs" / "mappings"


def unpacked(path: Path, folder: Path) -> Path:
    target = folder / path.name.removesuffix(".gz")
    with gzip.open(path) as packed, target.open("wb") as file:
        shutil.copyfileobj(packed, file)
    return target


def pence(amount: Decimal) -> int:
    return int((amount * 100).to_integral_value(ROUND_HALF_EVEN))


def _by_buyer(buyers: dict[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for number, buyer in buyers.items():
        if buyer:
            found[buyer].append(number)
    return found


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_online_retail_reconciles_to_the_penny(shared_data: Path, tmp_path: Path) -> None:
    path = unpacked(shared_data / "online_retail" / "online_retail.csv.gz", tmp_path)
    totals: dict[str, Decimal] = defaultdict(Decimal)
    placed: dict[str, str] = {}
    buyers: dict[str, str] = {}
    sizes: dict[str, int] = defaultdict(int)
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            number = row["InvoiceNo"]
            totals[number] += Decimal(row["Quantity"]) * Decimal(row["UnitPrice"])
            placed[number] = min(placed.get(number, row["InvoiceDate"]), row["InvoiceDate"])
            buyers[number] = row["CustomerID"]
            sizes[number] += 1
    store = make_store(currency="GBP", timezone="Europe/London")
    summary = import_file(store, path)
    assert counts(summary) == (25_900, 0, 0, 0)
    assert summary.rows == OrderLine.objects.count() == sum(sizes.values()) == 541_909
    london = ZoneInfo("Europe/London")
    orders = Order.objects.filter(store=store).select_related("customer").annotate(size=Count("lines"))
    found = {
        order.external_id: (
            order.total,
            order.placed_at,
            order.customer.external_id if order.customer else "",
            order.size,
        )
        for order in orders
    }
    assert found == {
        number: (
            pence(total),
            datetime.fromisoformat(placed[number]).replace(tzinfo=london),
            buyers[number],
            sizes[number],
        )
        for number, total in totals.items()
    }
    everything = Order.objects.filter(store=store)
    known = everything.exclude(customer=None)
    assert everything.aggregate(Sum("net"))["net__sum"] == 974_774_793
    assert known.aggregate(Sum("net"))["net__sum"] == 830_006_581
    assert known.values("customer").distinct().count() == 4_372
    credit_notes = everything.filter(total__lt=0)
    assert credit_notes.filter(external_id__startswith="C").count() == 3_836
    spent: dict[str, Decimal] = defaultdict(Decimal)
    for number, buyer in buyers.items():
        spent[buyer] += totals[number]
    del spent[""]
    net = dict(known.values_list("customer__external_id").annotate(Sum("net")))
    assert net == {
        buyer: sum(pence(totals[number]) for number in bought) for buyer, bought in _by_buyer(buyers).items()
    }
    assert sum(amount < 0 for amount in net.values()) == sum(amount < 0 for amount in spent.values()) == 41
    assert sum(amount == 0 for amount in net.values()) == sum(amount == 0 for amount in spent.values()) == 14
    again = import_file(store, path)
    assert counts(again) == (0, 0, 25_900, 0)
    assert not Import.objects.exclude(rejected_file="").exists()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_cdnow_by_its_mapping(shared_data: Path) -> None:
    path = shared_data / "cdnow" / "CDNOW_master.txt"
    store = make_store(currency="USD", timezone="America/New_York")
    mapping = mapping_from_file(MAPPINGS / "cdnow.toml").to_dict()
    assert counts(import_file(store, path, mapping)) == (69_659, 0, 0, 0)
    orders = Order.objects.filter(store=store)
    assert orders.aggregate(Sum("total"))["total__sum"] == 250_031_563
    assert orders.values("customer").distinct().count() == 23_570
    assert orders.filter(total=0).count() == 80
    assert counts(import_file(store, path, mapping)) == (0, 0, 69_659, 0)


@pytest.mark.django_db(transaction=True)
def test_complete_journey_by_its_mapping(shared_data: Path, tmp_path: Path) -> None:
    path = unpacked(shared_data / "completejourney" / "transactions_sample.csv.gz", tmp_path)
    with path.open(newline="") as file:
        paid: dict[str, Decimal] = defaultdict(Decimal)
        for row in csv.DictReader(file):
            paid[row["basket_id"]] += Decimal(row["sales_value"])
    store = make_store(currency="USD", timezone="America/New_York")
    summary = import_file(store, path, mapping_from_file(MAPPINGS / "complete_journey.toml").to_dict())
    assert (summary.rows, summary.created, summary.rejected) == (75_000, 47_243, 0)
    stored = dict(Order.objects.filter(store=store).values_list("external_id", "total"))
    assert stored == {basket: pence(total) for basket, total in paid.items()}
    assert OrderLine.objects.count() == 75_000
