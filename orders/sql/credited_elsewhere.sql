-- What credit notes of their own have refunded of some orders.
-- Grain: one row per order with such refunds. Source: refunds. Parameters: order_ids. Minor units.
select order_id, sum(amount)::bigint as amount
from orders_refund
where order_id = any(%(order_ids)s) and source_digest is not null
group by order_id
