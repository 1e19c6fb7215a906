-- Everybody who has an order that counts, with what retention asks of them, for the statements that follow.
-- Grain: one row per customer. It lasts until the end of the transaction, or until it is made again within one.
-- Sources: orders_order (the days through its covering index; the rest of the first order from the table),
-- orders_customer, orders_orderline and orders_product for the category of the first line.
-- Parameters: store_id; timezone: it decides the day; until: orders from this moment on are not looked at.
-- Of two orders placed at one moment the one written first is the first.
drop table if exists pg_temp.retention_customer;

create temporary table retention_customer on commit drop as
with counted as (
    select
        customer_id,
        min(placed_at) as first_at,
        (array_agg(placed_at order by placed_at))[2] as second_at
    from orders_order
    where store_id = %(store_id)s
        and placed_at < %(until)s
        and customer_id is not null
        and counted
    group by customer_id
),
firsts as (
    select distinct on (counted.customer_id)
        counted.customer_id,
        counted.first_at,
        counted.second_at,
        first_order.id as order_id,
        first_order.channel,
        first_order.days_late,
        first_order.delivered_at
    from counted
    join orders_order as first_order
        on first_order.store_id = %(store_id)s
        and first_order.customer_id = counted.customer_id
        and first_order.placed_at = counted.first_at
        and first_order.counted
    order by counted.customer_id, first_order.id
)
select
    firsts.customer_id,
    date_trunc('month', firsts.first_at at time zone %(timezone)s)::date as cohort,
    (firsts.first_at at time zone %(timezone)s)::date as first_on,
    (firsts.second_at at time zone %(timezone)s)::date as second_on,
    firsts.channel,
    coalesce(product.category, '') as category,
    case when customer.first_seen_as_guest then 'guest' else 'registered' end as buyer,
    firsts.days_late,
    firsts.delivered_at
from firsts
join orders_customer as customer on customer.id = firsts.customer_id
left join orders_orderline as line on line.order_id = firsts.order_id and line.position = 1
left join orders_product as product on product.id = line.product_id;

analyze pg_temp.retention_customer
