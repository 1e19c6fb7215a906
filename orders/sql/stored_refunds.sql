-- The refunds of some orders that came with the order itself (not as credit notes of their own).
-- Grain: one row per refund. Source: refunds. Parameters: order_ids.
select order_id, external_id, amount, refunded_at, reason
from orders_refund
where order_id = any(%(order_ids)s) and source_digest is null
order by order_id, id
