-- Deletes the events of some orders that are about to be written again.
-- Grain: one row deleted. Parameters: order_ids.
delete from orders_orderevent where order_id = any(%(order_ids)s) and channel = '' and text = ''
