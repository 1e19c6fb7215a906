-- Where customers stood at one refresh and at a later one, for those who stood elsewhere.
-- Grain: one row a pair of segments (NULL: no segment). Source: segments_move.
-- Parameters: refresh_ids: the refreshes after the earlier one, up to and with the later, in the order of their
-- moves.
with steps as (
    select
        move.customer_id,
        (array_agg(move.before_id order by step.place))[1] as before_id,
        (array_agg(move.after_id order by step.place desc))[1] as after_id
    from unnest(%(refresh_ids)s::bigint[]) with ordinality as step (refresh_id, place)
    join segments_move as move on move.refresh_id = step.refresh_id
    group by move.customer_id
)
select before_id, after_id, count(*)::int as customers
from steps
where before_id is distinct from after_id
group by before_id, after_id
order by customers desc, before_id, after_id
