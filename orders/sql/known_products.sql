-- The products that lines name.
-- Grain: one row per product. Source: products. Parameters: store_id, external_ids (text of an array).
select id, external_id, title, category, titled_at
from orders_product
where store_id = %(store_id)s and external_id = any(%(external_ids)s::text[])
