-- Grain: one row of segments_lapsemonth per month in which somebody lapsed or was won back.
-- Source: retention_lapse. Parameters: store_id.
with happened as (
    select date_trunc('month', lapsed_on)::date as month, 1 as lapsed, 0 as won_back
    from pg_temp.retention_lapse
    union all
    select date_trunc('month', back_on)::date, 0, 1
    from pg_temp.retention_lapse
    where back_on is not null
)
insert into segments_lapsemonth (store_id, month, lapsed, won_back)
select %(store_id)s, month, sum(lapsed), sum(won_back)
from happened
group by month
order by month
