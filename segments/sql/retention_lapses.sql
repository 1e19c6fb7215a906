-- Every lapse of a customer: the day their silence grew longer than their limit, and the day it ended.
-- Grain: one row per lapse; back_on NULL: it lasts. It lasts until the end of the transaction, or until it is made
-- again within one.
-- Source: retention_order. Parameters: as_of: the last day looked at; median_gap, long_gap: the store's median and
-- 90th percentile of gaps in days (NULL: nobody ever came back, and so nobody counts as lapsed). A median is the
-- shortest gap that half of them don't exceed.
drop table if exists pg_temp.retention_lapse;

create temporary table retention_lapse on commit drop as
with medians as (
    select customer_id, percentile_disc(0.5) within group (order by next_day - day) as gap
    from pg_temp.retention_order
    where next_day is not null
    group by customer_id
),
silences as (
    select
        orders.customer_id,
        orders.day,
        orders.next_day,
        case
            when medians.gap is null then %(long_gap)s::int
            else greatest(2 * medians.gap, %(median_gap)s::int)
        end as silence_limit
    from pg_temp.retention_order as orders
    left join medians on medians.customer_id = orders.customer_id
)
select customer_id, day + silence_limit + 1 as lapsed_on, next_day as back_on
from silences
where coalesce(next_day, %(as_of)s) - day > silence_limit
