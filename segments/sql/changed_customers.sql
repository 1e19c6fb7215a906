-- Customers whose statistics may differ from what is kept, taken out of the log of changes.
-- Grain: one row. `changed` is their number; `customer_ids` their ids, NULL where they are so many that
-- recomputing everybody is quicker.
-- Sources: orders_dirtycustomer (drained, never truncated: what others commit meanwhile stays in it),
-- orders_order, segments_customerstats.
-- Parameters: store_id; rebuild_share; day_from, day_until: orders placed in between are newly counted by the
-- refresh, or no longer; window_from, window_until: the same for the far end of the window (NULL where there is
-- none).
with drained as (
    delete from orders_dirtycustomer
    where store_id = %(store_id)s
    returning customer_id
),
changed as (
    select customer_id from drained
    union
    select customer_id from orders_order
    where store_id = %(store_id)s and placed_at >= %(day_from)s and placed_at < %(day_until)s
    union
    select customer_id from orders_order
    where store_id = %(store_id)s and placed_at >= %(window_from)s and placed_at < %(window_until)s
),
least_known as (
    -- the customers there must be for these to be looked up one by one
    select ceil(count(*) / %(rebuild_share)s)::bigint as customers from changed
),
enough as (
    -- counted no further than that, as an exact count would read the whole table
    select count(*) as customers
    from (
        select from segments_customerstats where store_id = %(store_id)s limit (select customers from least_known)
    ) as counted
)
select
    count(customer_id) as changed,
    case
        when (select customers from enough) >= (select customers from least_known)
            then coalesce(array_agg(customer_id) filter (where customer_id is not null), '{}')
    end as customer_ids
from changed
