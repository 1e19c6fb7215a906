-- Deletes the refunds of some orders that are about to be written again.
-- Grain: one row deleted. Parameters: order_ids.
delete from orders_refund where order_id = any(%(order_ids)s) and source_digest is null
