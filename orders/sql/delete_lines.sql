-- Takes away the lines of some orders that are about to be written anew.
-- Grain: one row deleted. Parameters: order_ids.
delete from orders_orderline where order_id = any(%(order_ids)s)
