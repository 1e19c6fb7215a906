-- Titles and categories as newer documents have them.
-- Grain: one row per product. Parameters: ids, titles, categories, titled_ats (arrays of equal length).
update orders_product
set title = said.title, category = said.category, titled_at = said.titled_at
from unnest(%(ids)s::bigint[], %(titles)s::text[], %(categories)s::text[], %(titled_ats)s::timestamptz[])
    as said (id, title, category, titled_at)
where orders_product.id = said.id
