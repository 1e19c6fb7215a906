-- Customers of whom an order that says nothing but their id tells nothing new: registered by then, never a guest.
-- Grain: one row a customer. Source: customers. Parameters: store_id, external_ids (text of an array), since.
select external_id, id
from orders_customer
where
    store_id = %(store_id)s
    and external_id = any(%(external_ids)s::text[])
    and not first_seen_as_guest
    and registered_at <= %(since)s
