-- Customers of whom orders that say their id, name and country alone tell nothing new: registered by then, never a guest.
-- Grain: one row a customer. Source: customers.
-- Parameters: store_id; external_ids, names, countries (texts of arrays of one length: a row is what one buyer says;
-- a customer may be there more than once); since.
with said as (
    select external_id, name, country
    from unnest(%(external_ids)s::text[], %(names)s::text[], %(countries)s::text[]) as buyer (external_id, name, country)
)

select said.external_id, min(orders_customer.id) as id
from said
join orders_customer on orders_customer.store_id = %(store_id)s and orders_customer.external_id = said.external_id
where not orders_customer.first_seen_as_guest and orders_customer.registered_at <= %(since)s
group by said.external_id
having bool_and(said.name in ('', orders_customer.name) and said.country in ('', orders_customer.country))
