-- The moves of the first refresh after a reconstructed past, made to lead on from that past rather than from
-- nowhere: where people stood after the refresh stays as it was.
-- Grain: one row per customer who stood elsewhere; written into segments_move, the refresh's own rows having been
-- taken out before. Sources: segments_move, first_standing (first_standing.sql).
-- Parameters: refresh_id: the refresh; past_ids: the reconstructed refreshes, in their order.
with past as (
    select distinct on (move.customer_id) move.customer_id, move.after_id as segment_id
    from unnest(%(past_ids)s::bigint[]) with ordinality as earlier (refresh_id, place)
    join segments_move as move on move.refresh_id = earlier.refresh_id
    order by move.customer_id, earlier.place desc
)
insert into segments_move (refresh_id, customer_id, before_id, after_id)
select %(refresh_id)s, customer_id, past.segment_id, first.segment_id
from past
full join first_standing as first using (customer_id)
where past.segment_id is distinct from first.segment_id
