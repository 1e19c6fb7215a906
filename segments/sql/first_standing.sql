-- Where people stood after a refresh, found by following the moves up to it.
-- Grain: one row per customer who ever moved; a table that lasts until the end of the transaction.
-- Source: segments_move. Parameters: refresh_ids: the chain up to and including the refresh, in its order.
create temporary table first_standing on commit drop as
select distinct on (move.customer_id) move.customer_id, move.after_id as segment_id
from unnest(%(refresh_ids)s::bigint[]) with ordinality as link (refresh_id, place)
join segments_move as move on move.refresh_id = link.refresh_id
order by move.customer_id, link.place desc
