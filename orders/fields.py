"""The fields of an order that a column can hold, and the names that shops give such columns. Data, no logic."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Field:
    """One field. `names` are usual headers, lower case without signs between words; the likeliest first."""

    key: str
    label: str
    names: tuple[str, ...]
    is_of_line: bool = False


_ALL = (
    Field("order_id", "Order", (
        "order id", "order", "order number", "order no", "orderid", "invoice", "invoice no", "invoice number",
        "invoice id", "basket id", "transaction id", "receipt number", "name", "number", "id", "bestellnummer",
        "rendelésszám", "номер заказа", "заказ",
    )),
    Field("number", "Order number people see", ("order number", "display number", "order name")),
    Field("customer_id", "Customer", (
        "customer id", "customer", "customerid", "customer number", "client id", "user id", "household id",
        "member id", "buyer id", "kundennummer", "vevőkód", "id клиента", "клиент",
    )),
    Field("email", "E-mail", (
        "email", "e mail", "customer email", "billing email", "email address", "buyer email", "e mail cím",
        "почта", "электронная почта",
    )),
    Field("phone", "Phone", ("phone", "telephone", "mobile", "billing phone", "customer phone", "telefon", "телефон")),
    Field("customer_name", "Customer’s name", (
        "customer name", "billing name", "full name", "buyer name", "buyer", "kunde", "név", "имя", "фио",
    )),
    Field("placed_at", "Date", (
        "placed at", "order date", "date", "created at", "invoice date", "invoicedate", "ordered at", "date created",
        "transaction timestamp", "timestamp", "purchase date", "datum", "dátum", "дата", "дата заказа", "time",
    )),
    Field("total", "Total", (
        "total", "order total", "amount", "grand total", "total amount", "dollar value", "sum", "total price",
        "summe", "gesamtbetrag", "végösszeg", "összeg", "итого", "сумма",
    )),
    Field("refunded", "Refunded", ("refunded", "refunded amount", "refund", "amount refunded", "refund total")),
    Field("status", "Status", ("status", "order status", "financial status", "payment status", "állapot", "статус")),
    Field("currency", "Currency", ("currency", "order currency", "currency code", "währung", "pénznem", "валюта")),
    Field("channel", "Channel", ("channel", "source", "sales channel", "source name")),
    Field("payment_method", "Payment method", (
        "payment method", "payment", "payment type", "gateway", "payment method title",
    )),
    Field("promised_on", "Promised delivery", (
        "promised on", "promised date", "estimated delivery", "delivery promise", "expected delivery", "due date",
    )),
    Field("shipped_at", "Shipped", ("shipped at", "shipped", "ship date", "shipped date", "fulfilled at", "dispatched at")),
    Field("delivered_at", "Delivered", ("delivered at", "delivered", "delivery date", "delivered date")),
    Field("cancelled_at", "Cancelled", ("cancelled at", "canceled at", "cancel date")),
    Field("carrier", "Carrier", ("carrier", "shipping carrier", "courier", "shipping company name")),
    Field("country", "Country", (
        "country", "billing country", "shipping country", "country code", "land", "ország", "страна",
    )),
    Field("discount_code", "Discount code", ("discount code", "coupon", "coupon code", "voucher", "promo code")),
    Field("subtotal", "Subtotal", ("subtotal", "order subtotal", "sub total", "net amount")),
    Field("discount", "Discount", ("discount", "discount amount", "discount total")),
    Field("shipping", "Shipping", ("shipping", "shipping total", "shipping cost", "delivery cost", "postage")),
    Field("tax", "Tax", ("tax", "taxes", "tax total", "vat", "mwst", "áfa", "ндс")),
    Field("accepts_email", "Consent to e-mail", ("accepts marketing", "accepts email marketing", "newsletter")),
    Field("credits_order", "Order credited", ("credits order", "credited order", "refund of", "original order", "parent order")),
    Field("product_id", "Product", (
        "sku", "product id", "stock code", "stockcode", "lineitem sku", "item code", "article number", "product",
        "artikelnummer", "cikkszám", "артикул",
    ), True),
    Field("product_title", "Product’s title", (
        "description", "product name", "lineitem name", "product title", "item name", "title", "item", "termék",
        "товар", "наименование",
    ), True),
    Field("product_category", "Product’s category", ("category", "product category", "department", "product type"), True),
    Field("quantity", "Quantity", (
        "quantity", "qty", "lineitem quantity", "units", "item quantity", "menge", "mennyiség", "количество",
    ), True),
    Field("unit_price", "Unit price", (
        "unit price", "unitprice", "price", "lineitem price", "item price", "einzelpreis", "egységár", "цена",
    ), True),
    Field("line_total", "Line total", ("line total", "sales value", "row total", "item total", "line amount"), True),
)  # fmt: skip

FIELDS: dict[str, Field] = {field.key: field for field in _ALL}
LINE_FIELDS = frozenset(field.key for field in _ALL if field.is_of_line)
MOMENT_FIELDS = frozenset({"placed_at", "promised_on", "shipped_at", "delivered_at", "cancelled_at"})
NUMBER_FIELDS = frozenset(
    {"total", "refunded", "subtotal", "discount", "shipping", "tax", "quantity", "unit_price", "line_total"}
)
