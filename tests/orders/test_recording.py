from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Store
from orders.catalogue import Catalogue
from orders.documents import Article, Buyer, EventEntry, Line, Lines, OrderDocument, RefundEntry
from orders.models import Customer, DirtyCustomer, Order, OrderEvent, OrderLine, Product
from orders.recording import record_customers, record_orders
from tests.factories.accounts import make_store
from tests.factories.imports import holdings

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)
MUG = Article("MUG", "Mug")
ANA = Buyer("7", "ana@example.com", name="Ana", is_guest=False)


@pytest.fixture
def store() -> Store:
    return make_store()


def document(external_id: str = "1", *, lines: Sequence[Line] = (), **fields: object) -> OrderDocument:
    values: dict[str, object] = {"placed_at": MONDAY, "total": 1000, "buyer": ANA, "lines": Lines.of(lines)}
    return OrderDocument(external_id, **(values | fields))  # type: ignore[arg-type]


def line(quantity: str = "1", price: str = "10.00", article: Article = MUG) -> Line:
    return Line(article, Decimal(quantity), Decimal(price))


def test_new_orders_are_created_with_all_they_say(store: Store, app_role: None) -> None:
    said = document(
        lines=(line("2", "2.5550"), line("2", "2.5550"), line("-1.5", "0", Article(""))),
        refunds=(RefundEntry("r1", 300, MONDAY, "chipped"), RefundEntry("r2", 200)),
        events=(EventEntry("shipped", MONDAY), EventEntry("shipped", MONDAY)),
        shipped_at=MONDAY,
    )
    result = record_orders(store=store, documents=[said, document("2", buyer=Buyer())])
    assert (result.created, result.updated, result.unchanged) == (2, 0, 0)
    order = Order.objects.get(store=store, external_id="1")
    assert (order.total, order.refunded, order.net, order.shipped_at) == (1000, 500, 500, MONDAY)
    assert order.number == "1"
    assert result.customer_ids == {order.customer_id}
    assert [(each.position, each.quantity, each.unit_price) for each in order.lines.order_by("position")] == [
        (1, 2, Decimal("2.555")),
        (2, 2, Decimal("2.555")),
        (3, Decimal("-1.5"), 0),
    ]
    assert order.lines.get(position=3).product is None
    assert order.refunds.count() == 2
    assert order.events.count() == 1
    assert Order.objects.get(store=store, external_id="2").customer is None


def test_same_documents_again_touch_nothing(store: Store) -> None:
    said = [document(lines=(line(),)), document("2", total=-500)]
    record_orders(store=store, documents=said)
    DirtyCustomer.objects.all().delete()
    before = _row_versions()
    result = record_orders(store=store, documents=said)
    assert (result.created, result.updated, result.unchanged) == (0, 0, 2)
    assert result.customer_ids == frozenset()
    assert _row_versions() == before
    assert not DirtyCustomer.objects.exists()


def _row_versions() -> list[tuple[object, ...]]:
    """Where each row stands: a row that was written again stands elsewhere."""
    found: list[tuple[object, ...]] = []
    with connection.cursor() as cursor:
        for table in (
            "orders_order",
            "orders_orderline",
            "orders_customer",
            "orders_product",
            "orders_refund",
        ):
            cursor.execute(f"select '{table}', ctid::text, xmin::text from {table} order by 2")
            found += cursor.fetchall()
    return found


def test_document_that_says_the_same_in_other_words_changes_nothing_but_its_digest(store: Store) -> None:
    said = document(
        lines=(line(),), refunds=(RefundEntry("total", 5),), events=(EventEntry("shipped", MONDAY),)
    )
    record_orders(store=store, documents=[said._replace(digest=b"one")])
    DirtyCustomer.objects.all().delete()
    result = record_orders(store=store, documents=[said._replace(digest=b"two")])
    assert (result.created, result.updated, result.unchanged) == (0, 0, 1)
    assert not DirtyCustomer.objects.exists()
    assert bytes(Order.objects.get(store=store).source_digest or b"") == b"two"


def test_edited_order_is_updated_in_place(store: Store) -> None:
    record_orders(store=store, documents=[document(lines=(line(), line("2"))), document("2")])
    first = Order.objects.get(store=store, external_id="1")
    bo = Buyer("8", "bo@example.com")
    changed = document(
        total=700, buyer=bo, status="cancelled", lines=(line("3"),), refunds=(RefundEntry("t", 7),)
    )
    result = record_orders(store=store, documents=[changed, document("2")])
    assert (result.created, result.updated, result.unchanged) == (0, 1, 1)
    again = Order.objects.get(store=store, external_id="1")
    assert (again.id, again.total, again.status, again.refunded) == (first.id, 700, "cancelled", 7)
    assert [each.quantity for each in again.lines.all()] == [3]
    assert result.customer_ids == {first.customer_id, again.customer_id}


@pytest.mark.parametrize(
    "change",
    [
        {"lines": Lines.of([line("1", "10.01")])},
        {"refunds": (RefundEntry("total", 6),)},
        {"refunds": ()},
        {"events": (EventEntry("delivered", MONDAY),)},
    ],
)
def test_change_in_lines_refunds_or_events_alone_is_an_update(
    store: Store, change: dict[str, object]
) -> None:
    said = document(
        lines=(line(),), refunds=(RefundEntry("total", 5),), events=(EventEntry("shipped", MONDAY),)
    )
    record_orders(store=store, documents=[said])
    result = record_orders(store=store, documents=[said._replace(**change)])
    assert (result.created, result.updated, result.unchanged) == (0, 1, 0)
    assert record_orders(store=store, documents=[said._replace(**change)]).unchanged == 1


def test_events_told_by_the_team_stay_when_the_source_is_imported_again(store: Store) -> None:
    record_orders(store=store, documents=[document(events=(EventEntry("shipped", MONDAY),))])
    order = Order.objects.get(store=store)
    OrderEvent.objects.create(
        order=order, at=MONDAY, kind="message", channel="email", text="It is on its way."
    )
    record_orders(store=store, documents=[document(events=(EventEntry("delivered", MONDAY),))])
    assert set(order.events.values_list("kind", flat=True)) == {"message", "delivered"}


def test_guest_who_turns_out_to_be_registered_gives_them_their_orders(store: Store) -> None:
    record_orders(store=store, documents=[document("1", buyer=Buyer(email="new@example.com", is_guest=True))])
    record_orders(store=store, documents=[document("2", placed_at=MONDAY - timedelta(days=9))])
    moved = document("3", placed_at=MONDAY + timedelta(days=1), buyer=Buyer("7", "new@example.com"))
    result = record_orders(store=store, documents=[moved])
    ana = Customer.objects.get(store=store)
    assert (ana.external_id, ana.email, ana.orders.count()) == ("7", "new@example.com", 3)
    assert result.customer_ids == {ana.id}


def test_orders_that_say_nothing_but_an_id_find_their_customer_and_change_nothing(store: Store) -> None:
    record_orders(store=store, documents=[document("1")])
    before = Customer.objects.values().get(store=store)
    later = document("2", placed_at=MONDAY + timedelta(days=1), buyer=Buyer("7"))
    earlier = document("3", placed_at=MONDAY - timedelta(days=1), buyer=Buyer("7"))
    record_orders(store=store, documents=[later])
    assert Customer.objects.values().get(store=store) == before
    record_orders(store=store, documents=[earlier])
    assert Customer.objects.get(store=store).registered_at == earlier.placed_at
    assert Order.objects.filter(store=store, customer_id=before["id"]).count() == 3


@pytest.mark.parametrize("field", ["name", "country"])
def test_the_newest_of_what_orders_say_of_a_customer_holds_though_one_of_them_says_what_is_known(
    store: Store, field: str
) -> None:
    def said(external_id: str, day: int, value: str) -> OrderDocument:
        buyer = Buyer("7")._replace(**{field: value})
        return document(external_id, buyer=buyer, placed_at=MONDAY + timedelta(days=day))

    told = []
    for batch in (
        [said("1", 0, "Ana")],
        [said("2", 1, "Bea"), said("3", 2, "Ana")],
        [said("4", 3, "Ana"), said("5", 4, "")],
        [said("6", 5, "Bea"), said("7", 6, "Ana"), said("8", 7, "Bea")],
    ):
        record_orders(store=store, documents=batch)
        told.append(getattr(Customer.objects.get(store=store), field))
    assert told == ["Ana", "Ana", "Ana", "Bea"]
    assert Order.objects.filter(store=store, customer__external_id="7").count() == 8


def test_order_that_loses_its_identity_as_its_guest_is_joined_follows_the_guest(store: Store) -> None:
    record_orders(
        store=store,
        documents=[document("1", buyer=Buyer(email="new@example.com")), document("2")],
    )
    nameless = document("1", total=5, buyer=Buyer())
    moved = document("2", placed_at=MONDAY + timedelta(days=1), buyer=Buyer("7", "new@example.com"))
    record_orders(store=store, documents=[nameless, moved])
    ana = Customer.objects.get(store=store)
    assert set(ana.orders.values_list("external_id", "total")) == {("1", 5), ("2", 1000)}


def test_product_takes_the_title_of_the_newest_order_that_sells_it(store: Store) -> None:
    later, earlier = MONDAY + timedelta(days=1), MONDAY - timedelta(days=1)
    old = document("1", lines=(line(article=Article("M", "Old")),), placed_at=earlier)
    new = document("2", lines=(line(article=Article("M", "New")),))
    lost = document("3", lines=(line("-5", "0", Article("M", "damaged")),), placed_at=later)
    for said in ([new], [old], [lost]):
        record_orders(store=store, documents=said)
    assert Product.objects.get(store=store).title == "New"


def test_title_that_is_known_holds_against_an_older_one_that_comes_with_it(store: Store) -> None:
    """Also where the catalogue knows the title since a batch before, whose date is older than both."""
    catalogue = Catalogue(store)

    def sold(external_id: str, day: int, title: str) -> OrderDocument:
        said = (line(article=Article("M", title)),)
        return document(external_id, lines=said, placed_at=MONDAY + timedelta(days=day))

    for said in ([sold("1", 1, "Mug")], [sold("2", 3, "Cup"), sold("3", 5, "Mug")]):
        record_orders(store=store, documents=said, catalogue=catalogue)
    assert Product.objects.get(store=store).title == "Mug"
    record_orders(store=store, documents=[sold("4", 6, "Bowl")], catalogue=catalogue)
    assert Product.objects.get(store=store).title == "Bowl"


def test_credit_note_that_names_its_order_is_its_refund(store: Store) -> None:
    note = document("C1", total=-300, credits="1", placed_at=MONDAY + timedelta(days=3), lines=(line("-1"),))
    record_orders(store=store, documents=[document(), note])
    order = Order.objects.get(store=store)
    assert (order.external_id, order.refunded, order.net) == ("1", 300, 700)
    (refund,) = order.refunds.all()
    assert (refund.external_id, refund.amount, refund.refunded_at) == ("C1", 300, note.placed_at)
    assert record_orders(store=store, documents=[document(), note]).unchanged == 2
    edited = document(total=900)
    assert record_orders(store=store, documents=[edited]).updated == 1
    order.refresh_from_db()
    assert (order.total, order.refunded) == (900, 300)


def test_credit_note_waits_for_its_order(store: Store) -> None:
    note = document("C1", total=-300, credits="1")
    record_orders(store=store, documents=[note])
    waiting = Order.objects.get(store=store)
    assert (waiting.total, waiting.is_credit_note) == (-300, True)
    record_orders(store=store, documents=[document()])
    order = Order.objects.get(store=store)
    assert (order.external_id, order.refunded) == ("1", 300)
    assert not OrderLine.objects.filter(order_id=waiting.id).exists()


def test_other_stores_orders_are_not_touched(store: Store) -> None:
    other = make_store()
    record_orders(store=other, documents=[document(lines=(line(),))])
    before = holdings(other)
    record_orders(store=store, documents=[document(total=5, buyer=Buyer("7", "other@example.com"))])
    assert holdings(other) == before


def test_customers_are_created_updated_and_left_alone(store: Store) -> None:
    record_orders(store=store, documents=[document(buyer=Buyer(email="bo@example.com"))])
    buyers = [
        Buyer("7", "ana@example.com", name="Ana"),
        Buyer("8", "bo@example.com", name="Bo", accepts_email=True),
    ]
    result = record_customers(store=store, buyers=buyers)
    assert (result.created, result.updated, result.unchanged) == (1, 1, 0)
    bo = Customer.objects.get(store=store, external_id="8")
    assert (bo.name, bo.accepts_email, bo.orders.count()) == ("Bo", True, 1)
    again = record_customers(store=store, buyers=buyers)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)


IDS = [Buyer("7", is_guest=False), Buyer("9", is_guest=False), Buyer("9")]
BUYERS = st.sampled_from(
    [
        *IDS,
        Buyer("7", "ana@example.com", is_guest=False),
        Buyer("8", phone="+361111111", is_guest=False),
        Buyer(email="ana@example.com", is_guest=True),
        Buyer(email="bo@example.com", is_guest=True),
        Buyer(phone="+361111111", is_guest=True),
        Buyer(),
    ]
)
LINES = st.lists(st.tuples(st.sampled_from(["1", "2"]), st.sampled_from(["1.50", "0"])), max_size=3)
REFUNDS = st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 50)), max_size=1)


def documents_of(buyers: st.SearchStrategy[Buyer]) -> st.SearchStrategy[list[OrderDocument]]:
    one = st.builds(
        lambda number, hours, total, buyer, lines, refunds: OrderDocument(
            f"order {number}",
            MONDAY + timedelta(hours=hours),
            total,
            buyer,
            lines=Lines.of(line(*said) for said in lines),
            refunds=tuple(RefundEntry(*said) for said in refunds),
        ),
        st.integers(0, 11),
        st.integers(0, 400),
        st.integers(-500, 5000),
        buyers,
        LINES,
        REFUNDS,
    )
    return st.lists(one, unique_by=lambda said: said.external_id, max_size=12)


@given(
    said=documents_of(BUYERS) | documents_of(st.sampled_from(IDS)),
    order=st.randoms(use_true_random=False),
    cut=st.integers(0, 12),
    overlap=st.integers(0, 4),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_parts_in_any_order_with_any_overlap_are_the_whole(
    said: list[OrderDocument], order: object, cut: int, overlap: int
) -> None:
    whole, parts = make_store(), make_store()
    record_orders(store=whole, documents=said)
    shuffled = said.copy()
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    results = [
        record_orders(store=parts, documents=part)
        for part in (shuffled[:cut], shuffled[max(0, cut - overlap) :], shuffled)
    ]
    assert holdings(parts) == holdings(whole)
    assert sum(result.created for result in results) == len(said)
    assert results[-1].unchanged == len(said)
