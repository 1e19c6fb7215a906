-- The customers that buyers may be: by id at the shop, by e-mail, by phone; with when they first and last ordered.
-- Grain: one row a customer. Sources: customers, orders. Parameters: store_id, and external_ids,
-- emails, phones (JSON arrays). Dates in microseconds since 1970: numbers are read faster than moments.
-- Three lookups by index rather than one condition with «or», which would be planned as a scan of the store. The
-- dates of all of them in one pass: a subquery each, planned on statistics that a bulk load has left behind, was
-- seen to read the store's orders once a customer.
with by_identity as materialized (
    select id from orders_customer where store_id = %(store_id)s and external_id = any(array(select jsonb_array_elements_text(%(external_ids)s::jsonb)))
    union
    select id from orders_customer where store_id = %(store_id)s and email = any(array(select jsonb_array_elements_text(%(emails)s::jsonb))) and email <> ''
    union
    select id from orders_customer where store_id = %(store_id)s and phone = any(array(select jsonb_array_elements_text(%(phones)s::jsonb))) and phone <> ''
),
placed as (
    select
        customer_id,
        (extract(epoch from min(placed_at)) * 1000000)::bigint as first_order_us,
        (extract(epoch from max(placed_at)) * 1000000)::bigint as last_order_us
    from orders_order
    where store_id = %(store_id)s and customer_id = any(array(select id from by_identity))
    group by customer_id
)
select
    id, external_id, email, phone, name, country, tags, note, accepts_email, accepts_sms,
    first_seen_as_guest, registered_at, details_at,
    first_order_us, last_order_us
from by_identity
join orders_customer using (id)
left join placed on placed.customer_id = id
