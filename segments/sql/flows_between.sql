-- Where customers stood at one refresh and at a later one, for those who stood elsewhere.
-- Grain: one row a pair of segments (NULL: no segment). Sources: segments_refresh, segments_move.
-- Parameters: store_id; after_id: the earlier refresh; until_id: the later one.
with steps as (
    select
        move.customer_id,
        (array_agg(move.before_id order by move.refresh_id))[1] as before_id,
        (array_agg(move.after_id order by move.refresh_id desc))[1] as after_id
    from segments_refresh as refresh
    join segments_move as move on move.refresh_id = refresh.id
    where refresh.store_id = %(store_id)s
        and refresh.id > %(after_id)s
        and refresh.id <= %(until_id)s
        and refresh.reason <> 'reconstructed'
    group by move.customer_id
)
select before_id, after_id, count(*)::int as customers
from steps
where before_id is distinct from after_id
group by before_id, after_id
order by customers desc, before_id, after_id
