-- The orders that documents name, as they are stored.
-- Grain: one row an order. Source: orders. Parameters: store_id, external_ids (a JSON
-- array: thousands of texts are written into a statement one by one, a JSON text at once).
select id, external_id, source_digest, source_import_id, created_at, customer_id
from orders_order
where store_id = %(store_id)s and external_id = any(array(select jsonb_array_elements_text(%(external_ids)s::jsonb)))
