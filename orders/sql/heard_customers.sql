-- Customers about whom orders with only id, name and country say nothing new: registered by then, never a guest.
-- Grain: one row per customer. Source: customers.
-- Parameters: store_id, external_ids (text of an array), since; telling_ids, names, countries (texts of arrays of one
-- length): the names and countries given, and of whom; a customer may have several.
select external_id, id
from orders_customer
where
    store_id = %(store_id)s
    and external_id = any(%(external_ids)s::text[])
    and not first_seen_as_guest
    and registered_at <= %(since)s
    and not exists (
        select
        from unnest(%(telling_ids)s::text[], %(names)s::text[], %(countries)s::text[]) as said (external_id, name, country)
        where
            said.external_id = orders_customer.external_id
            and not (said.name in ('', orders_customer.name) and said.country in ('', orders_customer.country))
    )
