-- Everybody as they are now, for a draft of a scheme over another window.
-- Grain: one row per customer of the store; a view that lasts until the end of the transaction.
-- Sources: past_statistics (past_statistics.sql, over that window), segments_customerstats. Parameters: store_id.
create temporary view draft_people as
select past.customer_id, stats.segment_id, past.frequency, past.monetary, past.last_on
from past_statistics as past
left join segments_customerstats as stats
    on stats.customer_id = past.customer_id and stats.store_id = %(store_id)s
