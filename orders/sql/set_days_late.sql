-- Grain: one row of orders_order whose lateness is not what the store's time zone makes it.
-- Sources: orders_order, accounts_store. Parameters: store_id. The table's trigger computes the column.
update orders_order
set promised_on = orders_order.promised_on
from accounts_store
where
    orders_order.store_id = %(store_id)s
    and accounts_store.id = orders_order.store_id
    and orders_order.promised_on is not null
    and orders_order.delivered_at is not null
    and orders_order.days_late is distinct from greatest(-32000, least(32000,
        (orders_order.delivered_at at time zone accounts_store.timezone)::date - orders_order.promised_on
    ))
