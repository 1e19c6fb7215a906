-- Credit notes whose order exists: by the ids of the notes, or of orders just written.
-- Grain: one row per credit note. Source: orders. Parameters: store_id, external_ids.
select note.id as note_id, credited.id as order_id, credited.customer_id
from orders_order as note
join orders_order as credited
    on credited.store_id = note.store_id and credited.external_id = note.credits and credited.id <> note.id
where
    note.store_id = %(store_id)s
    and note.credits <> ''
    and note.total < 0
    and (note.credits = any(%(external_ids)s) or note.external_id = any(%(external_ids)s))
