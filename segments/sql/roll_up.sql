-- What dashboards read of a refresh: people, orders, revenue and recency by segment and by R x F cell.
-- Grain: one row a segment (`cell` false; r and f NULL) and one a pair of scores (`cell` true; segment_id
-- NULL). Source: segments_customerstats, read once.
-- Parameters: store_id; as_of: the day recency is counted to.
select
    grouping(segment_id) = 1 as cell,
    segment_id,
    r,
    f,
    count(*)::int as customers,
    sum(frequency)::bigint as orders,
    sum(monetary)::bigint as revenue,
    coalesce(sum(%(as_of)s::date - last_on), 0)::bigint as recency_days
from segments_customerstats
where store_id = %(store_id)s
group by grouping sets ((segment_id), (r, f))
