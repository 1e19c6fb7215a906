-- Grain: one row of orders_deliverymonth per store, local month of the order, carrier and outcome of delivery.
-- Only rows that differ are written. Sources: orders_order that stand, accounts_store (its zone decides the month).
-- Parameters: store_id; months (date[]): first days of the local months to make again; other months stay.
with measured as (
    select
        period.month,
        orders_order.carrier,
        orders_order.promised_on is not null as promised,
        orders_order.delivered_at is not null as delivered,
        -- greatest and least ignore NULL: unknown has to stay unknown
        case when orders_order.days_late is not null then greatest(-30, least(90, orders_order.days_late)) end
            as days_late,
        count(*) as orders
    from unnest(%(months)s::date[]) as period (month)
    join accounts_store on accounts_store.id = %(store_id)s
    -- The index finds the month in UTC and a day on either side; the store's time zone then decides what is in it.
    join orders_order
        on
            orders_order.store_id = %(store_id)s
            and orders_order.placed_at >= (period.month - interval '1 day') at time zone 'UTC'
            and orders_order.placed_at < (period.month + interval '1 month 1 day') at time zone 'UTC'
            and date_trunc('month', orders_order.placed_at at time zone accounts_store.timezone) = period.month
    where orders_order.status in ('pending', 'paid') and orders_order.total >= 0
    group by 1, 2, 3, 4, 5
)

merge into orders_deliverymonth as kept
using measured as made
    on
        kept.store_id = %(store_id)s
        and kept.month = made.month
        and kept.carrier = made.carrier
        and kept.promised = made.promised
        and kept.delivered = made.delivered
        and coalesce(kept.days_late, 32000) = coalesce(made.days_late, 32000)
when matched and kept.orders <> made.orders then update set orders = made.orders
when not matched then insert (store_id, month, carrier, promised, delivered, days_late, orders)
values (
    %(store_id)s, made.month, made.carrier, made.promised, made.delivered, made.days_late, made.orders
)
when not matched by source
and kept.store_id = %(store_id)s
and kept.month = any(%(months)s::date[]) then delete
