-- What people ordered after a past day.
-- Grain: one row per customer with an order document in the stretch; a table that lasts until the end of the
-- transaction. Source: orders_order through its covering index.
-- Parameters: store_id; since, until: orders placed from the one moment on and before the other are looked at.
create temporary table outcomes on commit drop as
select
    customer_id,
    count(*) filter (where counted)::int as orders,
    coalesce(sum(net) filter (where valued), 0)::bigint as spend
from orders_order
where store_id = %(store_id)s
    and placed_at >= %(since)s
    and placed_at < %(until)s
    and customer_id is not null
group by customer_id
