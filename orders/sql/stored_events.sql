-- The events of some orders that sources told (those with a channel were told to the customer by us).
-- Grain: one row per event. Source: order events. Parameters: order_ids.
select order_id, kind, at
from orders_orderevent
where order_id = any(%(order_ids)s) and channel = '' and text = ''
order by order_id, id
