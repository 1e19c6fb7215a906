-- Grain: one row per local month from the store's first document to its last, and each that has a roll-up already.
-- Sources: orders_order, accounts_store (its time zone), orders_ordermonth, orders_orderday, orders_deliverymonth.
-- Parameters: store_id.
select generate_series(
    date_trunc('month', min(orders_order.placed_at) at time zone accounts_store.timezone),
    date_trunc('month', max(orders_order.placed_at) at time zone accounts_store.timezone),
    interval '1 month'
)::date as month
from orders_order
join accounts_store on accounts_store.id = orders_order.store_id
where orders_order.store_id = %(store_id)s
group by accounts_store.timezone
union
select month from orders_ordermonth where store_id = %(store_id)s
union
select date_trunc('month', day)::date from orders_orderday where store_id = %(store_id)s
union
select month from orders_deliverymonth where store_id = %(store_id)s
order by month
