-- The lines of some orders, in order.
-- Grain: one row per line. Source: order lines. Parameters: order_ids.
select order_id, position, product_id, quantity, unit_price
from orders_orderline
where order_id = any(%(order_ids)s)
order by order_id, position
