-- New products.
-- Grain: one row per product: its id at the shop and its id. Parameters: store_id; external_ids, titles, categories,
-- titled_ats (arrays of equal length).
insert into orders_product (store_id, external_id, title, category, titled_at)
select %(store_id)s, said.external_id, said.title, said.category, said.titled_at
from unnest(%(external_ids)s::text[], %(titles)s::text[], %(categories)s::text[], %(titled_ats)s::timestamptz[])
    as said (external_id, title, category, titled_at)
returning external_id, id
