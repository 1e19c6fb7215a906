-- Brings changed customers up to date.
-- Grain: one row per staged customer. Source: staged_customer. No parameters.
update orders_customer
set
    external_id = staged_customer.external_id,
    email = staged_customer.email,
    phone = staged_customer.phone,
    name = staged_customer.name,
    country = staged_customer.country,
    tags = staged_customer.tags,
    note = staged_customer.note,
    accepts_email = staged_customer.accepts_email,
    accepts_sms = staged_customer.accepts_sms,
    first_seen_as_guest = staged_customer.first_seen_as_guest,
    registered_at = staged_customer.registered_at,
    details_at = staged_customer.details_at
from staged_customer
where orders_customer.id = staged_customer.id
