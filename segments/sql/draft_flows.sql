-- Where a draft of a scheme would take people from the segment they are in.
-- Grain: one row a segment now (NULL: none) and a segment then (NULL: none), also where the two are the same.
-- `examples`: of those who would move, the ids of the customers with the most revenue, up to so many.
-- Sources: past_scores (past_scores.sql), segments_customerstats. Parameters: store_id; examples.
select
    stats.segment_id as before_id,
    scored.segment_id as after_id,
    count(*)::int as customers,
    (
        array_agg(scored.customer_id order by scored.monetary desc, scored.customer_id)
        filter (where stats.segment_id is distinct from scored.segment_id)
    )[1:%(examples)s::int] as examples
from past_scores as scored
left join segments_customerstats as stats
    on stats.customer_id = scored.customer_id and stats.store_id = %(store_id)s
group by stats.segment_id, scored.segment_id
order by customers desc, before_id, after_id
