-- What dashboards read of a refresh: people, orders, revenue and recency by segment and by R x F cell.
-- Grain: one row per segment (`cell` false; r and f NULL) and one per pair of scores (`cell` true; segment_id
-- NULL). Source: segments_standingtally, where whoever has scores has the day of a last order.
-- Parameters: store_id; day: the ordinal of the day recency is counted to.
select
    grouping(segment_id) = 1 as cell,
    segment_id,
    r,
    f,
    sum(customers)::int as customers,
    sum(orders)::bigint as orders,
    sum(revenue)::bigint as revenue,
    coalesce(sum(customers::bigint * %(day)s::bigint - last_days) filter (where r > 0), 0)::bigint as recency_days
from segments_standingtally
where store_id = %(store_id)s and customers > 0
group by grouping sets ((segment_id), (r, f))
