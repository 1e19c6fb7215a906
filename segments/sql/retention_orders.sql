-- Every counted order of a known customer, with the day of the same customer's next one.
-- Grain: one row per order. It lasts until the end of the transaction, or until it is made again within one.
-- Source: orders_order through its covering index, in its order.
-- Parameters: store_id; timezone: it decides the day; until: orders from this moment on are not looked at.
drop table if exists pg_temp.retention_order;

create temporary table retention_order on commit drop as
select
    customer_id,
    row_number() over by_customer as number,
    (placed_at at time zone %(timezone)s)::date as day,
    (lead(placed_at) over by_customer at time zone %(timezone)s)::date as next_day
from orders_order
where store_id = %(store_id)s
    and placed_at < %(until)s
    and customer_id is not null
    and counted
window by_customer as (partition by customer_id order by placed_at);

analyze pg_temp.retention_order
