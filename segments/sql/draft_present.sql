-- Everybody as they are now, for a draft of a scheme over the same window.
-- Grain: one row per customer of the store; a view that lasts until the end of the transaction.
-- Source: segments_customerstats. Parameters: store_id.
create temporary view draft_people as
select customer_id, segment_id, frequency, monetary, last_on
from segments_customerstats
where store_id = %(store_id)s
