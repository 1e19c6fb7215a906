-- Brings orders up to date, those that differ.
-- Grain: one row per order that differed: its id. Source: staged_order. No parameters.
merge into orders_order as stored
using staged_order as said
on stored.id = said.id
when matched and (
        stored.customer_id, stored.number, stored.placed_at, stored.status, stored.channel,
        stored.payment_method, stored.promised_on, stored.shipped_at, stored.delivered_at,
        stored.carrier, stored.country, stored.discount_code, stored.subtotal, stored.discount,
        stored.shipping, stored.tax, stored.total, stored.refunded, stored.credits
    ) is distinct from (
        said.customer_id, said.number, said.placed_at, said.status, said.channel,
        said.payment_method, said.promised_on, said.shipped_at, said.delivered_at, said.carrier,
        said.country, said.discount_code, said.subtotal, said.discount, said.shipping, said.tax,
        said.total, said.refunded, said.credits
    ) then update set
    customer_id = said.customer_id,
    number = said.number,
    placed_at = said.placed_at,
    status = said.status,
    channel = said.channel,
    payment_method = said.payment_method,
    promised_on = said.promised_on,
    shipped_at = said.shipped_at,
    delivered_at = said.delivered_at,
    carrier = said.carrier,
    country = said.country,
    discount_code = said.discount_code,
    subtotal = said.subtotal,
    discount = said.discount,
    shipping = said.shipping,
    tax = said.tax,
    total = said.total,
    refunded = said.refunded,
    credits = said.credits,
    source_digest = said.source_digest,
    source_import_id = said.source_import_id
returning stored.id
