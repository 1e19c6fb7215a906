-- Grain: one row of segments_deliveryreturn per outcome of the first order's delivery that somebody had.
-- Sources: retention_customer, retention_order. Parameters: store_id; timezone: it decides the day; as_of: the
-- last day looked at, not counted as over; return_days: how long after the day of delivery an order is a return.
with judged as (
    select
        customer_id,
        days_late,
        (delivered_at at time zone %(timezone)s)::date as delivered_on
    from pg_temp.retention_customer
    where days_late is not null
),
outcomes as (
    select
        case when days_late <= 0 then 'kept' when days_late <= 3 then 'late' else 'very_late' end as outcome,
        exists (
            select
            from pg_temp.retention_order as orders
            where orders.customer_id = judged.customer_id
                and orders.day > judged.delivered_on
                and orders.day <= judged.delivered_on + %(return_days)s
        ) as returned
    from judged
    where delivered_on + %(return_days)s < %(as_of)s
)
insert into segments_deliveryreturn (store_id, outcome, customers, returned)
select %(store_id)s, outcome, count(*), count(*) filter (where returned)
from outcomes
group by outcome
order by outcome
