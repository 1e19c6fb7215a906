-- Grain: one row of segments_lapsemonth a month in which somebody lapsed or was won back.
-- Source: retention_order. Parameters: store_id; as_of: the last day looked at; median_gap, long_gap: the store's
-- median and 90th percentile of gaps in days (NULL: nobody ever came back, and nobody is said to have lapsed).
-- A median is the shortest gap that half of them don't exceed.
with medians as (
    select customer_id, percentile_disc(0.5) within group (order by next_day - day) as gap
    from pg_temp.retention_order
    where next_day is not null
    group by customer_id
),
silences as (
    select
        orders.day,
        orders.next_day,
        case
            when medians.gap is null then %(long_gap)s::int
            else greatest(2 * medians.gap, %(median_gap)s::int)
        end as silence_limit
    from pg_temp.retention_order as orders
    left join medians on medians.customer_id = orders.customer_id
),
lapses as (
    select day + silence_limit + 1 as lapsed_on, next_day
    from silences
    where coalesce(next_day, %(as_of)s) - day > silence_limit
),
happened as (
    select date_trunc('month', lapsed_on)::date as month, 1 as lapsed, 0 as won_back
    from lapses
    union all
    select date_trunc('month', next_day)::date, 0, 1
    from lapses
    where next_day is not null
)
insert into segments_lapsemonth (store_id, month, lapsed, won_back)
select %(store_id)s, month, sum(lapsed), sum(won_back)
from happened
group by month
order by month
