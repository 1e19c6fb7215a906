-- Deletes credit notes that have become refunds.
-- Grain: one row per order. Parameters: note_ids.
delete from orders_order where id = any(%(note_ids)s)
