-- Credit notes that were settled: they are refunds of the orders they name.
-- Grain: one row per refund. Source: refunds, orders. Parameters: store_id, credited_ids and note_ids (external ids).
select orders_refund.external_id, orders_refund.source_digest
from orders_refund
join orders_order on orders_order.id = orders_refund.order_id
where
    orders_order.store_id = %(store_id)s
    and orders_order.external_id = any(%(credited_ids)s)
    and orders_refund.external_id = any(%(note_ids)s)
    and orders_refund.source_digest is not null
