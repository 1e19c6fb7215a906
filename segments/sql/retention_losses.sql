-- Grain: one row: how many customers have a net below zero, and the sum of it.
-- Source: segments_customerstats. Parameters: store_id.
select count(*) as customers, coalesce(sum(monetary), 0)::bigint as net
from segments_customerstats
where store_id = %(store_id)s and frequency > 0 and monetary < 0
