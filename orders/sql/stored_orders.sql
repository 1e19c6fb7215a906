-- The orders that documents name, as they are stored.
-- Grain: one row an order. Source: orders. Parameters: store_id, external_ids (text of an array).
select id, external_id, source_digest, source_import_id, created_at, customer_id
from orders_order
where store_id = %(store_id)s and external_id = any(%(external_ids)s::text[])
