-- Ids for new customers, taken from their sequence.
-- Grain: one row an id. Parameters: count.
select nextval(pg_get_serial_sequence('orders_customer', 'id')) as id from generate_series(1, %(count)s)
