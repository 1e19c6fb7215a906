-- Gives a guest's orders to the registered customer they turned out to be.
-- Grain: one row per order. Source: orders. Parameters: store_id, guest_id, customer_id.
update orders_order
set customer_id = %(customer_id)s
where store_id = %(store_id)s and customer_id = %(guest_id)s
