-- Grain: one row of orders_guestmonth per store, local month of the first order, and how soon they registered.
-- Of the customers that bought first as guests; all months, since a customer's first order can change.
-- Sources: orders_customer, orders_order (the first document of each), accounts_store (its time zone).
-- Parameters: store_id.
with beginners as (
    select
        orders_customer.external_id,
        orders_customer.registered_at,
        accounts_store.timezone,
        earliest.placed_at
    from orders_customer
    join accounts_store on accounts_store.id = orders_customer.store_id
    cross join lateral (
        select orders_order.placed_at
        from orders_order
        where
            orders_order.store_id = orders_customer.store_id
            and orders_order.customer_id = orders_customer.id
        order by orders_order.placed_at
        limit 1
    ) as earliest
    where
        orders_customer.store_id = %(store_id)s
        and (orders_customer.external_id is null or orders_customer.first_seen_as_guest)
),

measured as (
    select
        date_trunc('month', placed_at at time zone timezone)::date as month,
        case
            when external_id is null then null
            when registered_at < placed_at + interval '7 days' then 7
            when registered_at < placed_at + interval '30 days' then 30
            when registered_at < placed_at + interval '90 days' then 90
            when registered_at < placed_at + interval '180 days' then 180
            when registered_at < placed_at + interval '365 days' then 365
            else 9999
        end as within_days,
        count(*) as customers
    from beginners
    group by 1, 2
)

merge into orders_guestmonth as kept
using measured as made
    on
        kept.store_id = %(store_id)s
        and kept.month = made.month
        and coalesce(kept.within_days, 0) = coalesce(made.within_days, 0)
when matched and kept.customers <> made.customers then update set customers = made.customers
when not matched then insert (store_id, month, within_days, customers)
values (%(store_id)s, made.month, made.within_days, made.customers)
when not matched by source and kept.store_id = %(store_id)s then delete
