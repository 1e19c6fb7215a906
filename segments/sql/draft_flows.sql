-- Where a draft of a scheme would take people from the segment they are in.
-- Grain: one row a segment now (NULL: none) and a segment then (NULL: none), also where the two are the same.
-- `examples`: ids of up to three who would move: of each third of them, drawn by id, the one with the most
-- revenue. The three with the most of all would take a sort of everybody, longer than all the rest.
-- Sources: past_scores (past_scores.sql), segments_customerstats. Parameters: store_id.
with placed as (
    select
        stats.segment_id as before_id,
        scored.segment_id as after_id,
        scored.customer_id %% 3 as third,
        stats.segment_id is distinct from scored.segment_id as moves,
        array[scored.monetary, scored.customer_id] as worth
    from past_scores as scored
    left join segments_customerstats as stats
        on stats.customer_id = scored.customer_id and stats.store_id = %(store_id)s
)
select
    before_id,
    after_id,
    count(*)::int as customers,
    array_remove(array[
        (max(worth) filter (where moves and third = 0))[2],
        (max(worth) filter (where moves and third = 1))[2],
        (max(worth) filter (where moves and third = 2))[2]
    ], null) as examples
from placed
group by before_id, after_id
order by customers desc, before_id, after_id
