-- Makes credit notes the refunds of the orders they name.
-- Grain: one row per refund. Source: orders. Parameters: note_ids, order_ids (of equal length).
insert into orders_refund (order_id, external_id, amount, refunded_at, reason, source_digest)
select due.order_id, note.external_id, -note.total, note.placed_at, '', coalesce(note.source_digest, '')
from unnest(%(note_ids)s::bigint[], %(order_ids)s::bigint[]) as due (note_id, order_id)
join orders_order as note on note.id = due.note_id
on conflict (order_id, external_id) do update set
    amount = excluded.amount,
    refunded_at = excluded.refunded_at,
    source_digest = excluded.source_digest
