-- Where customers that changed wait to be merged; empty at every commit.
create temporary table if not exists staged_customer on commit delete rows as
select
    id, external_id, email, phone, name, country, tags, note, accepts_email, accepts_sms,
    first_seen_as_guest, registered_at, details_at
from orders_customer
with no data
