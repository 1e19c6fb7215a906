-- Ids for new orders, taken from their sequence. Its name is looked up once, which costs more than taking an id.
-- Grain: one row: the ids. Parameters: count.
with sequence as materialized (
    select pg_get_serial_sequence('orders_order', 'id')::regclass as name
)

select coalesce(array_agg(nextval(sequence.name)), '{}') as ids
from sequence
cross join generate_series(1, %(count)s)
