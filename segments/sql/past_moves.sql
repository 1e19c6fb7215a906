-- Moves that lead from where earlier refreshes left people to where they stood on a past day.
-- Grain: one row per customer who stood elsewhere; written into segments_move. Sources: past_scores,
-- segments_move.
-- Parameters: refresh_id: whose moves they are; earlier_ids: the refreshes before it, in their order.
with stood as (
    select distinct on (move.customer_id) move.customer_id, move.after_id as segment_id
    from unnest(%(earlier_ids)s::bigint[]) with ordinality as earlier (refresh_id, place)
    join segments_move as move on move.refresh_id = earlier.refresh_id
    order by move.customer_id, earlier.place desc
)
insert into segments_move (refresh_id, customer_id, before_id, after_id)
select %(refresh_id)s, customer_id, stood.segment_id, now.segment_id
from stood
full join past_scores as now using (customer_id)
where stood.segment_id is distinct from now.segment_id
