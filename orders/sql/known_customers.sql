-- The customers that buyers may be: by id at the shop, by e-mail, by phone.
-- Grain: one row per customer and way in which it is found. Source: customers.
-- Parameters: store_id, and external_ids, emails, phones (texts of arrays). Moments in microseconds since 1970: numbers are read faster. Three lookups by index rather than one
-- condition with «or», which would be planned as a scan of the store.
with by_identity as (
    select * from orders_customer where store_id = %(store_id)s and external_id = any(%(external_ids)s::text[])
    union all
    select * from orders_customer where store_id = %(store_id)s and email = any(%(emails)s::text[]) and email <> ''
    union all
    select * from orders_customer where store_id = %(store_id)s and phone = any(%(phones)s::text[]) and phone <> ''
)

select
    id, external_id, email, phone, name, country, tags, note, accepts_email, accepts_sms,
    first_seen_as_guest,
    (extract(epoch from registered_at) * 1000000)::bigint as registered_us,
    (extract(epoch from details_at) * 1000000)::bigint as details_us
from by_identity
