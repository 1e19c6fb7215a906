-- The products that lines name.
-- Grain: one row a product. Source: products. Parameters: store_id, external_ids (JSON array).
select id, external_id, title, category, titled_at
from orders_product
where store_id = %(store_id)s and external_id = any(array(select jsonb_array_elements_text(%(external_ids)s::jsonb)))
