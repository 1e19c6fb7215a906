-- Where customers stood at one refresh and at a later one, for those who stood elsewhere.
-- Grain: one row per pair of segments (NULL: no segment). Source: segments_move.
-- Parameters: refresh_ids: the refreshes after the earlier one, up to and including the later, in the order of their
-- moves.
-- The place of a move in that order and a segment are one number, so that the least of a customer's has the segment
-- they first left and the greatest the one they last came to: half the time of sorting each customer's moves.
with steps as (
    select
        min((step.place << 40) + coalesce(move.before_id, 0)) as first,
        max((step.place << 40) + coalesce(move.after_id, 0)) as last
    from unnest(%(refresh_ids)s::bigint[]) with ordinality as step (refresh_id, place)
    join segments_move as move on move.refresh_id = step.refresh_id
    group by move.customer_id
),
ends as (
    select nullif(first & ((1::bigint << 40) - 1), 0) as before_id, nullif(last & ((1::bigint << 40) - 1), 0) as after_id
    from steps
)
select before_id, after_id, count(*)::int as customers
from ends
where before_id is distinct from after_id
group by before_id, after_id
order by customers desc, before_id, after_id
