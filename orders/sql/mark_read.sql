-- Remembers the digest of documents that say the same as before in other words (another export's columns).
-- Grain: one row per order. Source: staged_order. Parameters: ids.
update orders_order
set source_digest = said.source_digest
from staged_order as said
where orders_order.id = said.id and said.id = any(%(ids)s)
