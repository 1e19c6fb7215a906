-- Grain: one row of segments_gapsummary per number of an order; 0 is all of them.
-- Source: segments_ordergap. Parameters: store_id.
with gaps as (
    select number, days, gaps from segments_ordergap where store_id = %(store_id)s
    union all
    select 0, days, sum(gaps) from segments_ordergap where store_id = %(store_id)s group by days
),
running as (
    select
        number,
        days,
        sum(gaps) over (partition by number order by days) as up_to,
        sum(gaps) over (partition by number) as whole
    from gaps
)
insert into segments_gapsummary (store_id, number, gaps, median, long)
select
    %(store_id)s,
    number,
    max(whole),
    min(days) filter (where up_to * 2 >= whole),
    min(days) filter (where up_to * 10 >= whole * 9)
from running
group by number
order by number
