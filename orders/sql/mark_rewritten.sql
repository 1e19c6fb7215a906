-- Says of orders whose lines, refunds or events were replaced what they were last written from.
-- Grain: one row per order. Source: staged_order. Parameters: ids.
update orders_order
set source_digest = said.source_digest, source_import_id = said.source_import_id
from staged_order as said
where orders_order.id = said.id and said.id = any(%(ids)s)
