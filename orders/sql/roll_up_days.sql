-- Grain: one row of orders_orderday a store and local day with a document. Only rows that differ are written.
-- Sources: orders_order, accounts_store (its time zone decides the day).
-- Parameters: store_id; months (date[]): first days of the local months to make again; other months stay.
with periods as (
    select
        period.month::timestamp at time zone accounts_store.timezone as starts,
        (period.month + interval '1 month') at time zone accounts_store.timezone as ends,
        accounts_store.timezone
    from unnest(%(months)s::date[]) as period (month)
    join accounts_store on accounts_store.id = %(store_id)s
),

documents as (
    select
        (orders_order.placed_at at time zone periods.timezone)::date as day,
        orders_order.customer_id,
        orders_order.status in ('pending', 'paid') and orders_order.total >= 0 as stands,
        orders_order.status in ('cancelled', 'voided') as cancelled,
        orders_order.counted,
        orders_order.valued,
        orders_order.total,
        orders_order.net,
        orders_order.refunded
    from periods
    join orders_order
        on
            orders_order.store_id = %(store_id)s
            and orders_order.placed_at >= periods.starts
            and orders_order.placed_at < periods.ends
),

measured as (
    select
        day,
        count(*) filter (where stands) as orders,
        count(*) filter (where counted) as counted,
        count(*) filter (where counted and customer_id is not null) as identified,
        coalesce(sum(net) filter (where valued), 0) as net,
        count(*) filter (where stands and refunded > 0) as refunded_orders,
        coalesce(sum(refunded) filter (where stands), 0) as refunded,
        count(*) filter (where cancelled) as cancelled,
        count(*) filter (where total < 0 and not cancelled) as credit_notes
    from documents
    group by day
)

merge into orders_orderday as kept
using measured as made
    on kept.store_id = %(store_id)s and kept.day = made.day
when matched and (
    kept.orders, kept.counted, kept.identified, kept.net,
    kept.refunded_orders, kept.refunded, kept.cancelled, kept.credit_notes
) is distinct from (
    made.orders, made.counted, made.identified, made.net,
    made.refunded_orders, made.refunded, made.cancelled, made.credit_notes
) then update set
    orders = made.orders,
    counted = made.counted,
    identified = made.identified,
    net = made.net,
    refunded_orders = made.refunded_orders,
    refunded = made.refunded,
    cancelled = made.cancelled,
    credit_notes = made.credit_notes
when not matched then insert (
    store_id, day, orders, counted, identified, net,
    refunded_orders, refunded, cancelled, credit_notes
) values (
    %(store_id)s, made.day, made.orders, made.counted, made.identified, made.net,
    made.refunded_orders, made.refunded, made.cancelled, made.credit_notes
)
when not matched by source
and kept.store_id = %(store_id)s
and date_trunc('month', kept.day)::date = any(%(months)s::date[]) then delete
