-- Keeps everybody's statistics as of a past day, and what they ordered since, to grade drafts of a scheme on.
-- Grain: one row of segments_asofstats per customer scored as of that day. Only rows that differ are written:
-- from one night to the next, those of the people who ordered.
-- Source: draft_people (draft_past_window.sql). Parameters: store_id.
merge into segments_asofstats as kept
using draft_people as fresh on kept.store_id = %(store_id)s and kept.customer_id = fresh.customer_id
when matched and (
    kept.frequency, kept.monetary, kept.last_on, kept.orders_since, kept.spend_since
) is distinct from (
    fresh.frequency, fresh.monetary, fresh.last_on, fresh.orders_since, fresh.spend_since
) then update set
    frequency = fresh.frequency,
    monetary = fresh.monetary,
    last_on = fresh.last_on,
    orders_since = fresh.orders_since,
    spend_since = fresh.spend_since
when not matched then insert (
    customer_id, store_id, frequency, monetary, last_on, orders_since, spend_since
) values (
    fresh.customer_id, %(store_id)s, fresh.frequency, fresh.monetary, fresh.last_on,
    fresh.orders_since, fresh.spend_since
)
when not matched by source and kept.store_id = %(store_id)s then delete
