-- Where orders whose documents changed wait to be merged; empty at every commit.
create temporary table if not exists staged_order on commit delete rows as
select
    id, store_id, customer_id, external_id, number, placed_at, status, channel, payment_method,
    promised_on, shipped_at, delivered_at, carrier, country, discount_code,
    subtotal, discount, shipping, tax, total, refunded, credits,
    source_digest, source_import_id, created_at
from orders_order
with no data
