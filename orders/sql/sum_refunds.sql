-- Sets what was refunded of orders to the sum of their refunds.
-- Grain: one row per order that changed. Source: refunds. Parameters: order_ids.
update orders_order
set refunded = given_back.amount
from (
    select order_id, sum(amount)::bigint as amount
    from orders_refund
    where order_id = any(%(order_ids)s)
    group by order_id
) as given_back
where orders_order.id = given_back.order_id and orders_order.refunded <> given_back.amount
