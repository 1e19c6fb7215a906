-- Statistics of every customer as they are kept, where a draft of a scheme finds them.
-- Grain: one row a customer of the store; a table that lasts until the end of the transaction, the same as
-- past_statistics.sql makes from the orders. Source: segments_customerstats. Parameters: store_id.
create temporary table past_statistics on commit drop as
select customer_id, frequency, monetary, last_on
from segments_customerstats
where store_id = %(store_id)s
