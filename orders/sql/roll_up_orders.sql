-- Grain: one row: how many rows of orders_orderday (a store and local day with a document) and of orders_ordermonth
-- (a store, local month, facet and value) were written; only those that differ are.
-- Sources: orders_order, orders_customer, accounts_store (its time zone decides day and month).
-- Parameters: store_id; months (date[]): first days of the local months to make again; other months stay.
with documents as (
    select
        period.month,
        (orders_order.placed_at at time zone accounts_store.timezone)::date as day,
        orders_order.channel,
        orders_order.payment_method,
        case
            when orders_customer.id is null then 'unknown'
            when orders_customer.external_id is null then 'guest'
            when orders_customer.first_seen_as_guest then 'later'
            else 'registered'
        end as buyer,
        orders_order.customer_id,
        orders_order.status in ('pending', 'paid') and orders_order.total >= 0 as stands,
        orders_order.status in ('cancelled', 'voided') as cancelled,
        orders_order.counted,
        orders_order.valued,
        orders_order.total,
        orders_order.net,
        orders_order.refunded
    from unnest(%(months)s::date[]) as period (month)
    join accounts_store on accounts_store.id = %(store_id)s
    -- The index finds the month in UTC and a day on either side; the store's time zone then decides what is in it.
    join orders_order
        on
            orders_order.store_id = %(store_id)s
            and orders_order.placed_at >= (period.month - interval '1 day') at time zone 'UTC'
            and orders_order.placed_at < (period.month + interval '1 month 1 day') at time zone 'UTC'
            and date_trunc('month', orders_order.placed_at at time zone accounts_store.timezone) = period.month
    left join orders_customer on orders_customer.id = orders_order.customer_id
),

measured as (
    select
        month,
        day,
        case
            when grouping(channel) = 0 then 'channel'
            when grouping(payment_method) = 0 then 'payment'
            when grouping(buyer) = 0 then 'buyer'
            else 'all'
        end as facet,
        coalesce(channel, payment_method, buyer, '') as value,
        count(*) filter (where stands) as orders,
        count(*) filter (where counted) as counted,
        count(*) filter (where counted and customer_id is not null) as identified,
        coalesce(sum(net) filter (where valued), 0) as net,
        count(*) filter (where stands and refunded > 0) as refunded_orders,
        coalesce(sum(refunded) filter (where stands), 0) as refunded,
        count(*) filter (where cancelled) as cancelled,
        count(*) filter (where total < 0 and not cancelled) as credit_notes
    from documents
    group by grouping sets ((day), (month), (month, channel), (month, payment_method), (month, buyer))
),

days as (
    merge into orders_orderday as kept
    using (select * from measured where day is not null) as made
        on kept.store_id = %(store_id)s and kept.day = made.day
    when matched and (
        kept.orders, kept.counted, kept.identified, kept.net,
        kept.refunded_orders, kept.refunded, kept.cancelled, kept.credit_notes
    ) is distinct from (
        made.orders, made.counted, made.identified, made.net,
        made.refunded_orders, made.refunded, made.cancelled, made.credit_notes
    ) then update set (
        orders, counted, identified, net, refunded_orders, refunded, cancelled, credit_notes
    ) = (
        made.orders, made.counted, made.identified, made.net,
        made.refunded_orders, made.refunded, made.cancelled, made.credit_notes
    )
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
    returning 1
),

months as (
    merge into orders_ordermonth as kept
    using (select * from measured where month is not null) as made
        on
            kept.store_id = %(store_id)s
            and kept.month = made.month
            and kept.facet = made.facet
            and kept.value = made.value
    when matched and (
        kept.orders, kept.counted, kept.identified, kept.net,
        kept.refunded_orders, kept.refunded, kept.cancelled, kept.credit_notes
    ) is distinct from (
        made.orders, made.counted, made.identified, made.net,
        made.refunded_orders, made.refunded, made.cancelled, made.credit_notes
    ) then update set (
        orders, counted, identified, net, refunded_orders, refunded, cancelled, credit_notes
    ) = (
        made.orders, made.counted, made.identified, made.net,
        made.refunded_orders, made.refunded, made.cancelled, made.credit_notes
    )
    when not matched then insert (
        store_id, month, facet, value, orders, counted, identified, net,
        refunded_orders, refunded, cancelled, credit_notes
    ) values (
        %(store_id)s, made.month, made.facet, made.value, made.orders, made.counted, made.identified, made.net,
        made.refunded_orders, made.refunded, made.cancelled, made.credit_notes
    )
    when not matched by source
    and kept.store_id = %(store_id)s
    and kept.month = any(%(months)s::date[]) then delete
    returning 1
)

select (select count(*) from days) + (select count(*) from months) as written
