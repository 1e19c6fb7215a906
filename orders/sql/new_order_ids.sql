-- Ids for new orders, taken from their sequence.
-- Grain: one row an id. Parameters: count.
select nextval(pg_get_serial_sequence('orders_order', 'id')) as id from generate_series(1, %(count)s)
