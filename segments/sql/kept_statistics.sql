-- Statistics of every customer scored as of the kept past day, where a draft of a scheme finds them.
-- Grain: one row a customer; a table that lasts until the end of the transaction, the same as
-- past_statistics.sql makes from the orders, without those who had none. Source: segments_asofstats.
-- Parameters: store_id.
create temporary table past_statistics on commit drop as
select customer_id, frequency, monetary, last_on
from segments_asofstats
where store_id = %(store_id)s
