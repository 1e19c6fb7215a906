-- The orders that documents name, as they are stored.
-- `created_us`: in microseconds since 1970; numbers are read faster than moments.
-- Grain: one row per order. Source: orders. Parameters: store_id, external_ids (text of an array).
select
    id, external_id, source_digest as digest, source_import_id as import_id, customer_id,
    (extract(epoch from created_at) * 1000000)::bigint as created_us
from orders_order
where store_id = %(store_id)s and external_id = any(%(external_ids)s::text[])
