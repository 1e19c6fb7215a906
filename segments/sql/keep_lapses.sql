-- Grain: one row of segments_customerlapse per customer, month from `since` on, and whether they lapsed or were won
-- back in it. Only rows that differ are written.
-- Source: retention_lapse. Parameters: store_id; since: the first day of a month.
with happened as (
    select customer_id, date_trunc('month', lapsed_on)::date as month, false as won_back
    from pg_temp.retention_lapse
    where lapsed_on >= %(since)s
    union all
    select customer_id, date_trunc('month', back_on)::date, true
    from pg_temp.retention_lapse
    where back_on >= %(since)s
),
fresh as (
    select customer_id, month, won_back, count(*)::smallint as times
    from happened
    group by customer_id, month, won_back
)
merge into segments_customerlapse as kept
using fresh on kept.store_id = %(store_id)s
    and kept.customer_id = fresh.customer_id
    and kept.month = fresh.month
    and kept.won_back = fresh.won_back
when matched and kept.times <> fresh.times then update set times = fresh.times
when not matched then insert (customer_id, store_id, month, won_back, times)
    values (fresh.customer_id, %(store_id)s, fresh.month, fresh.won_back, fresh.times)
when not matched by source and kept.store_id = %(store_id)s then delete
