-- Grain: one row of segments_ordergap per number of an order (10: and later) and days to the next (1,000: or more).
-- Source: retention_order. Parameters: store_id.
insert into segments_ordergap (store_id, number, days, gaps)
select %(store_id)s, least(number, 10), least(next_day - day, 1000), count(*)
from pg_temp.retention_order
where next_day is not null
group by least(number, 10), least(next_day - day, 1000)
order by least(number, 10), least(next_day - day, 1000)
