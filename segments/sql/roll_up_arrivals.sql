-- Grain: one row of segments_arrivalday a store and day on which customers placed their first counted order.
-- Source: segments_customerstats. Only rows that differ are written.
-- Parameters: store_id.
with arrivals as (
    select first_on as day, count(*)::int as customers
    from segments_customerstats
    where store_id = %(store_id)s and first_on is not null
    group by first_on
)

merge into segments_arrivalday as kept
using arrivals
    on kept.store_id = %(store_id)s and kept.day = arrivals.day
when matched and kept.customers is distinct from arrivals.customers then update set
    customers = arrivals.customers
when not matched then insert (store_id, day, customers) values (%(store_id)s, arrivals.day, arrivals.customers)
when not matched by source and kept.store_id = %(store_id)s then delete
