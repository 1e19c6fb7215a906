-- The customers that buyers may be: by id at the shop, by e-mail, by phone.
-- Grain: one row a customer. Source: customers. Parameters: store_id, external_ids, emails, phones.
-- Three lookups by index rather than one condition with «or», which would be planned as a scan of the store.
with by_identity as (
    select id from orders_customer where store_id = %(store_id)s and external_id = any(%(external_ids)s)
    union
    select id from orders_customer where store_id = %(store_id)s and email = any(%(emails)s) and email <> ''
    union
    select id from orders_customer where store_id = %(store_id)s and phone = any(%(phones)s) and phone <> ''
)
select
    id, external_id, email, phone, name, country, tags, note, accepts_email, accepts_sms,
    first_seen_as_guest, registered_at, details_at,
    placed.first_order_at, placed.last_order_at
from orders_customer
cross join lateral (
    select min(own.placed_at) as first_order_at, max(own.placed_at) as last_order_at
    from (
        select placed_at
        from orders_order
        where orders_order.store_id = %(store_id)s and orders_order.customer_id = orders_customer.id
        offset 0  -- else min and max are each sought along the index by date, past everybody else's orders
    ) as own
) as placed
where id in (select id from by_identity)
