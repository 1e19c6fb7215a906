-- When customers first and last ordered.
-- Grain: one row per customer with an order. Source: orders. Parameters: store_id, customer_ids (text of an array).
-- In microseconds since 1970: numbers are read faster than moments. One pass for all of them and a constant array:
-- subqueries, or a join, were seen to read the whole store once per customer when a bulk load had left the planner
-- with statistics of an empty table.
select
    customer_id,
    (extract(epoch from min(placed_at)) * 1000000)::bigint as first_us,
    (extract(epoch from max(placed_at)) * 1000000)::bigint as last_us
from orders_order
where store_id = %(store_id)s and customer_id = any(%(customer_ids)s::bigint[])
group by customer_id
