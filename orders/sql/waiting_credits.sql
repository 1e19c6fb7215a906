-- Whether credit notes of the store wait for the order they name.
-- Grain: one row. Source: orders. Parameters: store_id.
select exists(select from orders_order where store_id = %(store_id)s and credits <> '') as are_there
