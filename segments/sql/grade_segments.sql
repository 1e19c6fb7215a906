-- What the people of each segment did after the day they were scored as of.
-- Grain: one row per segment that had scored customers, and one of all of them (`everybody`; segment_id NULL).
-- The median is of people, those without an order after the day at 0; the lower of two middle ones.
-- Sources: past_scores (past_scores.sql), outcomes (outcomes.sql). No parameters.
select
    grouping(scored.segment_id) = 1 as everybody,
    scored.segment_id,
    count(*)::int as customers,
    count(*) filter (where outcomes.orders > 0)::int as buyers,
    coalesce(sum(outcomes.spend), 0)::bigint as spend,
    coalesce(percentile_disc(0.5) within group (order by coalesce(outcomes.spend, 0)), 0)::bigint as median_spend
from past_scores as scored
left join outcomes on outcomes.customer_id = scored.customer_id
where scored.r > 0
group by grouping sets ((scored.segment_id), ())
