-- Deletes the lines of some orders that are about to be written again.
-- Grain: one row deleted. Parameters: order_ids.
delete from orders_orderline where order_id = any(%(order_ids)s)
