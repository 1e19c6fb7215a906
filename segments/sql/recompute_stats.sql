-- Statistics of some customers, or of all, computed from their orders: those that differ from what is kept wait in
-- segments_freshfigures, where cut_points.sql and score_customers.sql find them, so that each is written once, with
-- its scores. Statistics of customers who no longer exist are deleted.
-- Grain: one row. `recomputed` customers looked at, `written` rows that differed.
-- Sources: orders_customer (also those without an order), orders_order through its covering index,
-- orders_orderevent (the last contact, whenever it was).
-- Parameters: store_id; customer_ids (NULL: all of the store); timezone: it decides the day; until: orders
-- from this moment on are not looked at; window_from: frequency, monetary and last_on count orders from this moment
-- on ('-infinity': all); the lifetime columns ignore it. customer_ids is a constant to the planner: with NULL each
-- table is scanned in order; otherwise each is read by index, which is why every table has the condition (events are
-- looked up by the orders' ids). Run it with enable_nestloop off: for a store just imported there are no planner
-- statistics, and a nested loop planned for one customer took 55 s for 4,372.
with totals as (
    select
        customer_id,
        count(*) filter (where counted and placed_at >= %(window_from)s) as frequency,
        coalesce(sum(net) filter (where valued and placed_at >= %(window_from)s), 0) as monetary,
        max(placed_at) filter (where counted and placed_at >= %(window_from)s) as last_at,
        count(*) filter (where counted) as lifetime_orders,
        coalesce(sum(net) filter (where valued), 0) as lifetime_net,
        min(placed_at) filter (where counted) as first_at,
        (array_agg(placed_at order by placed_at) filter (where counted))[2] as second_at,
        max(placed_at) filter (where counted) as latest_at
    from orders_order
    where store_id = %(store_id)s
        and placed_at < %(until)s
        and customer_id is not null
        and (%(customer_ids)s::bigint[] is null or customer_id = any(%(customer_ids)s::bigint[]))
    group by customer_id
),
told as (
    select orders.customer_id, max(event.at) as last_at
    from orders_orderevent as event
    join orders_order as orders on orders.id = event.order_id
    where orders.store_id = %(store_id)s
        and orders.customer_id is not null
        and (%(customer_ids)s::bigint[] is null or orders.customer_id = any(%(customer_ids)s::bigint[]))
        and (%(customer_ids)s::bigint[] is null or event.order_id = any(array(
            select id from orders_order
            where store_id = %(store_id)s and customer_id = any(%(customer_ids)s::bigint[])
        )))
    group by orders.customer_id
),
fresh as (
    select
        customer.id as customer_id,
        coalesce(totals.frequency, 0)::int as frequency,
        coalesce(totals.monetary, 0)::bigint as monetary,
        (totals.last_at at time zone %(timezone)s)::date as last_on,
        coalesce(totals.lifetime_orders, 0)::int as lifetime_orders,
        coalesce(totals.lifetime_net, 0)::bigint as lifetime_net,
        (totals.first_at at time zone %(timezone)s)::date as first_on,
        (totals.second_at at time zone %(timezone)s)::date as second_on,
        (totals.latest_at at time zone %(timezone)s)::date as latest_on,
        (told.last_at at time zone %(timezone)s)::date as last_contact_on
    from orders_customer as customer
    left join totals on totals.customer_id = customer.id
    left join told on told.customer_id = customer.id
    where customer.store_id = %(store_id)s
        and (%(customer_ids)s::bigint[] is null or customer.id = any(%(customer_ids)s::bigint[]))
),
waiting as (
    insert into segments_freshfigures (
        customer_id, store_id, frequency, monetary, last_on,
        lifetime_orders, lifetime_net, first_on, second_on, due_on, last_contact_on
    )
    select
        fresh.customer_id, %(store_id)s, fresh.frequency, fresh.monetary, fresh.last_on,
        fresh.lifetime_orders, fresh.lifetime_net, fresh.first_on, fresh.second_on,
        next.due_on, fresh.last_contact_on
    from fresh
    left join segments_customerstats as kept on kept.customer_id = fresh.customer_id
        and (%(customer_ids)s::bigint[] is null or kept.customer_id = any(%(customer_ids)s::bigint[]))
    cross join lateral (
        -- the gap is brought up to date at night (refresh_cadence.sql), the day it leads to at once
        select case when fresh.lifetime_orders >= 3 then fresh.latest_on + ceil(kept.gap_days)::int end as due_on
    ) as next
    where kept.customer_id is null
        or (
            kept.frequency, kept.monetary, kept.last_on,
            kept.lifetime_orders, kept.lifetime_net, kept.first_on, kept.second_on, kept.due_on,
            kept.last_contact_on
        ) is distinct from (
            fresh.frequency, fresh.monetary, fresh.last_on,
            fresh.lifetime_orders, fresh.lifetime_net, fresh.first_on, fresh.second_on, next.due_on,
            fresh.last_contact_on
        )
    returning 1
),
gone as (
    delete from segments_customerstats as kept
    where kept.customer_id = any(array(
        select known.customer_id
        from segments_customerstats as known
        where known.store_id = %(store_id)s
            and (%(customer_ids)s::bigint[] is null or known.customer_id = any(%(customer_ids)s::bigint[]))
            and not exists (select from fresh where fresh.customer_id = known.customer_id)
    ))
    returning 1
)
select
    (select count(*) from fresh) as recomputed,
    (select count(*) from waiting) + (select count(*) from gone) as written
