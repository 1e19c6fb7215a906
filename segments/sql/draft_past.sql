-- Everybody scored as of the kept past day with what they ordered since, for a draft over the same window.
-- Grain: one row per customer; a view that lasts until the end of the transaction. Source: segments_asofstats.
-- Parameters: store_id.
create temporary view draft_people as
select customer_id, frequency, monetary, last_on, orders_since, spend_since
from segments_asofstats
where store_id = %(store_id)s
