-- Everybody with an order by a past day with what they ordered since: to be kept for the drafts over the same window,
-- or for a draft over another.
-- Grain: one row per customer; a view that lasts until the end of the transaction.
-- Sources: past_statistics (past_statistics.sql, over the window), outcomes (outcomes.sql). No parameters.
create temporary view draft_people as
select
    past.customer_id,
    past.frequency,
    past.monetary,
    past.last_on,
    coalesce(outcomes.orders, 0) as orders_since,
    coalesce(outcomes.spend, 0) as spend_since
from past_statistics as past
left join outcomes on outcomes.customer_id = past.customer_id
where past.frequency > 0
