"""Each sample export, imported; and files written at random, read back."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from accounts.models import Store
from orders.documents import OrderDocument
from orders.formats import RejectedError, Terms, known_mapping, open_format
from orders.formats.mapped import MappedOrders
from orders.grouping import grouped
from orders.mapping import Mapping, mapping_from
from orders.models import Customer, Order
from orders.reading import open_source
from tests.factories.accounts import make_store
from tests.factories.imports import counts, holdings, import_file, import_text, rejected_rows

TERMS = Terms("EUR", "Europe/Berlin")
SHOPIFY_ORDERS = ["orders_export_73col_2022", "orders_export_75col_2021", "orders_export_79col"]
SHOPIFY_CUSTOMERS = [
    "customers_export_2019_19col",
    "customers_export_2022_20col",
    "customers_import_template_17col",
]


@pytest.fixture
def store(db: None) -> Store:
    return make_store(currency="EUR", timezone="Europe/Berlin")


@pytest.mark.parametrize("name", SHOPIFY_ORDERS)
def test_shopify_orders_of_every_year(store: Store, shared_formats: Path, name: str) -> None:
    summary = import_file(store, shared_formats / "shopify" / f"{name}.csv")
    assert counts(summary) == (6, 0, 0, 0)
    orders = {order.number: order for order in Order.objects.filter(store=store)}
    assert {number: (order.status, order.total, order.refunded) for number, order in orders.items()} == {
        "#1006": ("paid", 5197, 0),
        "#1005": ("paid", 4980, 2500),
        "#1004": ("paid", 2500, 0),
        "#1003": ("cancelled", 8000, 8000),
        "#1002": ("voided", 8000, 0),
        "#1001": ("pending", 6460, 0),
    }
    tea = orders["#1006"].lines.get(position=2)
    assert (tea.product.title, tea.quantity, tea.unit_price) == ('Tea, loose "Earl" 100g', 1, Decimal("12.5"))
    assert orders["#1006"].external_id == "7410991464714"
    assert orders["#1006"].placed_at == datetime(2026, 3, 29, 7, 50, 26, tzinfo=UTC)
    assert orders["#1006"].shipped_at == datetime(2026, 3, 30, 12, 21, 21, tzinfo=UTC)
    assert (orders["#1006"].discount, orders["#1006"].discount_code) == (523, "WELCOME10")
    assert orders["#1003"].customer == orders["#1006"].customer  # Ana@Example.com is ana@example.com
    assert orders["#1004"].customer is None
    assert orders["#1001"].customer.phone == "+491701234567"
    assert list(orders["#1006"].events.order_by("at").values_list("kind", flat=True)) == [
        "confirmed",
        "shipped",
    ]


def test_shopify_order_is_rejected_where_none_of_its_rows_has_a_total(store: Store, tmp_path: Path) -> None:
    text = (
        "Name,Financial Status,Total,Created at,Lineitem quantity,Lineitem name,Lineitem price\n"
        "#1,paid,0.00,2026-01-02 10:00:00 +0100,1,Mug,9.00\n"
        "#1,,,2026-01-02 10:00:00 +0100,1,Plate,7.00\n"
        "#2,paid,,2026-01-02 10:00:00 +0100,1,Mug,9.00\n"
        "#2,,,2026-01-02 10:00:00 +0100,1,Plate,7.00\n"
    )
    assert counts(import_text(store, tmp_path, text)) == (1, 0, 0, 2)
    order = Order.objects.get(store=store)
    assert (order.number, order.total, order.lines.count()) == ("#1", 0, 2)
    assert "with its total, is missing" in rejected_rows(store)


def test_exports_of_one_shop_in_different_years_join(store: Store, shared_formats: Path) -> None:
    import_file(store, shared_formats / "shopify" / f"{SHOPIFY_ORDERS[0]}.csv")
    before = holdings(store)
    for name in SHOPIFY_ORDERS[1:]:
        assert counts(import_file(store, shared_formats / "shopify" / f"{name}.csv")) == (0, 0, 6, 0)
    assert holdings(store) == before


def test_shopify_file_saved_again_by_excel(store: Store, shared_formats: Path) -> None:
    path = shared_formats / "shopify" / "orders_export_excel_resaved.csv"
    assert counts(import_file(store, path)) == (6, 0, 0, 0)
    placed = Order.objects.get(store=store, number="#1006").placed_at
    assert placed == datetime(2026, 3, 29, 7, 50, tzinfo=UTC)


def test_file_without_emails_takes_no_customer_away(store: Store, shared_formats: Path) -> None:
    folder = shared_formats / "shopify"
    import_file(store, folder / "orders_export_79col.csv")
    import_file(store, folder / "orders_export_excel_resaved.csv")
    assert Order.objects.get(store=store, number="#1006").customer.email == "ana@example.com"


@pytest.mark.parametrize("name", SHOPIFY_CUSTOMERS)
def test_shopify_customers_of_every_year(store: Store, shared_formats: Path, name: str) -> None:
    path = shared_formats / "shopify" / f"{name}.csv"
    assert counts(import_file(store, path)) == (2, 0, 0, 0)
    ana = Customer.objects.get(store=store, email="ana@example.com")
    assert (ana.name, ana.phone, ana.accepts_email, ana.tags) == (
        "Ana Teszt",
        "+491701234567",
        True,
        "vip, newsletter",
    )
    kiss = Customer.objects.get(store=store, email="")
    assert (kiss.name, kiss.phone, kiss.accepts_email, kiss.note) == (
        "Kiss",
        "+36301234567",
        False,
        "no e-mail",
    )
    assert counts(import_file(store, path)) == (0, 0, 2, 0)


def test_shopify_customers_register_those_known_by_orders(store: Store, shared_formats: Path) -> None:
    import_file(store, shared_formats / "shopify" / "orders_export_79col.csv")
    assert Customer.objects.get(store=store, email="ana@example.com").is_guest
    path = shared_formats / "shopify" / "customers_export_current_20col.csv"
    assert counts(import_file(store, path)) == (1, 1, 0, 0)
    ana = Customer.objects.get(store=store, email="ana@example.com")
    assert ana.external_id == "7210448301122"
    assert ana.orders.count() == 2


def test_woocommerce_orders(shared_formats: Path, db: None) -> None:
    store = make_store(currency="USD", timezone="America/Sao_Paulo")
    path = shared_formats / "woocommerce" / "rest_v3_orders.json"
    assert counts(import_file(store, path)) == (1, 0, 0, 0)
    order = Order.objects.get(store=store)
    assert (order.external_id, order.total, order.tax, order.shipping, order.subtotal) == (
        "727",
        2935,
        135,
        1000,
        1800,
    )
    assert order.placed_at == datetime(2017, 3, 22, 19, 28, 2, tzinfo=UTC)
    assert (order.customer.email, order.customer.is_guest, order.customer.first_seen_as_guest) == (
        "john.doe@example.com",
        True,
        True,
    )
    lines = [
        (line.product.external_id, line.quantity, line.unit_price)
        for line in order.lines.order_by("position")
    ]
    assert lines == [("93", 2, 3), ("Bar3", 1, 12)]
    customers = shared_formats / "woocommerce" / "rest_v3_customers.json"
    assert counts(import_file(store, customers)) == (0, 1, 0, 0)
    order.customer.refresh_from_db()
    assert order.customer.external_id == "25"


def woocommerce_order(**fields: Any) -> dict[str, Any]:
    return {
        "id": 5,
        "status": "completed",
        "currency": "EUR",
        "date_created": "2026-01-02T10:00:00",
        "total": "40.00",
        "customer_id": 9,
        "billing": {"email": "ana@example.com"},
        "line_items": [],
        **fields,
    }


@pytest.mark.parametrize(
    ("fields", "status", "refunded"),
    [
        ({"status": "pending"}, "pending", 0),
        ({"status": "on-hold"}, "pending", 0),
        ({"status": "processing"}, "paid", 0),
        ({"status": "cancelled"}, "cancelled", 0),
        ({"status": "trash"}, "cancelled", 0),
        ({"status": "failed"}, "voided", 0),
        ({"status": "refunded"}, "paid", 4000),
        (
            {"refunds": [{"id": 1, "total": "-10.00", "reason": "late"}, {"id": 2, "total": "-2.50"}]},
            "paid",
            1250,
        ),
    ],
)
def test_woocommerce_statuses_and_refunds(
    store: Store, tmp_path: Path, fields: dict[str, Any], status: str, refunded: int
) -> None:
    path = tmp_path / "orders.json"
    path.write_text(json.dumps([woocommerce_order(**fields)]))
    import_file(store, path)
    order = Order.objects.get(store=store)
    assert (order.status, order.refunded) == (status, refunded)
    assert order.placed_at == datetime(2026, 1, 2, 9, tzinfo=UTC)  # the shop's zone, where there is no GMT


@pytest.mark.parametrize("given", [0, "0", None, ""])
def test_woocommerce_order_of_customer_0_is_a_guest_s(store: Store, tmp_path: Path, given: object) -> None:
    path = tmp_path / "orders.json"
    path.write_text(json.dumps([woocommerce_order(customer_id=given)]))
    import_file(store, path)
    customer = Customer.objects.get(store=store)
    assert (customer.external_id, customer.email, customer.is_guest) == (None, "ana@example.com", True)


@pytest.mark.parametrize(
    ("written", "hour"),
    [
        ({"date_created": "2026-01-02T10:00:00"}, 9),  # Berlin's
        ({"date_created": "2026-01-02T10:00:00+03:00"}, 7),
        ({"date_created": "2026-01-02T10:00:00Z"}, 10),
        ({"date_created": "2026-01-02T10:00:00", "date_created_gmt": "2026-01-02T08:00:00"}, 8),
        ({"date_created_gmt": "2026-01-02T08:00:00-05:00"}, 13),
    ],
)
def test_woocommerce_time_is_read_by_its_own_offset_where_it_has_one(
    store: Store, tmp_path: Path, written: dict[str, str], hour: int
) -> None:
    path = tmp_path / "orders.json"
    path.write_text(json.dumps([woocommerce_order(**written)]))
    import_file(store, path)
    assert Order.objects.get(store=store).placed_at == datetime(2026, 1, 2, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("total", "expected"), [("0.00", 0), (0, 0), ("", None), (None, None), ([], None), (" ", None)]
)
def test_woocommerce_total_is_stated_or_the_order_rejected(
    store: Store, tmp_path: Path, total: object, expected: int | None
) -> None:
    path = tmp_path / "orders.json"
    path.write_text(json.dumps([woocommerce_order(total=total)]))
    assert counts(import_file(store, path)) == ((0, 0, 0, 1) if expected is None else (1, 0, 0, 0))
    totals = Order.objects.filter(store=store).values_list("total", flat=True)
    assert list(totals) == ([] if expected is None else [expected])


def test_woocommerce_record_that_is_no_order_is_rejected_alone(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "orders.json"
    records = [
        woocommerce_order(number="5 😀"),
        woocommerce_order(id=6, line_items=[{"quantity": "many"}]),
        woocommerce_order(id=7, billing="nobody"),
        woocommerce_order(id=8, number="\ud800"),
        woocommerce_order(id=9, number="\0"),
    ]
    path.write_text(json.dumps(records))
    assert counts(import_file(store, path)) == (1, 0, 0, 4)
    assert Order.objects.get(store=store).number == "5 😀"


def test_webtoffee_orders(store: Store, shared_formats: Path, tmp_path: Path) -> None:
    header = next(
        csv.reader(
            io.StringIO((shared_formats / "woocommerce/webtoffee_order_export_header.csv").read_text())
        )
    )
    order = {
        "order_id": "81",
        "order_number": "81",
        "order_date": "2026-02-03 10:00:00",
        "status": "refunded",
        "order_total": "39.80",
        "order_subtotal": "33.45",
        "order_currency": "EUR",
        "customer_id": "0",
        "billing_email": "Ana@Example.com",
        "billing_first_name": "Ana",
        "billing_last_name": "Teszt",
        "line_item_1": "name:Mug|product_id:3|sku:MUG|quantity:2|total:39.80",
    }
    later = order | {
        "order_id": "82",
        "status": "completed",
        "customer_id": "12",
        "line_item_1": "",
        "Product Item 1 Name": "Plate",
        "Product Item 1 SKU": "PLT",
        "Product Item 1 Quantity": "1",
        "Product Item 1 Total": "39.80",
        "refund_items": "amount:5.00|reason:chipped",
    }
    unpriced = order | {"order_id": "83", "order_total": "", "status": "completed"}
    text = io.StringIO()
    writer = csv.DictWriter(text, header)
    writer.writeheader()
    writer.writerows([order, later, unpriced])
    assert counts(import_text(store, tmp_path, text.getvalue())) == (2, 0, 0, 1)
    assert "(column order_total)" in rejected_rows(store)
    first, second = Order.objects.filter(store=store).order_by("external_id")
    assert (first.refunded, second.refunded, first.customer_id) == (3980, 500, second.customer_id)
    assert first.customer.external_id == "12"
    assert [(line.product.external_id, line.quantity, line.unit_price) for line in first.lines.all()] == [
        ("MUG", 2, Decimal("19.9"))
    ]
    assert second.lines.get().product.title == "Plate"


PLAIN = (
    "order_id,customer_id,placed_at,total,email,refunded,status,currency,promised_on,delivered_at,carrier\n"
)


def test_plain_columns(store: Store, tmp_path: Path) -> None:
    text = (
        PLAIN
        + "1,ana,2026-01-02 10:00,40.00,Ana@Example.com,5.00,delivered,EUR,2026-01-05,2026-01-06 09:00,DHL\n"
    )
    import_text(store, tmp_path, text)
    order = Order.objects.get(store=store)
    assert (order.total, order.refunded, order.status, order.carrier) == (4000, 500, "paid", "DHL")
    assert str(order.promised_on) == "2026-01-05"
    assert order.delivered_at == datetime(2026, 1, 6, 8, tzinfo=UTC)
    assert (order.customer.external_id, order.customer.email) == ("ana", "ana@example.com")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("2,ana,2026-01-02,forty,,,,,,,", "“forty” isn't a number (column total, total)"),
        ("2,ana,2026-01-02,,,,,,,,", "The cell is blank; write the number, even if it is 0"),
        ("2,ana,2026-01-02,  ,,5.00,,,,,", "(column total, total)"),
        ("2,ana,someday,40.00,,,,,,,", "“someday” isn't a date (column placed_at, date)"),
        ("2,ana,,40.00,,,,,,,", "The order has no date"),
        ("2,ana,2026-01-02,40.00,,,,USD,,,", "The order is in USD and the store keeps its books in EUR"),
        ("2,ana,2026-01-02,40.00,,,melted,,,,", "“melted” isn't a status we know"),
        (",ana,2026-01-02,40.00,,,,,,,", "The row doesn't say which order it belongs to"),
        ("2,ana,2026-01-02", "The row has 3 cells where the header has 11"),
        ("x" * 121 + ",ana,2026-01-02,40.00,,,,,,,", "longer than 120"),
    ],
)
def test_row_that_cannot_be_taken_is_rejected_with_its_number_and_reason(
    store: Store, tmp_path: Path, row: str, reason: str
) -> None:
    good = "1,ana,2026-01-02,40.00,,,,,,,\n"
    assert counts(import_text(store, tmp_path, f"{PLAIN}{good}\n{row}\n")) == (1, 0, 0, 1)
    ((number, told, *cells),) = list(csv.reader(io.StringIO(rejected_rows(store))))[1:]
    assert number == "4"  # the header is row 1, and row 3 is blank
    assert reason in told
    assert cells == row.split(",")


@pytest.mark.parametrize(
    ("total", "status", "refunded", "expected"),
    [
        ("40.00", "refunded", "", 4000),
        ("40.00", "refunded", "0.00", 4000),
        ("40.00", "Refunded", "5.00", 500),
        ("40.00", "paid", "", 0),
        ("0.00", "refunded", "", 0),
        ("-40.00", "refunded", "", 0),
    ],
)
def test_status_refunded_without_a_sum_is_the_whole_total(
    store: Store, tmp_path: Path, total: str, status: str, refunded: str, expected: int
) -> None:
    import_text(store, tmp_path, f"{PLAIN}1,ana,2026-01-02,{total},,{refunded},{status},,,,\n")
    order = Order.objects.get(store=store)
    assert (order.status, order.refunded) == ("paid", expected)


@pytest.mark.parametrize(("again", "created"), [("30.00", 1), ("30", 1), ("31.00", 0)])
def test_shopify_order_with_two_totals_is_rejected(
    store: Store, tmp_path: Path, again: str, created: int
) -> None:
    text = (
        "Name,Email,Financial Status,Total,Created at,Lineitem quantity,Lineitem name,Lineitem price\n"
        "#1,ana@example.com,paid,30.00,2026-01-02 10:00:00 +0100,1,Mug,15.00\n"
        f"#1,ana@example.com,paid,{again},2026-01-02 10:00:00 +0100,1,Mug,15.00\n"
    )
    assert counts(import_text(store, tmp_path, text)) == (created, 0, 0, 2 - 2 * created)
    assert created or "different totals" in rejected_rows(store)


@pytest.mark.parametrize(
    ("status", "refunded", "expected"),
    [("refunded", "", 3000), ("refunded", "10.00", 1000), ("partially_refunded", "", 0), ("voided", "", 0)],
)
def test_shopify_order_refunded_without_a_sum_was_so_in_full(
    store: Store, tmp_path: Path, status: str, refunded: str, expected: int
) -> None:
    text = (
        "Name,Email,Financial Status,Total,Created at,Lineitem quantity,Lineitem name,Lineitem price,Refunded Amount\n"
        f"#1,ana@example.com,{status},30.00,2026-01-02 10:00:00 +0100,1,Mug,30.00,{refunded}\n"
    )
    import_text(store, tmp_path, text)
    assert Order.objects.get(store=store).refunded == expected


@pytest.mark.parametrize("total", ["0", "0.00", "€0.00"])
def test_order_whose_total_is_written_as_nothing_is_free(store: Store, tmp_path: Path, total: str) -> None:
    assert counts(import_text(store, tmp_path, f"{PLAIN}1,ana,2026-01-02,{total},,,,,,,\n")) == (1, 0, 0, 0)
    assert Order.objects.get(store=store).total == 0


def test_amounts_besides_the_total_are_0_where_blank(store: Store, tmp_path: Path) -> None:
    text = "order_id,customer_id,placed_at,total,refunded,discount,shipping,tax,subtotal\n1,ana,2026-01-02,40.00,,,,,\n"
    assert counts(import_text(store, tmp_path, text)) == (1, 0, 0, 0)
    order = Order.objects.get(store=store)
    amounts = (order.total, order.refunded, order.discount, order.shipping, order.tax, order.subtotal)
    assert amounts == (4000, 0, 0, 0, 0, 0)


def test_formula_without_a_stored_value_is_no_total(store: Store, tmp_path: Path) -> None:
    book = Workbook()
    for row in (["order_id", "customer_id", "placed_at", "total"], ["1", "ana", "2026-01-02", 40]):
        book.active.append(row)
    book.active.append(["2", "ana", "2026-01-03", "=20+20"])  # openpyxl keeps no value beside it, Excel would
    book.save(tmp_path / "orders.xlsx")
    assert counts(import_file(store, tmp_path / "orders.xlsx")) == (1, 0, 0, 1)
    assert "save the workbook in Excel if it is a formula (column total, total)" in rejected_rows(store)


@given(
    st.lists(st.sampled_from(["", " ", "'", "0", "0.00", "-3", "12.50", "1,200.00"]), min_size=1, max_size=40)
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_orders_without_a_total_are_rejected_wherever_they_stand(tmp_path: Path, totals: list[str]) -> None:
    path = tmp_path / "orders.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["order_id", "customer_id", "placed_at", "total"])
        writer.writerows([str(index), "ana", "2026-01-02", total] for index, total in enumerate(totals))
    with open_source(path, path.name, separator=",") as source:
        mapping = known_mapping(source.header, next(source.rows()))
        assert mapping is not None
        format_ = open_format(source.header, mapping, TERMS)
        groups = [group for batch in grouped(source, format_.key) for group in batch]
        found = list(format_.documents(groups))
    written = {"0": 0, "0.00": 0, "-3": -300, "12.50": 1250, "1,200.00": 120_000}
    read = [document.total if isinstance(document, OrderDocument) else None for document in found]
    assert read == [written.get(total) for total in totals]


def test_rejected_rows_cannot_run_as_formulas(store: Store, tmp_path: Path) -> None:
    import_text(store, tmp_path, PLAIN + "=cmd(),+1+1,@x,-5.00,,,,,,,\n")
    ((_number, _told, *cells),) = list(csv.reader(io.StringIO(rejected_rows(store))))[1:]
    assert cells[:4] == ["'=cmd()", "'+1+1", "'@x", "-5.00"]


def test_order_standing_twice_with_different_values_is_rejected_not_guessed(
    store: Store, tmp_path: Path
) -> None:
    rows = "1,ana,2026-01-02,40.00,,,,,,,\n2,bo,2026-01-02,1.00,,,,,,,\n1,ana,2026-01-02,50.00,,,,,,,\n"
    assert counts(import_text(store, tmp_path, PLAIN + rows)) == (1, 0, 0, 2)
    assert "more than once" in rejected_rows(store)


LINES = Mapping(
    grain="line",
    columns={
        "order_id": ("no",),
        "customer_id": ("who",),
        "placed_at": ("at",),
        "product_id": ("sku",),
        "quantity": ("n",),
        "unit_price": ("price",),
    },
    credit_note_prefix="C",
)
LINE_HEADER = ("no", "who", "at", "sku", "n", "price")


def lines_document(rows: list[list[str]]) -> OrderDocument:
    return MappedOrders(LINE_HEADER, LINES, TERMS).document(rows[0][0], rows, b"")


def test_total_is_the_exact_sum_rounded_once() -> None:
    rows = [["7", "ana", "2026-01-02", "a", "1", "0.333"]] * 3
    assert lines_document(rows).total == 100  # 0.999; rounding each line would give 99


def test_credit_note_by_its_prefix_is_negative_whichever_sign_the_file_writes() -> None:
    assert lines_document([["C7", "ana", "2026-01-02", "a", "2", "1.50"]]).total == -300
    assert lines_document([["C7", "ana", "2026-01-02", "a", "-2", "1.50"]]).total == -300


def test_order_is_placed_at_its_earliest_row() -> None:
    rows = [["7", "ana", f"2026-01-02 10:0{minute}", "a", "1", "1"] for minute in (1, 0, 2)]
    assert lines_document(rows).placed_at == datetime(2026, 1, 2, 9, 0, tzinfo=UTC)


def test_bad_line_is_blamed_by_its_place() -> None:
    rows = [["7", "ana", "2026-01-02", "a", "1", "1"], ["7", "ana", "2026-01-02", "b", "1", "one"]]
    with pytest.raises(RejectedError) as caught:
        lines_document(rows)
    assert caught.value.row == 1
    assert "price" in caught.value.reason


@pytest.mark.parametrize(
    ("blank", "column"), [(4, "(column n, quantity)"), (5, "(column price, unit price)")]
)
def test_line_without_its_price_or_quantity_is_blamed(blank: int, column: str) -> None:
    rows = [["7", "ana", "2026-01-02", sku, "1", "2.50"] for sku in "abc"]
    rows[1][blank] = " "
    with pytest.raises(RejectedError, match="blank") as caught:
        lines_document(rows)
    assert caught.value.row == 1
    assert column in caught.value.reason


def test_only_what_makes_the_total_must_be_written_in_a_line() -> None:
    columns = LINES.columns | {"line_total": ("price",), "unit_price": ("each",)}
    format_ = MappedOrders((*LINE_HEADER, "each"), replace(LINES, columns=columns), TERMS)
    rows = [["7", "ana", "2026-01-02", "a", "", "2.50", ""], ["7", "ana", "2026-01-02", "b", "2", "", "1"]]
    assert format_.document("7", rows[:1], b"").total == 250
    with pytest.raises(RejectedError, match="blank") as caught:
        format_.document("7", rows, b"")
    assert caught.value.row == 1


@pytest.mark.parametrize(
    ("totals", "expected"),
    [
        (["12.00", "", " "], 1200),
        (["", "12.00", "12.00"], 1200),
        (["", "0", " "], 0),
        (["12.00", "", "dozen"], (2, "isn't a number")),
        (["", "", ""], (0, "blank")),
        (["", " ", ""], (0, "blank")),
    ],
)
def test_total_may_stand_in_one_row_of_an_order_and_must_in_one(
    totals: list[str], expected: int | tuple[int, str]
) -> None:
    columns = LINES.columns | {"total": ("total",)}
    format_ = MappedOrders((*LINE_HEADER, "total"), replace(LINES, columns=columns), TERMS)
    rows = [["7", "ana", "2026-01-02", "a", "", "", total] for total in totals]
    if isinstance(expected, int):
        assert format_.document("7", rows, b"").total == expected
        return
    with pytest.raises(RejectedError, match=expected[1]) as caught:
        format_.document("7", rows, b"")
    assert caught.value.row == expected[0]


def test_rows_naming_different_customers_are_no_order() -> None:
    rows = [["7", who, "2026-01-02", "a", "1", "1"] for who in ("ana", "bo")]
    with pytest.raises(RejectedError, match="different customers"):
        lines_document(rows)


def test_every_row_of_a_bad_order_is_rejected(store: Store, tmp_path: Path) -> None:
    text = "no,who,at,sku,n,price\n7,ana,2026-01-02,a,1,1.50\n7,ana,2026-01-02,b,1,one\n8,bo,2026-01-02,a,1,2.50\n"
    assert counts(import_text(store, tmp_path, text, **LINES.to_dict())) == (1, 0, 0, 2)
    rows = list(csv.reader(io.StringIO(rejected_rows(store))))[1:]
    assert [row[0] for row in rows] == ["2", "3"]
    assert "row 3 of the same order" in rows[0][1].lower()


def test_ids_made_of_columns_count_equal_rows_apart(store: Store, tmp_path: Path) -> None:
    mapping = mapping_from(
        {
            "separator": "whitespace",
            "columns": {
                "order_id": ["customer_id", "date", "#"],
                "customer_id": "customer_id",
                "placed_at": "date",
                "total": "value",
            },
        }
    )
    text = " customer_id date value\n 1 19970101 11.77\n 1 19970101 11.77\n 2 19970101 5.00\n"
    assert counts(import_text(store, tmp_path, text, **mapping.to_dict())) == (3, 0, 0, 0)
    ids = Order.objects.filter(store=store).order_by("external_id").values_list("external_id", flat=True)
    assert list(ids) == ["1-19970101-1", "1-19970101-2", "2-19970101-1"]


WORD = st.text("abcdefghij ,;\"'\n=éőж", min_size=1, max_size=12).filter(lambda text: text.strip("' \n"))
SHOPIFY_LINE = st.fixed_dictionaries(
    {
        "Lineitem quantity": st.integers(1, 9).map(str),
        "Lineitem name": WORD,
        "Lineitem price": st.decimals(0, 999, places=2).map(str),
        "Lineitem sku": st.sampled_from(["", "A-1", "B-2"]),
    }
)


@given(
    st.lists(SHOPIFY_LINE, min_size=1, max_size=4),
    st.decimals(0, 9999, places=2),
    st.datetimes(datetime.fromisoformat("2015-01-01"), datetime.fromisoformat("2030-01-01")),
    WORD,
)
def test_shopify_order_is_read_as_written(
    lines: list[dict[str, str]], total: Decimal, placed: datetime, note: str
) -> None:
    placed = placed.replace(microsecond=0, tzinfo=UTC)
    own = {
        "Name": "#1",
        "Id": "7410991464714",
        "Financial Status": "paid",
        "Total": str(total),
        "Currency": "EUR",
        "Created at": f"{placed:%Y-%m-%d %H:%M:%S} +0000",
        "Notes": note,
        "Email": "ana@example.com",
    }
    header = [*own, *lines[0]]
    text = io.StringIO()
    writer = csv.DictWriter(text, header, restval="")
    writer.writeheader()
    writer.writerows([own | lines[0], *({"Name": "#1"} | line for line in lines[1:])])
    names, *rows = list(csv.reader(io.StringIO(text.getvalue(), newline="")))
    mapping = known_mapping(tuple(names), rows[0])
    assert mapping is not None
    document = open_format(tuple(names), mapping, TERMS).document("#1", rows, b"")
    assert isinstance(document, OrderDocument)
    assert (document.total, document.placed_at) == (int(total * 100), placed)
    assert [(quantity, price) for _article, quantity, price in document.lines.rows()] == [
        (Decimal(line["Lineitem quantity"]), Decimal(line["Lineitem price"])) for line in lines
    ]
    assert [
        article.external_id for article in document.lines.articles if article.external_id in ("A-1", "B-2")
    ] == [line["Lineitem sku"] for line in lines if line["Lineitem sku"]]
