-- What dashboards read of a past day: people, orders, revenue and recency by segment and by R x F cell.
-- Grain: one row per segment (`cell` false; r and f NULL) and one per pair of scores (`cell` true; segment_id
-- NULL). Source: past_scores. Parameters: as_of: the day recency is counted to.
select
    grouping(segment_id) = 1 as cell,
    segment_id,
    r,
    f,
    count(*)::int as customers,
    sum(frequency)::bigint as orders,
    sum(monetary)::bigint as revenue,
    coalesce(sum(%(as_of)s::date - last_on), 0)::bigint as recency_days
from past_scores
group by grouping sets ((segment_id), (r, f))
